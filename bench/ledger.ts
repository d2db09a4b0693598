/**
 * How much of a CPU-second the ledger takes per entry, against bare SHA-256 of 200-byte leaves in the same run.
 *
 * - **append**: an entry from `recordEntries` (500 per transaction, as an ingest does) to its place in a signed tree, on a
 *   durable PostgreSQL; CPU of this process and of every process of PostgreSQL. Goal 0.03: an entry is written into two
 *   tables with four indexes, deleted from one of them, logged (WAL) and hashed. The peer shows what the barest durable
 *   insert of the same number of bytes into one table with one index costs: about a quarter of that.
 * - **audit**: checking a whole log from its octets to the signed root. Goal 0.35: besides its leaf, which has five
 *   blocks where the limit's has four, each entry costs an inner node of two blocks, so 0.5 would be free of any overhead.
 * - **receipt**: checking single receipts, each with its own signature, against bare Ed25519 verification. Goal 0.3: a
 *   receipt of such a log has 17 inner nodes, a JSON entry and a key to be read.
 */
import { generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { getReceiptOf } from '../server/ledger/find-receipt.ts';
import { verifierKey, verifierOf } from '../server/ledger/note.ts';
import { openNote, parseCheckpoint, type Receipt, verifyReceipt } from '../server/ledger/proof.ts';
import { recordEntries } from '../server/ledger/record-entry.ts';
import { sequence } from '../server/ledger/sequence.ts';
import { findCheckpoint, listLeaves, listLogs } from '../server/ledger/store.ts';
import { appendLeaves, leafHashOf, rangeHash, sha256, tileMap } from '../server/ledger/tree.ts';
import { readConfig } from '../server/platform/config.ts';
import type { Id, OrganisationId } from '../server/platform/contract.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts';
import { newId } from '../server/platform/ids.ts';
import { migrate } from '../server/platform/migrate.ts';
import { openPlatform, type Platform } from '../server/platform/platform.ts';
import { ownCpuSeconds, postgresCpuSeconds } from './cpu.ts';
import { type Bench, partOf, resultOf } from './result.ts';

const perTransaction = 500;

export const run: Bench = async ({ quick, note }) => {
  const count = quick ? 10_000 : 200_000;
  const directory = mkdtempSync(join(tmpdir(), 'kept-bench-'));
  chmodSync(directory, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  const platform = await openBenchPlatform(postgres, directory);
  try {
    const organisationId: OrganisationId = newId(platform.clock.now());
    const backend = await connectBackend(postgres.url('kept'));
    // Everything is compiled and warm before anything is measured.
    await append(platform, organisationId, 5_000);
    const hashes = bareHashes(quick ? 200_000 : 1_000_000);
    const cpu = () => ownCpuSeconds() + postgresCpuSeconds(backend.pid);
    const started = cpu();
    const ids = await append(platform, organisationId, count);
    const appended = count / (cpu() - started);
    const bare = await bareInserts(backend, cpu, quick ? 10_000 : 100_000);
    await backend.end();
    note(`append: ${Math.round(appended)} entries per CPU-second, SHA-256: ${Math.round(hashes)}`);
    const audited = await audit(platform, organisationId);
    const receipts = await readReceipts(platform, organisationId, ids, quick ? 200 : 2_000);
    const checked = await check(receipts);
    const signatures = bareSignatures(quick ? 500 : 5_000);
    const parts = [
      partOf('append', 0.03, appended, hashes, 'entries per CPU-second (Node and PostgreSQL), of SHA-256 of 200 B'),
      partOf('audit', 0.35, audited, hashes, 'entries per CPU-second, of SHA-256 of 200 B'),
      partOf('receipt', 0.3, checked, signatures, 'receipts per CPU-second, of Ed25519 verifications'),
    ];
    return resultOf('ledger', parts, [{ name: 'bare INSERT of the same', value: bare, unit: 'rows per CPU-second' }]);
  } finally {
    await platform.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
};

async function openBenchPlatform(postgres: EmbeddedPostgres, directory: string) {
  const client = new pg.Client(postgres.url('postgres'));
  await client.connect();
  await client.query('create database kept');
  await client.end();
  const databaseUrl = postgres.url('kept');
  await migrate(databaseUrl);
  const config = readConfig({ KEPT_DATA_DIR: join(directory, 'kept'), KEPT_LOG_LEVEL: 'silent' });
  return openPlatform({ config, databaseUrl });
}

/** A backend that lives as long as the bench, to find its server by. */
async function connectBackend(url: string): Promise<{ pid: number; client: pg.Client; end(): Promise<void> }> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return { pid: rows[0]?.pid ?? 0, client, end: () => client.end() };
}

/** The same number of bytes into one table with one index, without any ledger. */
async function bareInserts({ client }: { client: pg.Client }, cpu: () => number, count: number): Promise<number> {
  await client.query('create table public.bare (id uuid primary key, leaf text not null)');
  const leaf = 'x'.repeat(264);
  const started = cpu();
  for (let done = 0; done < count; done += perTransaction) {
    const ids = Array.from({ length: perTransaction }, () => crypto.randomUUID());
    const leaves = ids.map(() => leaf).join('\n');
    await client.query('insert into public.bare select * from unnest($1::uuid[], string_to_array($2, chr(10)))', [
      ids,
      leaves,
    ]);
  }
  return count / (cpu() - started);
}

/** Records and sequences at the same time, as a server does. */
async function append(platform: Platform, organisationId: OrganisationId, count: number): Promise<Id<'Entry'>[]> {
  const ids: Id<'Entry'>[] = [];
  for (let done = 0; done < count; done += perTransaction) {
    const entries = Array.from({ length: perTransaction }, (_, at) => ({
      kind: 'disposal.batch' as const,
      actor: { kind: 'system' as const, id: 'bench' },
      body: { batch: done + at, disposed: 5_000 },
    }));
    ids.push(...(await platform.db.transaction(organisationId, (tx) => recordEntries(tx, entries))));
    if (done % (perTransaction * 16) === 0) await sequence(platform, organisationId);
  }
  const { refusal } = await sequence(platform, organisationId);
  if (refusal !== null) throw new Error(refusal.explanation);
  return ids;
}

/** Checks the log from its leaves to its signed root; reading them is not counted. */
async function audit(platform: Platform, organisationId: OrganisationId): Promise<number> {
  const { log, checkpoint, leaves } = await platform.db.transaction(organisationId, async (tx) => {
    const [log] = await listLogs(tx);
    const checkpoint = log && (await findCheckpoint(tx, log.number));
    if (log === undefined || checkpoint === undefined) throw new Error('nothing was signed');
    return { log, checkpoint, leaves: await listLeaves(tx, log.number, 0, checkpoint.size) };
  });
  const started = ownCpuSeconds();
  const signed = parseCheckpoint(await openNote(checkpoint.note, await verifierOf(log.origin, log.publicKey)));
  const tiles = appendLeaves(0, new Map(), new Uint8Array(Buffer.concat(leaves.map(leafHashOf))));
  const root = rangeHash({ from: 0, to: leaves.length }, tileMap(tiles));
  const seconds = ownCpuSeconds() - started;
  if (!Buffer.from(root).equals(signed.root)) throw new Error('the log does not hold');
  return leaves.length / seconds;
}

async function readReceipts(
  platform: Platform,
  organisationId: OrganisationId,
  ids: readonly Id<'Entry'>[],
  count: number,
): Promise<{ receipts: Receipt[]; key: string }> {
  return platform.db.transaction(organisationId, async (tx) => {
    const [log] = await listLogs(tx);
    if (log === undefined) throw new Error('there is no log');
    const receipts: Receipt[] = [];
    for (let at = 0; at < ids.length; at += Math.floor(ids.length / count)) {
      const id = ids[at];
      if (id !== undefined) receipts.push(await getReceiptOf(tx, id));
    }
    return { receipts, key: await verifierKey(log.origin, log.publicKey) };
  });
}

async function check({ receipts, key }: { receipts: readonly Receipt[]; key: string }): Promise<number> {
  for (const receipt of receipts.slice(0, 100)) await verifyReceipt(receipt, key, { sha256 });
  const started = ownCpuSeconds();
  for (const receipt of receipts) {
    const verdict = await verifyReceipt(receipt, key, { sha256 });
    if (!verdict.valid) throw new Error(verdict.explanation);
  }
  return receipts.length / (ownCpuSeconds() - started);
}

/** Bare SHA-256 of 200 bytes, per CPU-second. */
function bareHashes(count: number): number {
  const leaf = Buffer.alloc(200, 7);
  const rate = (times: number) => {
    const started = ownCpuSeconds();
    for (let at = 0; at < times; at += 1) {
      leaf.writeUInt32LE(at);
      hash('sha256', leaf, 'buffer');
    }
    return times / (ownCpuSeconds() - started);
  };
  rate(count / 10);
  return rate(count);
}

/** Bare Ed25519 verification of a checkpoint's text, per CPU-second. */
function bareSignatures(count: number): number {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const text = Buffer.alloc(150, 7);
  const signature = sign(null, text, privateKey);
  const rate = (times: number) => {
    const started = ownCpuSeconds();
    for (let at = 0; at < times; at += 1) if (!verify(null, text, publicKey, signature)) throw new Error('wrong');
    return times / (ownCpuSeconds() - started);
  };
  rate(count / 10);
  return rate(count);
}
