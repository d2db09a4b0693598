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

/** A transaction as it can be asked about later, and the storage of a relation, to notice a rewrite. */
export interface Identity {
  readonly transactionId: string;
  readonly file: string | null;
}

/**
 * The id of the transaction under way, made durable together with what it wrote so far; null where it wrote nothing.
 * PostgreSQL forgets an id whose records a crash lost and gives it to another transaction, whose fate `pg_xact_status`
 * would then tell: so the log is flushed before anybody writes the id down. `file` is that of the relation `oid`.
 */
export async function identify(system: PostgresSystem, client: PoolClient, oid: number): Promise<Identity | null> {
  const flush = canFlush(system)
    ? `, case when pg_current_xact_id_if_assigned() is not null
              then pg_logical_emit_message(false, 'kept', '', true) end as flushed`
    : '';
  const found = await client.query<{ xid: string | null; file: string | null }>({
    name: 'kept_identify',
    text: `select pg_current_xact_id_if_assigned()::text as xid, pg_relation_filenode($1::oid)::text as file${flush}`,
    values: [oid],
  });
  const { xid = null, file = null } = found.rows[0] ?? {};
  return xid === null ? null : { transactionId: xid, file };
}

/** Tells the caller what is about to be committed, and commits. */
export async function announceAndCommit(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  transactionId: string,
  pending: PendingBatch,
): Promise<void> {
  if (!canFlush(system)) {
    // Before 17 a message cannot flush by itself, but the commit of another transaction flushes all that came before.
    await system.sessions.use(catalogueLimits, (other) =>
      other.query(`select pg_logical_emit_message(true, 'kept', '')`),
    );
  }
  await outside(() => batch.beforeCommit(transactionId, pending));
  // The server tells its counters of dead rows up to ten seconds late; told after the VACUUM they would stay wrong until
  // the next one, and what was vacuumed would be measured as not.
  await client.query('select pg_stat_force_next_flush(); commit');
}

function canFlush(system: PostgresSystem): boolean {
  return system.version >= 170_000;
}
