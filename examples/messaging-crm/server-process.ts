import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '@kept/sdk';

/** A Kept server that runs as our child and ends with us. */
export interface ServerProcess {
  readonly address: string;
  /** A client with the local key; without an organisation it may only list and create them. */
  connect(organisation?: string): Client;
  /** Superuser's address of the embedded PostgreSQL, null where DATABASE_URL is used. */
  readonly databaseAdminUrl: string | null;
  readonly pid: number;
  /** Asks it to stop in order, a second time to stop at once. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves with its exit code when it is gone. */
  readonly ended: Promise<number | null>;
}

/** The server ended before it was ready; `message` is what it said. */
export class ServerDidNotStart extends Error {
  constructor(said: string) {
    super(said);
    this.name = 'ServerDidNotStart';
  }
}

const program = join(import.meta.dirname, '..', '..', 'server', 'main.ts');

/**
 * Starts the server and waits until it answers.
 * @param environment its whole environment, with an absolute KEPT_DATA_DIR
 * @param logFile where everything it writes is appended
 * @param onStarting is given the way to end it before it is ready
 * @throws ServerDidNotStart with the server's own words
 */
export async function startServer(
  environment: Readonly<Record<string, string | undefined>>,
  dataDirectory: string,
  logFile: string,
  onStarting: (kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<ServerProcess> {
  const log = openSync(logFile, 'a', 0o600);
  const before = fstatSync(log).size;
  // A process group of its own: Ctrl-C reaches us alone, and we pass it on once. Its end of the IPC channel closes
  // when we die in whatever way, and then it stops, too.
  const child = spawn(process.execPath, [program], {
    env: environment,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  onStarting((signal) => void child.kill(signal));
  await ready(child, ended, () => readFileSync(logFile).subarray(before).toString('utf8'));
  const note = readNote(dataDirectory);
  return {
    address: note.address,
    connect: (organisation) => createClient({ address: note.address, key: note.key, organisation }),
    databaseAdminUrl: note.databaseAdminUrl,
    pid: note.pid,
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

async function ready(child: ChildProcess, ended: Promise<number | null>, said: () => string): Promise<void> {
  const told = new Promise<'ready'>((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'ready' in message) resolve('ready');
    });
  });
  const first = await Promise.race([told, ended]);
  if (first !== 'ready') throw new ServerDidNotStart(wordsOf(said()));
}

/** What it said to people: log lines are JSON and are left out, unless there is nothing else. */
function wordsOf(output: string): string {
  const lines = output.trim().split('\n');
  const plain = lines.filter((line) => !line.startsWith('{'));
  return (plain.length > 0 ? plain : lines.slice(-5)).join('\n');
}

function readNote(dataDirectory: string) {
  const note: unknown = JSON.parse(readFileSync(join(dataDirectory, 'server.json'), 'utf8'));
  if (typeof note !== 'object' || note === null) throw new Error('server.json holds no object');
  const address = textOf(note, 'address');
  const keyFile = textOf(note, 'keyFile');
  if (address === undefined || keyFile === undefined || !('pid' in note) || typeof note.pid !== 'number')
    throw new Error('server.json lacks what a client needs');
  const key = readFileSync(keyFile, 'utf8').trim();
  return { address, key, pid: note.pid, databaseAdminUrl: textOf(note, 'databaseAdminUrl') ?? null };
}

function textOf(note: object, name: string): string | undefined {
  const value: unknown = Object.entries(note).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}
