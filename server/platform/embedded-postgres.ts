import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  commandFor,
  embeddedPostgresProblems,
  environmentFor,
  giveToPostgres,
  type Place,
  preparePlace,
} from './embedded-place.ts';
import { failuresOf } from './failure.ts';
import { type Found, findPostmaster, ownerMark, signal } from './postmaster.ts';

const fail = failuresOf(embeddedPostgresProblems);

/** A PostgreSQL that belongs to this process. */
export interface EmbeddedPostgres {
  /** Connection URL of the superuser for one database, understood by `pg` and by libpq. */
  url(database: string): string;
  readonly socketDirectory: string;
  /** Fast shutdown; resolves when the processes are gone. Safe to call twice. */
  stop(): Promise<void>;
  /** Ends it without waiting, for the exit of a process that cannot wait any more. */
  abandon(): void;
}

export interface EmbeddedOptions {
  /** Holds everything of the cluster; made when missing. */
  readonly dataDirectory: string;
  /** False for tests: nothing is flushed to disk. */
  readonly durable?: boolean;
  readonly maxConnections?: number;
  /** Told when PostgreSQL died by itself and when it is back, one sentence each. */
  readonly onTrouble?: (sentence: string) => void;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const LOG_LIMIT_BYTES = 5_000_000;
/** More deaths in one minute than this, and it is brought back more slowly: something is wrong. */
const RESTARTS_A_MINUTE = 5;
const SLOW_RESTART_MS = 10_000;

/**
 * Starts a real PostgreSQL from the packaged binaries, on a Unix socket only, and keeps it running: when its main
 * process dies it is started again. It ends with this process, however this process ends (Linux: parent-death signal;
 * elsewhere the next start adopts it).
 * @throws Failure `embedded-postgres-unavailable`, `-in-use` or `-failed`, each with its remedy
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const place = preparePlace(options.dataDirectory);
  await initialise(place, options.durable ?? true);
  const adopted = await makeRoom(place);
  const state: Running = { child: null, adopted, stopping: false, deaths: [] };
  const socketDirectory = adopted?.socketDirectory ?? place.socketDirectory;
  if (adopted === null) await launch(place, options, state);
  return {
    socketDirectory,
    url: (database) => `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(socketDirectory)}`,
    stop: () => stop(place, state),
    abandon: () => {
      state.stopping = true;
      const pid = pidOf(state);
      if (pid !== null) signal(pid, 'SIGQUIT');
    },
  };
}

interface Running {
  child: ChildProcess | null;
  readonly adopted: Found | null;
  stopping: boolean;
  deaths: number[];
}

function pidOf(state: Running): number | null {
  return state.child?.pid ?? state.adopted?.pid ?? null;
}

/** Makes the cluster beside its final place and renames it, so that a half-made one never counts. */
async function initialise(place: Place, durable: boolean): Promise<void> {
  removeDrafts(place);
  const versionFile = join(place.cluster, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const version = readFileSync(versionFile, 'utf8').trim();
    if (version === '18') return;
    throw fail(
      'embedded-postgres-unavailable',
      `${place.cluster} was made by PostgreSQL ${version}; this version of Kept brings PostgreSQL 18. Start it with the version of Kept that made it and move the data, or name another KEPT_DATA_DIR.`,
    );
  }
  const draft = join(place.home, `making-${process.pid}-${randomBytes(3).toString('hex')}`);
  mkdirSync(draft, { mode: 0o700 });
  giveToPostgres(place, draft);
  const { command, leading } = commandFor(place, 'initdb', false);
  const flags = ['-D', draft, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-instructions'];
  flags.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
  if (!durable) flags.push('--no-sync', '--wal-segsize=4');
  const output = await run(place, command, [...leading, ...flags]);
  if (output.code !== 0) {
    rmSync(draft, { recursive: true, force: true });
    throw startFailure(place, `initdb ended with ${output.code}`, output.text);
  }
  try {
    renameSync(draft, place.cluster);
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true });
    // Another start was faster; whether both may run is decided by PostgreSQL's own lock.
    if (!existsSync(versionFile)) throw cause;
  }
  if (durable) flushDirectory(place.home);
}

function removeDrafts(place: Place): void {
  for (const name of readdirSync(place.home)) {
    const pid = /^making-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !signal(Number(pid), 0)) rmSync(join(place.home, name), { recursive: true, force: true });
  }
}

function flushDirectory(path: string): void {
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
}

/**
 * Deals with what an earlier process left. On Linux one without its parent is already stopping (or is told to) and is
 * waited for; elsewhere it is adopted. One whose owner lives is another Kept's: refused.
 */
async function makeRoom(place: Place): Promise<Found | null> {
  for (let waited = 0; ; waited += 50) {
    const found = findPostmaster(place.cluster);
    if (found === null) return null;
    if (found.owner !== null)
      throw fail(
        'embedded-postgres-in-use',
        `A Kept with process id ${found.owner} already runs on ${place.home}. Stop it, or give this one another KEPT_DATA_DIR and KEPT_PORT.`,
      );
    if (found.adoptable) return found;
    if (found.pid !== null && waited % 5_000 === 0) signal(found.pid, 'SIGINT');
    if (waited >= STOP_TIMEOUT_MS)
      throw fail(
        'embedded-postgres-failed',
        `Processes of an earlier PostgreSQL still work in ${place.cluster} (${found.pids.join(', ')}). Wait for them or end them, then start again.`,
      );
    await sleep(50);
  }
}

async function launch(place: Place, options: EmbeddedOptions, state: Running): Promise<void> {
  const { command, leading } = commandFor(place, 'postgres', true);
  const log = openLog(place);
  const child = spawn(command, [...leading, '-D', place.cluster, ...settings(place, options), '-c', ownerMark()], {
    cwd: '/',
    env: environmentFor(place),
    stdio: ['ignore', log, log],
    // A group of its own: Ctrl-C reaches Node first, which drains and then stops the database.
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, by) => resolve(by === null ? `it ended with ${code}` : `it was ended by ${by}`));
  });
  child.unref();
  state.child = child;
  const given = new AbortController();
  const reason = await Promise.race([ready(place, child, given.signal), ended]);
  given.abort();
  if (reason !== null) {
    state.child = null;
    throw startFailure(place, reason, readFileSync(place.logFile, 'utf8').slice(-4_000));
  }
  ended.then((why) => {
    state.child = null;
    if (!state.stopping) void restart(place, options, state, why);
  });
}

/** Resolves to null once PostgreSQL accepts connections, or to why it does not. */
async function ready(place: Place, child: ChildProcess, given: AbortSignal): Promise<string | null> {
  const file = join(place.cluster, 'postmaster.pid');
  for (let waited = 0; waited < READY_TIMEOUT_MS && !given.aborted; waited += 10) {
    if (existsSync(file)) {
      // Line 1 is the process, line 8 its state: what pg_ctl waits for, too.
      const lines = readFileSync(file, 'utf8').split('\n');
      if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return null;
    }
    await sleep(10);
  }
  return `it was not ready after ${READY_TIMEOUT_MS / 1000} s`;
}

function settings(place: Place, options: EmbeddedOptions): string[] {
  const values: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: place.socketDirectory,
    unix_socket_permissions: '0700',
    max_connections: String(options.maxConnections ?? 200),
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements and details may quote rows, and so personal data: neither goes into the log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  if (options.durable === false) {
    values['fsync'] = 'off';
    values['full_page_writes'] = 'off';
    values['synchronous_commit'] = 'off';
    values['shared_buffers'] = '64MB';
    values['max_wal_size'] = '256MB';
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function openLog(place: Place): number {
  if (existsSync(place.logFile) && statSync(place.logFile).size > LOG_LIMIT_BYTES) truncateSync(place.logFile, 0);
  return openSync(place.logFile, 'a', 0o600);
}

/**
 * Brings PostgreSQL back after it died by itself; connections in between get a clear failure. Where it cannot come
 * back (a full disk) or dies again and again, it is tried more slowly, until it can or we stop.
 */
async function restart(place: Place, options: EmbeddedOptions, state: Running, why: string): Promise<void> {
  const at = performance.now();
  state.deaths = [...state.deaths.filter((death) => at - death < 60_000), at];
  options.onTrouble?.(`The embedded PostgreSQL went away: ${why}. Starting it again.`);
  if (state.deaths.length > RESTARTS_A_MINUTE) await sleep(SLOW_RESTART_MS, undefined, { ref: false });
  while (!state.stopping) {
    try {
      await makeRoom(place);
      if (state.stopping) return;
      await launch(place, options, state);
      options.onTrouble?.('The embedded PostgreSQL is back.');
      if (state.stopping) await stop(place, state);
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      options.onTrouble?.(`The embedded PostgreSQL is still down. ${reason}`);
      await sleep(SLOW_RESTART_MS, undefined, { ref: false });
    }
  }
}

async function stop(place: Place, state: Running): Promise<void> {
  state.stopping = true;
  const pid = pidOf(state);
  if (pid !== null) signal(pid, 'SIGINT');
  for (let waited = 0; findPostmaster(place.cluster) !== null; waited += 10) {
    // Immediate shutdown: the next start recovers from the log, nothing acknowledged is lost.
    if (waited === STOP_TIMEOUT_MS && pid !== null) signal(pid, 'SIGQUIT');
    if (waited > 2 * STOP_TIMEOUT_MS) break;
    await sleep(10);
  }
  if (!place.socketDirectory.startsWith(place.home)) rmSync(place.socketDirectory, { recursive: true, force: true });
}

function startFailure(place: Place, reason: string, output: string) {
  const said = output.trim().split('\n').slice(-6).join('\n');
  if (/lock file "postmaster.pid" already exists/.test(output))
    return fail('embedded-postgres-in-use', `Another process has just started PostgreSQL in ${place.home}.`);
  if (/No space left on device/.test(output))
    return fail(
      'embedded-postgres-failed',
      `The disk that holds ${place.home} is full. Make room and start again; nothing acknowledged is lost.`,
    );
  return fail(
    'embedded-postgres-failed',
    `PostgreSQL in ${place.home} did not start: ${reason}. Its last words (all in ${place.logFile}):\n${said}`,
  );
}

function run(place: Place, command: string, args: string[]): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: '/', env: environmentFor(place), stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}
