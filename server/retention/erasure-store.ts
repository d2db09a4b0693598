import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';

/** What an event asks to be gone from one dataset. */
export interface Erasure {
  readonly id: Id<'Erasure'>;
  readonly event: Id<'InboxEvent'>;
  readonly promise: string;
  readonly dataset: string;
  /** The opaque id that the event names. */
  readonly value: string;
  readonly receivedAt: Date;
  readonly run: Id<'Run'> | null;
  readonly doneAt: Date | null;
  readonly disposed: number | null;
}

/** @returns false where the event was taken in before */
export async function insertErasure(tx: Tx, erasure: Omit<Erasure, 'doneAt' | 'disposed' | 'run'>): Promise<boolean> {
  const result = await tx.db
    .insertInto('retention.erasure')
    .values({
      organisation_id: tx.organisationId,
      id: erasure.id,
      event_id: erasure.event,
      promise: erasure.promise,
      dataset: erasure.dataset,
      value: erasure.value,
      received_at: erasure.receivedAt,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'event_id', 'promise', 'dataset']).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function assignErasures(tx: Tx, ids: readonly Id<'Erasure'>[], run: Id<'Run'>): Promise<void> {
  if (ids.length === 0) return;
  await tx.db
    .updateTable('retention.erasure')
    .set({ run_id: run })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', 'in', ids)
    .execute();
}

export async function finishErasure(tx: Tx, id: Id<'Erasure'>, disposed: number): Promise<void> {
  await tx.db
    .updateTable('retention.erasure')
    .set({ done_at: tx.at, disposed })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** What was erased and came back is open once more. */
export async function reopenErasures(tx: Tx, ids: readonly Id<'Erasure'>[]): Promise<void> {
  await tx.db
    .updateTable('retention.erasure')
    .set({ done_at: null, run_id: null, disposed: null })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', 'in', ids)
    .execute();
}

export function erasuresOfRun(tx: Tx, run: Id<'Run'>): Promise<Erasure[]> {
  return read(tx, (query) => query.where('run_id', '=', run));
}

export function listPendingErasures(tx: Tx): Promise<Erasure[]> {
  return read(tx, (query) => query.where('done_at', 'is', null));
}

/** Newest first; values of these must not be found in the store again. */
export function listErasures(tx: Tx, promise: string, since: Date, limit: number): Promise<Erasure[]> {
  return read(tx, (query) =>
    query.where('promise', '=', promise).where('received_at', '>=', since).orderBy('received_at', 'desc').limit(limit),
  );
}

function erasures(tx: Tx) {
  return tx.db.selectFrom('retention.erasure').selectAll().where('organisation_id', '=', tx.organisationId);
}

async function read(
  tx: Tx,
  narrow: (query: ReturnType<typeof erasures>) => ReturnType<typeof erasures>,
): Promise<Erasure[]> {
  const rows = await narrow(erasures(tx)).execute();
  return rows.map((row) => ({
    id: brand<'Erasure'>(row.id),
    event: brand<'InboxEvent'>(row.event_id),
    promise: row.promise,
    dataset: row.dataset,
    value: row.value,
    receivedAt: row.received_at,
    run: row.run_id === null ? null : brand<'Run'>(row.run_id),
    doneAt: row.done_at,
    disposed: row.disposed === null ? null : Number(row.disposed),
  }));
}
