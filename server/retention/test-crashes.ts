import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../platform/embedded-postgres.ts';
import { findPostmaster } from '../platform/postmaster.ts';
import { startRun } from './direct-run.ts';
import { rest } from './drive.ts';
import { placeHold } from './place-hold.ts';
import { listUnfinishedRuns } from './run-store.ts';
import { driveElsewhere, driveThrough } from './test-driver-process.ts';
import {
  addAccount,
  datasets,
  daysAgo,
  now,
  openTestOrganisation,
  owner,
  type TestOrganisation,
} from './test-organisation.ts';

const never = new AbortController().signal;
const due = 30_000;
const young = 30_000;
const messages = 300;
/** A run of this size takes two or three seconds. */
const mostMs = 2_500;

/** Numbers in [0, 1) that a seed decides (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Scene {
  readonly foz: TestOrganisation;
  readonly random: () => number;
  /** Lets it work for a random while and kills it. Resolves when it is dead, to false where it had finished before. */
  kill(): Promise<boolean>;
  /** Sets going whatever drives the runs. */
  drive(): void;
  close(): Promise<void>;
}

/**
 * Kills the server with -9 while it disposes, again and again, each time at a random moment of the run.
 * @param kills how often; a few in a run, then the run is let finish and everything is checked
 */
export async function killServer(kills: number, seed: number): Promise<void> {
  const foz = await openTestOrganisation();
  const environment = {
    DATABASE_URL: foz.test.adminUrl,
    KEPT_SECRETS_FILE: foz.secrets,
    KEPT_DATA_DIR: foz.platform.config.dataDirectory,
  };
  const random = randomFrom(seed);
  let child: ReturnType<typeof driveElsewhere> | null = null;
  await crash(kills, {
    foz,
    random,
    drive() {
      child = driveElsewhere(foz.organisationId, now, environment);
    },
    async kill() {
      if (child?.stdout == null) throw new Error('nothing drives');
      await once(child.stdout, 'data');
      await rest(random() * mostMs, never);
      if (child.exitCode !== null) return false;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      const [code] = await ended;
      return code === null;
    },
    close: () => foz.close(),
  });
}

/** Kills the databases (Kept's and the product's are in one cluster) with -9 while a server disposes. */
export async function killDatabase(kills: number, seed: number): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'kept-crash-'));
  // PostgreSQL does not run as root: what is closed to others would be placed elsewhere.
  chmodSync(dataDirectory, 0o755);
  const trouble: string[] = [];
  // Durable: the cluster of other tests acknowledges commits that a killed server has not written yet.
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    onTrouble: (sentence) => trouble.push(sentence),
  });
  const foz = await openTestOrganisation({ cluster: postgres.url('postgres') });
  const random = randomFrom(seed);
  let driving: Promise<void> = Promise.resolve();
  await crash(kills, {
    foz,
    random,
    drive() {
      driving = driveThrough(foz.platform, foz.organisationId);
      // What it ends with is told when it is awaited; meanwhile it is nobody's.
      driving.catch(() => undefined);
    },
    async kill() {
      await rest(50 + random() * mostMs, never);
      const hadFinished = (await foz.transaction(listUnfinishedRuns)).length === 0;
      const before = trouble.length;
      const pid = findPostmaster(join(dataDirectory, 'cluster'))?.pid;
      if (typeof pid !== 'number') throw new Error('the cluster has no postmaster');
      process.kill(pid, 'SIGKILL');
      while (trouble.length < before + 2) await rest(20, never);
      await driving;
      return !hadFinished;
    },
    async close() {
      await foz.close();
      await postgres.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  });
}

async function crash(kills: number, scene: Scene): Promise<void> {
  const { foz } = scene;
  try {
    const unbraked = Object.entries(datasets).map(([name, dataset]) => [name, { ...dataset, brake: 1 }]);
    await foz.publish({ datasets: Object.fromEntries(unbraked) });
    await foz.approve();
    let done = 0;
    for (let round = 1; done < kills; round += 1) {
      await fillRound(foz, round, scene.random);
      const expected = await expectations(foz, round);
      await foz.transaction((tx) => startRun(foz.platform, tx, owner));
      while (done < kills && (await foz.transaction(listUnfinishedRuns)).length > 0) {
        scene.drive();
        if (await scene.kill()) done += 1;
      }
      await driveThrough(foz.platform, foz.organisationId);
      await check(foz, round, expected);
    }
  } finally {
    await scene.close();
  }
}

/** Asks the product through a connection of its own: others may have died with the database. */
async function ask<Row extends pg.QueryResultRow>(
  foz: TestOrganisation,
  statement: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: foz.productUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}

function accountOf(round: number): string {
  return `x${round}`;
}

async function fillRound(foz: TestOrganisation, round: number, random: () => number): Promise<void> {
  const account = accountOf(round);
  await ask(foz, 'truncate webhook');
  await ask(
    foz,
    `insert into webhook select n, case when n % 10 = 0 then 'kept' else 'a' end, repeat('x', 200), $1::timestamptz
       from generate_series(1, ${due}) as n`,
    [daysAgo(31).toISOString()],
  );
  await ask(
    foz,
    `insert into webhook select ${due} + n, 'a', repeat('x', 200), $1::timestamptz from generate_series(1, ${young}) as n`,
    [now.toISOString()],
  );
  await ask(
    foz,
    `insert into lead select ${round * 1_000_000} + n, 'Lead', 'lead' || n || '@mail.example', '+5511', $1::timestamptz
       from generate_series(1, 3000) as n`,
    [daysAgo(400).toISOString()],
  );
  const id = round * 10_000;
  if (round === 1) await addAccount({ ...foz, product: await reconnected(foz) }, 'kept', 5000, daysAgo(60));
  await addAccount({ ...foz, product: await reconnected(foz) }, account, id, daysAgo(60));
  await ask(
    foz,
    `insert into message select ${id} + 10 + n, ${id} + 1, $1, 'Hello' from generate_series(1, ${messages}) as n`,
    [account],
  );
  await ask(
    foz,
    `insert into attachment select ${id} + 10 + n, ${id} + 10 + n, $1 || '/' || n || '.jpg' from generate_series(1, ${messages}) as n`,
    [account],
  );
  for (let n = 1; n <= messages; n += 1) foz.writeFile(foz.media, `${account}/${n}.jpg`, daysAgo(50));
  if (round === 1) await hold(foz, { kind: 'account', account: 'kept' });
  const keys = Array.from({ length: 5 }, () => [String(1 + Math.floor(random() * due))]);
  await hold(foz, { kind: 'rows', dataset: 'webhook-log', keys });
}

const clients: pg.Client[] = [];

async function reconnected(foz: TestOrganisation): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: foz.productUrl });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

async function hold(foz: TestOrganisation, target: Parameters<typeof placeHold>[2]['target']): Promise<void> {
  const reviewOn = '2027-01-01';
  await placeHold(foz.platform, foz.organisationId, { target, reason: 'A dispute', reviewOn, by: owner });
}

interface Expected {
  readonly protectedIds: readonly string[];
  readonly invoices: number;
  readonly knownRuns: readonly string[];
}

async function expectations(foz: TestOrganisation, round: number): Promise<Expected> {
  for (const client of clients.splice(0)) await client.end();
  const holds = await foz.transaction((tx) =>
    tx.db.selectFrom('retention.hold').select('row_keys').where('kind', '=', 'rows').execute(),
  );
  const held = holds.flatMap(({ row_keys: keys }) => (Array.isArray(keys) ? keys.flat().map(String) : []));
  const kept = await ask<{ id: string }>(
    foz,
    `select id from webhook where received_at >= $1 or account_id = 'kept' or id = any($2) order by id`,
    [daysAgo(30), held],
  );
  const invoices = await ask(foz, `select id from invoice where account_id = $1`, [accountOf(round)]);
  const runs = await foz.transaction((tx) => tx.db.selectFrom('retention.run').select('id').execute());
  return {
    protectedIds: kept.map(({ id }) => id),
    invoices: invoices.length,
    knownRuns: runs.map(({ id }) => id),
  };
}

/** Nothing lost, nothing protected gone, all the rest gone, each row counted once, and every report complete. */
async function check(foz: TestOrganisation, round: number, expected: Expected): Promise<void> {
  const left = await ask<{ id: string }>(foz, 'select id from webhook order by id');
  assert.deepEqual(
    left.map(({ id }) => id),
    expected.protectedIds,
    'exactly what is young or held is left',
  );
  const leads = await ask(foz, `select id from lead where id >= $1 and anonymised_at is null`, [round * 1_000_000]);
  assert.equal(leads.length, 0);

  const account = accountOf(round);
  for (const table of ['operator', 'contact', 'message', 'token'])
    assert.deepEqual(await ask(foz, `select * from ${table} where account_id = $1`, [account]), [], table);
  const invoices = await ask(foz, `select id from invoice where account_id = $1`, [account]);
  assert.equal(invoices.length, expected.invoices - 1, 'all but the one that is older than five years');
  assert.equal(existsSync(join(foz.media, account)) ? readdirSync(join(foz.media, account)).length : 0, 0);
  assert.ok(existsSync(join(foz.media, 'kept/photo.jpg')), 'the file of the held account');

  await foz.transaction(async (tx) => {
    const open = await tx.db.selectFrom('retention.batch').select('id').where('state', '=', 'open').execute();
    assert.deepEqual(open, []);
    const runs = await tx.db.selectFrom('retention.run').selectAll().execute();
    assert.deepEqual(
      runs.filter((run) => run.state !== 'finished'),
      [],
    );
    const mine = runs.filter((run) => !expected.knownRuns.includes(run.id));
    const steps = await tx.db.selectFrom('retention.run_step').selectAll().execute();
    const sum = (dataset: string, figure: 'disposed' | 'disposed_at_most') =>
      steps
        .filter((step) => step.dataset === dataset && mine.some((run) => run.id === step.run_id))
        .reduce((total, step) => total + Number(step[figure]), 0);
    const gone = due + young - expected.protectedIds.length;
    for (const figure of ['disposed', 'disposed_at_most'] as const) {
      assert.equal(sum('webhook-log', figure), gone, `${figure} of webhooks`);
      assert.equal(sum('leads', figure), 3000, `${figure} of leads`);
      assert.equal(sum('messages', figure), messages + 4, `${figure} of messages`);
      assert.equal(sum('attachments', figure), messages + 1, `${figure} of attachments`);
    }
    const leaves = await tx.db
      .selectFrom('ledger.pending')
      .select('leaf')
      .where('kind', '=', 'disposal.batch')
      .execute();
    const recorded = leaves
      .map(({ leaf }) => JSON.parse(leaf).body)
      .filter((body) => mine.some((run) => run.id === body.run))
      .reduce((total: number, body) => total + Number(body.disposed), 0);
    const reported = steps
      .filter((step) => mine.some((run) => run.id === step.run_id))
      .reduce((total, step) => total + Number(step.disposed), 0);
    assert.equal(recorded, reported, 'the ledger tells of every row once');
    const ends = await tx.db.selectFrom('retention.contract_end').selectAll().where('account', '=', account).execute();
    assert.deepEqual(
      ends.map((end) => end.state),
      ['erased'],
    );
  });
}
