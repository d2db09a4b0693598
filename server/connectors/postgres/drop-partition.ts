import pg, { type PoolClient } from 'pg';
import { type Batch, type Cursor, type PendingBatch, StatementRefused } from '../connector.ts';
import { announceAndCommit, identify } from './announce.ts';
import type { Relation } from './catalogue.ts';
import { isWhollyPast, type Part, readParts } from './parts.ts';
import { cutoffOf, disposableSql, exclusionSql, upperCutoff } from './predicate.ts';
import { Parameters } from './quote.ts';
import { rollback } from './session.ts';
import type { PostgresSystem } from './system.ts';

/** Whether whole partitions may go at all: rows with files, guards or another action need to be looked at singly. */
export function mayDrop(batch: Batch): boolean {
  const { target, action } = batch;
  return action.kind === 'delete' && target.attachments.length === 0 && (target.guardedBy ?? []).length === 0;
}

/**
 * Drops the next partition that is wholly past, or postpones it where one of its rows must stay. Null when there is
 * none left. The cursor stands behind the partition either way.
 */
export async function dropNextPartition(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
): Promise<PendingBatch | null> {
  const part = await nextPartition(system, client, batch, relation);
  if (part === null || part.parentSql === null) return null;
  system.touched.add(part.oid);
  const postponed = { ...nothing, cursor: cursorBehind(part) };
  const check = await staysSql(system, client, batch, relation, part);
  // First without a lock, so that a partition with a held row bothers nobody on every run.
  if (check !== null && (await countRows(client, check)).staying > 0) return postponed;
  const referenced = (await system.catalogue.foreignKeys(client)).some((key) => key.to === relation.name);
  await client.query('begin isolation level read committed read write');
  try {
    const rows = check === null ? null : await lockAndCount(client, part, check);
    if (rows !== null && rows.staying > 0) {
      await rollback(client);
      return postponed;
    }
    // A partition that foreign keys point at can only be detached, which fails while one of its rows is referred to.
    if (referenced) await client.query(`alter table ${part.parentSql} detach partition ${part.sql}`);
    await client.query(`drop table ${part.sql}`);
    const identity = await identify(system, client, relation.oid);
    if (identity === null) throw new Error('a partition was dropped by a transaction without an id');
    const pending = {
      ...postponed,
      disposed: rows?.rows ?? Math.max(0, Math.round(part.rows)),
      disposedExact: rows !== null,
      dropped: [part.name],
    };
    await announceAndCommit(system, client, batch, identity.transactionId, pending);
    return pending;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || (!isReferred(error.code) && error.code !== '2BP01')) throw error;
    await rollback(client);
    if (isReferred(error.code)) return postponed;
    throw new StatementRefused(
      '2BP01',
      `Partition ${part.name} cannot be dropped because other objects depend on it.`,
      `Let views and functions name ${relation.name} and not its partitions.`,
    );
  }
}

/** Rows of another table point at rows of the partition. */
function isReferred(code: string | undefined): boolean {
  return code === '23503' || code === '23001';
}

const nothing = { disposed: 0, disposedExact: true, refused: 0, cursor: null, dropped: [] };

interface Check {
  readonly text: string;
  readonly values: unknown[];
}

/**
 * A statement that counts what must stay; null where the bounds prove that every row is due and nothing is excluded,
 * so that dropping costs the same however many rows there are.
 */
async function staysSql(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
  part: Part,
): Promise<Check | null> {
  const parameters = new Parameters();
  const scope = {
    client,
    catalogue: system.catalogue,
    timeZone: system.timeZone,
    target: batch.target,
    relation,
    alias: 't',
    parameters,
  };
  const excluded = await exclusionSql(scope, batch.exclusion);
  if (excluded === null && cutoffOf(batch.condition) !== null) return null;
  const fresh = new Parameters();
  const due = await disposableSql({ ...scope, parameters: fresh }, batch.condition, batch.exclusion);
  return {
    text: `select count(*)::float8 as rows, count(*) filter (where (${due}) is not true)::float8 as staying
             from ${part.sql} as t`,
    values: fresh.values,
  };
}

async function countRows(client: PoolClient, check: Check): Promise<{ rows: number; staying: number }> {
  const found = await client.query<{ rows: number; staying: number }>(check.text, check.values);
  return found.rows[0] ?? { rows: 0, staying: 0 };
}

/**
 * The SHARE lock keeps writers out of this partition (readers stay) from before the count until the drop, so nothing
 * that must stay can come in between; only the drop itself takes ACCESS EXCLUSIVE, on parent and partition, and for
 * moments instead of for a pass over the partition.
 */
async function lockAndCount(client: PoolClient, part: Part, check: Check): Promise<{ rows: number; staying: number }> {
  await client.query(`lock table ${part.sql} in share mode`);
  return countRows(client, check);
}

async function nextPartition(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
): Promise<Part | null> {
  const behind = batch.cursor?.['at'] === 'partitions' ? Number(batch.cursor['order']) : -1;
  const parts = await readParts(client, relation);
  const past = parts.filter((part) => {
    const before = part.rangedBy === null ? null : upperCutoff(batch.condition, part.rangedBy);
    return part.rangedBy !== null && before !== null && isWhollyPast(part, part.rangedBy, before, system.timeZone);
  });
  // In the order of their oids, so that one that was postponed is not met again in this run, whose cutoff is frozen.
  return past.sort((one, other) => one.oid - other.oid).find((part) => part.oid > behind) ?? null;
}

function cursorBehind(part: Part): Cursor {
  return { at: 'partitions', order: part.oid };
}
