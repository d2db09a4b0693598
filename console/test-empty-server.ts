import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import PostalMime from 'postal-mime';
import { openMailbox } from '../examples/messaging-crm/mailbox.ts';

/** A server at its very first start: nobody has set it up yet. */
export interface EmptyServer {
  /** Under the name `localhost`, since passkeys are bound to a name. */
  readonly server: { readonly address: string };
  /** The link that it prints in the terminal. */
  readonly setUpLink: string;
  /** Its own database, to make time pass there. */
  readonly database: pg.Client;
  /** Links of the mails that were sent to an address, the newest last. */
  linksTo(email: string): Promise<string[]>;
  close(): Promise<void>;
}

interface Told {
  readonly ready: true;
  readonly address: string;
  readonly setup: string;
}

/**
 * Starts it on the PostgreSQL of the test run, else on one that the server brings; its mail goes to a folder.
 * @param environment further variables of its configuration
 */
export async function startEmptyServer(environment: Readonly<Record<string, string>> = {}): Promise<EmptyServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kept-empty-'));
  const given = process.env['KEPT_TEST_ADMIN_URL'];
  const own = given === undefined ? null : await createDatabase(given, `kept_test_${randomBytes(4).toString('hex')}`);
  const mailbox = await openMailbox(join(folder, 'mail'));
  const log = openSync(join(folder, 'server.log'), 'a', 0o600);
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'server', 'main.ts')], {
    env: {
      PATH,
      KEPT_PORT: '0',
      KEPT_DATA_DIR: join(folder, 'data'),
      KEPT_SMTP_URL: mailbox.url,
      KEPT_MAIL_FROM: 'Kept <kept@example.com>',
      ...(own !== null && { DATABASE_URL: own.url }),
      ...environment,
    },
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const said = () => readFileSync(join(folder, 'server.log'), 'utf8').slice(-4_000);
  const told = await Promise.race([
    new Promise<Told>((resolve) => child.on('message', (message) => isTold(message) && resolve(message))),
    ended.then(() => assert.fail(said())),
  ]);
  const byName = (address: string) => address.replace('127.0.0.1', 'localhost');
  const database = new pg.Client(own?.url ?? adminUrlIn(join(folder, 'data')));
  await database.connect();
  return {
    server: { address: byName(told.address) },
    setUpLink: byName(told.setup),
    database,
    linksTo: async (email) => (await mailsTo(join(folder, 'mail'), email)).flatMap(linksIn).map(byName),
    async close() {
      await database.end();
      child.kill('SIGTERM');
      assert.equal(await ended, 0, said());
      await mailbox.close();
      await own?.drop();
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}

function isTold(message: unknown): message is Told {
  return typeof message === 'object' && message !== null && 'ready' in message && 'setup' in message;
}

function adminUrlIn(dataDirectory: string): string {
  const note: { databaseAdminUrl: string } = JSON.parse(readFileSync(join(dataDirectory, 'server.json'), 'utf8'));
  const url = new URL(note.databaseAdminUrl);
  url.pathname = '/kept';
  return url.href;
}

async function mailsTo(folder: string, email: string): Promise<string[]> {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.eml'))
    .sort();
  const mails = await Promise.all(names.map((name) => PostalMime.parse(readFileSync(join(folder, name), 'utf8'))));
  return mails.filter(({ to }) => to?.some(({ address }) => address === email)).map(({ text }) => text ?? '');
}

function linksIn(text: string): string[] {
  return text.match(/https?:\/\/\S+#\S+/g) ?? [];
}

async function createDatabase(adminUrl: string, name: string) {
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}
