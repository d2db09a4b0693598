import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AnswerOf, type Client, endpoints } from '@kept/sdk';
import pg from 'pg';
import * as conduct from './conduct.ts';
import { type Volumes, volumesIn, writeVolumes } from './files.ts';
import { openMailbox } from './mailbox.ts';
import { linkFor, makeOwner, nextCode, type Owner } from './owner.ts';
import type { GenerateOptions } from './people.ts';
import { type Place, placeIn, writeSecrets } from './place.ts';
import { dropProductDatabase, prepareProductDatabase, productNames } from './product-database.ts';
import { type ServerProcess, startServer } from './server-process.ts';

type PromiseRow = AnswerOf<typeof endpoints.policy.listPromises>['promises'][number];

/** The example at a small scale on a real server, for tests. */
export interface Example {
  readonly client: Client;
  readonly server: ServerProcess;
  readonly place: Place;
  readonly volumes: Volumes;
  readonly generated: GenerateOptions;
  /** The product's database as its own superuser sees it: what is done here happens behind Kept's back. */
  readonly product: pg.Client;
  /** Measures one promise in the real store. */
  measure(promise: string): Promise<PromiseRow>;
  /** Disposes of what is past its period, also where the brake would wait, and then waits for ends of contracts. */
  dispose(): Promise<conduct.Run>;
  /** What arrived at the mail server, which `mailServer` takes away and brings back. */
  mails(): readonly string[];
  readonly mailServer: { stop(): Promise<void>; start(): Promise<void> };
  /** Kept's own database, to make time pass there. */
  readonly keptDatabase: pg.Client;
  /** The organisation's owner, as whoever knows her password and has her authenticator. */
  readonly owner: Owner;
  /** A code of her authenticator that was not used yet; waits where there is none. */
  nextCode(): Promise<string>;
  /** A link that opens the console as the owner, signed in with both factors. */
  signInLink(): Promise<string>;
  /** Runs `kept` against this server. */
  kept(...args: string[]): { readonly code: number | null; readonly out: string; readonly err: string };
  close(): Promise<void>;
}

/**
 * Starts it on the PostgreSQL of the test run, else on one that the server brings. Nothing has been disposed of yet.
 * @param scale share of the demonstration's size
 * @param more variables of the server beside those that it always has
 */
export async function startExample(scale: number, more: Readonly<Record<string, string>> = {}): Promise<Example> {
  const folder = mkdtempSync(join(tmpdir(), 'kept-example-'));
  const place = placeIn(join(folder, '.kept'));
  mkdirSync(place.home, { recursive: true });
  const suffix = `_${randomBytes(4).toString('hex')}`;
  const given = process.env['KEPT_TEST_ADMIN_URL'];
  const ownDatabase = given === undefined ? null : await createDatabase(given, `kept_test${suffix}`);
  let mailbox = await openMailbox(place.mail);
  const mailUrl = mailbox.url;
  const { PATH = '' } = process.env;
  const environment = {
    PATH,
    KEPT_PORT: '0',
    KEPT_DATA_DIR: place.dataDirectory,
    KEPT_SMTP_URL: mailUrl,
    KEPT_MAIL_FROM: 'Maré <privacidade@mare.example>',
    KEPT_LOG_LEVEL: 'info',
    ...more,
    ...(ownDatabase !== null && { DATABASE_URL: ownDatabase.url }),
  };
  const server = await startServer(environment, place.dataDirectory, place.serverLog);
  const adminUrl = server.databaseAdminUrl ?? given ?? '';
  const names = productNames(suffix);
  const generated = { seed: 7, at: new Date(), scale };
  const { disposalUrl } = await prepareProductDatabase(adminUrl, names, generated, () => {});
  await writeVolumes(place.volumes, generated);
  const volumes = volumesIn(place.volumes);
  writeSecrets(place, conduct.organisation.slug, {
    'mare-crm': disposalUrl,
    'mare-media': volumes.media,
    'mare-logs': volumes.logs,
    'mare-backups': volumes.backups,
  });
  await conduct.createOrganisation(server.connect());
  const client = server.connect(conduct.organisation.slug);
  await conduct.publish(client);
  let owner = await makeOwner(server.connect(), conduct.organisation.slug, 'en');
  const remember = (now: Owner) => {
    owner = now;
  };
  const product = await connectTo(adminUrl, names.database);
  const keptDatabase = await connectTo(ownDatabase?.url ?? adminUrl, ownDatabase?.name ?? 'kept');
  return {
    client,
    server,
    place,
    volumes,
    generated,
    product,
    keptDatabase,
    owner,
    nextCode: () => nextCode(owner, remember),
    signInLink: () => linkFor(server.connect(), owner, remember),
    mailServer: {
      stop: () => mailbox.close(),
      async start() {
        mailbox = await openMailbox(place.mail, Number(new URL(mailUrl).port));
      },
    },
    measure: (promise) => measure(client, promise),
    dispose: () => dispose(client),
    mails: () =>
      readdirSync(place.mail)
        .filter((name) => name.endsWith('.eml'))
        .map((name) => readFileSync(join(place.mail, name), 'utf8')),
    kept: (...args) => runKept(place, args),
    async close() {
      await product.end();
      await keptDatabase.end();
      server.signal('SIGTERM');
      assert.equal(await server.ended, 0, readFileSync(place.serverLog, 'utf8').slice(-4_000));
      await mailbox.close();
      if (given !== undefined) await dropProductDatabase(given, names);
      await ownDatabase?.drop();
      rmSync(folder, { recursive: true, maxRetries: 5 });
    },
  };
}

async function measure(client: Client, promise: string): Promise<PromiseRow> {
  const board = await client.call(endpoints.policy.measurePromises, { body: { promises: [promise] } });
  const row = board.promises.find((candidate) => candidate.promise === promise);
  assert.ok(row !== undefined, `${promise} is on the board`);
  return row;
}

/** Approves what is new, runs, lets braked steps go on, and waits until contract ends are through, too. */
async function dispose(client: Client): Promise<conduct.Run> {
  const follow = (begun: conduct.Run) => client.waitFor(begun.id, { everyMs: 50 });
  // A run that began earlier has an earlier cutoff, and would not take what was put there since.
  const earlier = await conduct.findUnfinishedRun(client);
  if (earlier !== undefined) await follow(earlier);
  const { run } = await conduct.planAndApprove(client);
  let seen = await follow(run);
  if (seen.state === 'waiting') {
    await conduct.releaseBrakes(client, seen);
    seen = await follow(run);
  }
  assert.equal(seen.state, 'finished', seen.reason ?? JSON.stringify(seen.steps));
  await conduct.settle(client, 20_000, false, follow);
  return seen;
}

function runKept(place: Place, args: readonly string[]) {
  const program = join(import.meta.dirname, '..', '..', 'cli', 'kept.ts');
  const { PATH = '' } = process.env;
  const run = spawnSync(process.execPath, [program, ...args], {
    cwd: place.home,
    encoding: 'utf8',
    env: { PATH, LANG: 'en_GB.UTF-8', KEPT_DATA_DIR: place.dataDirectory },
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

/** Looks until it is so. @throws AssertionError when that takes too long */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  what: string,
  patienceMs = 20_000,
): Promise<T> {
  for (const end = performance.now() + patienceMs; performance.now() < end; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(50);
  }
  assert.fail(`${patienceMs / 1000} s passed, and not yet: ${what}`);
}

async function createDatabase(adminUrl: string, name: string) {
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    name,
    url: url.href,
    async drop() {
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.end();
    },
  };
}

async function connectTo(adminUrl: string, database: string): Promise<pg.Client> {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  return client;
}
