import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import pg from 'pg';
import type { OrganisationId } from '../platform/contract.ts';
import { type OpenPlatform, openPlatform } from '../platform/platform.ts';
import { getReceiptOf } from './find-receipt.ts';
import { getStatusOf } from './ledger-status.ts';
import { listLedgerEntries } from './list-entries.ts';
import { verifyReceipt } from './proof.ts';
import { reopenOrganisationLog } from './reopen-log.ts';
import { sequence } from './sequence.ts';
import { readSigningKey } from './signing-key.ts';
import { openTestLedger, record, signedHead, type TestLedger, testActor } from './test-ledger.ts';

let ledger: TestLedger;
let organisationId: OrganisationId;
const opened: OpenPlatform[] = [];
const copies: string[] = [];

before(async () => {
  ledger = await openTestLedger();
});
after(async () => {
  for (const platform of opened) await platform.close();
  await administer((client) =>
    copies.reduce(
      (done, name) => done.then(() => client.query(`drop database ${name} with (force)`)),
      Promise.resolve<unknown>(null),
    ),
  );
  await ledger.close();
});
beforeEach(async () => {
  organisationId = await ledger.newOrganisation();
});

test('a database restored from an older backup is not signed, says why, and keeps recording', async () => {
  await fill(ledger.platform, 10);
  const backup = await copyDatabase();
  await fill(ledger.platform, 5);
  const before = readOutside(await originNow());
  const { platform } = await restore(backup);
  await record(platform, organisationId, 2);
  const outcome = await sequence(platform, organisationId);
  assert.equal(outcome.refusal?.code, 'database-behind');
  assert.match(outcome.refusal?.explanation ?? '', /has 10 entries .* signed checkpoint of 15: 5 entries are missing/);
  const status = await getStatusOf(platform, organisationId);
  assert.deepEqual([status.signing, status.size, status.pending, status.signedSize], ['refused', 10, 2, 10]);
  assert.equal(readOutside(await originNow()), before, 'nothing was signed');
});

test('a restored database that has meanwhile grown beyond what was signed is found out by its root', async () => {
  await fill(ledger.platform, 10);
  const backup = await copyDatabase();
  await fill(ledger.platform, 5);
  // Restored while nobody looked, by a process whose data directory was somewhere else.
  const elsewhere = join(ledger.dataDirectory, `elsewhere-${backup}`);
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'ledger.key'), readFileSync(join(ledger.dataDirectory, 'ledger.key')), { mode: 0o600 });
  const stray = await restore(backup, elsewhere);
  await fill(stray.platform, 20);
  const { platform } = await reopenPlatform({}, stray.database);
  const { refusal } = await sequence(platform, organisationId);
  assert.equal(refusal?.code, 'database-forked');
});

test('a backup from before the first entry cannot begin the same log again', async () => {
  const backup = await copyDatabase();
  await fill(ledger.platform, 3);
  const { platform } = await restore(backup);
  await record(platform, organisationId, 1);
  const { refusal, placed } = await sequence(platform, organisationId);
  assert.deepEqual([refusal?.code, placed], ['database-behind', 0]);
  const origin = await reopen(platform);
  assert.match(origin, /\.2$/);
  assert.equal((await sequence(platform, organisationId)).signedSize, 2);
});

test('a new log is the way out: it says where the old one stood, and old receipts still hold', async () => {
  const [id] = await fill(ledger.platform, 10);
  const backup = await copyDatabase();
  await fill(ledger.platform, 5);
  const old = await signedHead(ledger.platform, organisationId);
  const { platform } = await restore(backup);
  const waiting = await record(platform, organisationId, 2);
  const origin = await reopen(platform);
  assert.deepEqual(await sequence(platform, organisationId), { placed: 3, signedSize: 3, refusal: null });
  const page = await platform.db.transaction(organisationId, (tx) =>
    listLedgerEntries(tx, { limit: 5, kind: 'ledger.reopened' }),
  );
  const [entry] = page.items;
  assert.equal(entry?.log, origin);
  assert.deepEqual(entry?.body, {
    reason: 'restored-backup',
    previous: { log: old.origin, size: 10, root: bodyRoot(entry?.body, 'previous') },
    outside: { size: 15, root: Buffer.from(old.root).toString('base64') },
  });
  for (const [entryId, log] of [
    [id, old.origin],
    [waiting[0], origin],
  ] as const) {
    assert.ok(entryId !== undefined);
    const receipt = await platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, entryId));
    const key = log === origin ? (await signedHead(platform, organisationId)).key : old.key;
    const verdict = await verifyReceipt(receipt, key);
    assert.ok(verdict.valid, JSON.stringify(verdict));
    assert.equal(verdict.log, log);
  }
  const again = reopen(platform);
  await assert.rejects(again, { code: 'signing-works' });
});

test('after a second restore the new log is not begun twice either', async () => {
  await fill(ledger.platform, 4);
  const backup = await copyDatabase();
  await fill(ledger.platform, 4);
  const first = await restore(backup);
  assert.match(await reopen(first.platform), /\.2$/);
  await sequence(first.platform, organisationId);
  const second = await restore(backup);
  assert.match(await reopen(second.platform), /\.3$/);
  assert.equal((await sequence(second.platform, organisationId)).refusal, null);
});

test('whoever asks for the key while it is being made gets the whole key, and all get the same', async () => {
  for (let round = 0; round < 5; round += 1) {
    const dataDirectory = join(ledger.dataDirectory, `first-${round}`);
    const fresh = await openTestLedger({ environment: { KEPT_DATA_DIR: dataDirectory } });
    try {
      const states = await Promise.all(Array.from({ length: 24 }, () => readSigningKey(fresh.platform)));
      const keys = states.map((state) => ('key' in state ? Buffer.from(state.key.publicKey).toString('hex') : state));
      assert.deepEqual(new Set(keys), new Set([keys[0]]));
      assert.equal(typeof keys[0], 'string', JSON.stringify(keys[0]));
      const drafts = readdirSync(dataDirectory).filter((name) => name.startsWith('ledger.key'));
      assert.deepEqual(drafts, ['ledger.key']);
    } finally {
      await fresh.close();
    }
  }
});

test('a lost key is never replaced in silence', async () => {
  await fill(ledger.platform, 2);
  const old = await signedHead(ledger.platform, organisationId);
  const file = join(ledger.dataDirectory, 'ledger.key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  renameSync(file, `${file}.away`);
  try {
    await record(ledger.platform, organisationId, 1);
    const { refusal } = await sequence(ledger.platform, organisationId);
    assert.equal(refusal?.code, 'key-missing');
    assert.ok(refusal?.explanation.includes(file));
    writeFileSync(file, 'not a key');
    assert.equal((await sequence(ledger.platform, organisationId)).refusal?.code, 'key-missing');
    rmSync(file);
    const origin = await reopenOrganisationLog(ledger.platform, organisationId, {
      reason: 'lost-key',
      actor: testActor,
    });
    assert.equal((await sequence(ledger.platform, organisationId)).signedSize, 2);
    const head = await signedHead(ledger.platform, organisationId);
    assert.equal(head.origin, origin);
    assert.notEqual(head.key.split('+')[2], old.key.split('+')[2]);
    // The old key back in its place is another key for the new log.
    renameSync(`${file}.away`, file);
    await record(ledger.platform, organisationId, 1);
    assert.equal((await sequence(ledger.platform, organisationId)).refusal?.code, 'key-changed');
  } finally {
    if (statSync(`${file}.away`, { throwIfNoEntry: false }) !== undefined) renameSync(`${file}.away`, file);
  }
});

test('an operator’s folder gets every checkpoint, and is compared, too', async () => {
  const folder = join(ledger.dataDirectory, 'mounted');
  mkdirSync(folder);
  const { platform } = await reopenPlatform({ KEPT_CHECKPOINT_FOLDER: folder });
  await fill(platform, 3);
  const { note, origin } = await signedHead(platform, organisationId);
  const file = `${encodeURIComponent(origin)}.txt`;
  assert.equal(readFileSync(join(folder, file), 'utf8'), `${note}\n`);
  // The data directory was lost with the machine; the folder remembers.
  const backup = await copyDatabase();
  await fill(platform, 3);
  rmSync(join(ledger.dataDirectory, 'checkpoints', file));
  const restored = await restore(backup, ledger.dataDirectory, { KEPT_CHECKPOINT_FOLDER: folder });
  const { refusal } = await sequence(restored.platform, organisationId);
  assert.equal(refusal?.code, 'database-behind');
  assert.ok(refusal?.explanation.includes(folder));
});

test('a folder that is away stops signing until it is back, and loses nothing', async () => {
  const folder = join(ledger.dataDirectory, 'mount-point');
  const { platform } = await reopenPlatform({ KEPT_CHECKPOINT_FOLDER: folder });
  await record(platform, organisationId, 3);
  const away = await sequence(platform, organisationId);
  assert.deepEqual([away.refusal?.code, away.signedSize], ['outside-unwritable', 0]);
  assert.ok(away.refusal?.explanation.includes('ENOENT'));
  mkdirSync(folder);
  const back = await sequence(platform, organisationId);
  assert.deepEqual([back.refusal, back.signedSize], [null, 3]);
});

test('a torn end of the file counts for nothing, and the next note after it is whole', async () => {
  await fill(ledger.platform, 3);
  const origin = await originNow();
  const file = join(ledger.dataDirectory, 'checkpoints', `${encodeURIComponent(origin)}.txt`);
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, `${whole}${whole.replace('\n3\n', '\n9\n').slice(0, -40)}`);
  await fill(ledger.platform, 2);
  const status = await getStatusOf(ledger.platform, organisationId);
  assert.deepEqual([status.signing, status.outside[0]?.size], ['ok', 5]);
});

test('whoever may read the data directory cannot be mistaken for the signer', async () => {
  await fill(ledger.platform, 3);
  const origin = await originNow();
  const file = join(ledger.dataDirectory, 'checkpoints', `${encodeURIComponent(origin)}.txt`);
  // A head of nine entries that nobody signed must not stop the log.
  const forged = readFileSync(file, 'utf8').replace('\n3\n', '\n9\n');
  writeFileSync(file, `${readFileSync(file, 'utf8')}${forged}`);
  assert.equal((await getStatusOf(ledger.platform, organisationId)).signing, 'ok');
});

async function fill(platform: OpenPlatform | TestLedger['platform'], count: number) {
  const ids = await record(platform, organisationId, count);
  assert.equal((await sequence(platform, organisationId)).refusal, null);
  return ids;
}

async function originNow(): Promise<string> {
  return (await signedHead(ledger.platform, organisationId)).origin;
}

function readOutside(origin: string): string {
  return readFileSync(join(ledger.dataDirectory, 'checkpoints', `${encodeURIComponent(origin)}.txt`), 'utf8');
}

function reopen(platform: OpenPlatform): Promise<string> {
  return reopenOrganisationLog(platform, organisationId, { reason: 'restored-backup', actor: testActor });
}

/** A copy of the database as it is now: a backup. */
async function copyDatabase(): Promise<string> {
  const name = `kept_test_backup_${copies.length}_${process.pid}`;
  const source = new URL(ledger.adminUrl).pathname.slice(1);
  await administer(async (client) => {
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [source]);
    for (let attempt = 0; ; attempt += 1) {
      try {
        await client.query(`create database ${name} template ${source}`);
        break;
      } catch (error) {
        // The connections that were ended take a moment to be gone.
        if (attempt > 50) throw error;
        await new Promise((wake) => setTimeout(wake, 50));
      }
    }
  });
  copies.push(name);
  return name;
}

/** A server on a restored backup: another process with the same data directory, unless another is given. */
async function restore(name: string, dataDirectory = ledger.dataDirectory, environment: Record<string, string> = {}) {
  const copy = `${name}_${copies.length}`;
  await administer((client) => client.query(`create database ${copy} template ${name}`));
  copies.push(copy);
  return { database: copy, ...(await reopenPlatform({ KEPT_DATA_DIR: dataDirectory, ...environment }, copy)) };
}

async function reopenPlatform(
  environment: Record<string, string>,
  database?: string,
): Promise<{ platform: OpenPlatform }> {
  const url = new URL(ledger.adminUrl);
  if (database !== undefined) url.pathname = `/${database}`;
  const { config, clock } = ledger.platform;
  const platform = await openPlatform({
    config: {
      ...config,
      dataDirectory: environment['KEPT_DATA_DIR'] ?? config.dataDirectory,
      checkpointFolder: environment['KEPT_CHECKPOINT_FOLDER'],
      sealingKeyFile: join(config.dataDirectory, 'sealing.key'),
      databaseUrl: url.href,
    },
    databaseUrl: url.href,
    clock,
  });
  opened.push(platform);
  return { platform };
}

async function administer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const url = new URL(ledger.adminUrl);
  url.pathname = '/postgres';
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function bodyRoot(body: unknown, key: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  const part: unknown = Reflect.get(body, key);
  return typeof part === 'object' && part !== null ? Reflect.get(part, 'root') : undefined;
}
