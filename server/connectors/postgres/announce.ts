import type { PoolClient } from 'pg';
import type { Batch, PendingBatch } from '../connector.ts';
import { catalogueLimits } from './session.ts';
import type { PostgresSystem } from './system.ts';

/** Carries a failure of the caller's own code past our handling of the store's failures. */
export class Outside extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('a callback of the caller failed');
    this.reason = reason;
  }
}

/** Runs the caller's code, so that an SQLSTATE of *its* database is not taken for one of this store. */
export async function outside<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Outside(error);
  }
}

/**
 * The id of the transaction under way, made durable together with what it wrote so far. PostgreSQL forgets an id whose
 * records a crash lost and gives it to another transaction, whose fate `pg_xact_status` would then tell: so the log is
 * flushed before anybody writes the id down. `file` is the storage of the relation `oid`, to notice a rewrite.
 */
export async function identify(
  system: PostgresSystem,
  client: PoolClient,
  oid: number,
): Promise<{ transactionId: string; file: string | null }> {
  const canFlush = system.version >= 170_000;
  const flush = canFlush ? `, pg_logical_emit_message(false, 'kept', '', true)` : '';
  const found = await client.query<{ xid: string; file: string | null }>({
    name: 'kept_identify',
    text: `select pg_current_xact_id()::text as xid, pg_relation_filenode($1::oid)::text as file${flush}`,
    values: [oid],
  });
  const [row] = found.rows;
  if (row === undefined) throw new Error('pg_current_xact_id answered nothing');
  if (!canFlush) {
    // Before 17 a message cannot flush by itself, but the commit of another transaction flushes all that came before.
    await system.sessions.use(catalogueLimits, (other) =>
      other.query(`select pg_logical_emit_message(true, 'kept', '')`),
    );
  }
  return { transactionId: row.xid, file: row.file };
}

/** Tells the caller what is about to be committed, and commits. */
export async function announceAndCommit(
  client: PoolClient,
  batch: Batch,
  transactionId: string,
  pending: PendingBatch,
): Promise<void> {
  await outside(() => batch.beforeCommit(transactionId, pending));
  await client.query('commit');
}
