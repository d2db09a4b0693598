import { sql } from 'kysely';
import { z } from 'zod';
import type { Cursor, PendingBatch } from '../connectors/connector.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';

/** A batch as the journal has it while nobody has said how it ended. */
export interface OpenBatch {
  readonly id: Id<'Batch'>;
  readonly run: Id<'Run'>;
  readonly position: number;
  readonly number: number;
  readonly dataset: string;
  readonly system: string;
  /** Null until the store's transaction was about to commit, and for stores without transactions. */
  readonly transactionId: string | null;
  /** What it did if it took effect; null while that was not known. */
  readonly pending: Pick<PendingBatch, 'disposed' | 'refused' | 'cursor' | 'dropped'> | null;
}

const cursorSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

export function cursorFromJson(stored: unknown): Cursor | null {
  return stored === null ? null : cursorSchema.parse(stored);
}

export interface Opening {
  readonly id: Id<'Batch'>;
  readonly run: Id<'Run'>;
  readonly position: number;
  readonly number: number;
  readonly dataset: string;
  readonly system: string;
  readonly epoch: number;
  /** Version of the gate that the batch was made under; null where it is only about to be made. */
  readonly expected: number | null;
  /** What it is about to commit; null where it has only begun. */
  readonly announced: { readonly transactionId: string | null; readonly pending: PendingBatch } | null;
}

/**
 * Why no batch was opened: disposal is stopped, a person asked for a pause, somebody else drives the run, or the holds
 * have changed since the batch was made.
 */
export type Turned =
  | { readonly opened: number }
  | { readonly halted: 'stopped' | 'paused' | 'taken-over' | 'outdated' };

/**
 * Writes a batch into the journal and answers with the version of the gate it passed. One statement: locking the gate
 * in share mode and inserting the row are one, so a hold that is placed from now on finds the batch.
 */
export async function openBatch(tx: Tx, batch: Opening): Promise<Turned> {
  const { expected, announced } = batch;
  const pending = announced?.pending ?? null;
  const cursor = pending === null || pending.cursor === null ? null : JSON.stringify(pending.cursor);
  const { rows } = await sql<{ version: string; stopped: boolean; epoch: number | null; paused: boolean | null }>`
    with gate as (
      select version, stopped_at is not null as stopped
        from retention.gate where organisation_id = ${tx.organisationId} for share),
    run as (
      select epoch, pause_asked as paused
        from retention.run
       where organisation_id = ${tx.organisationId} and id = ${batch.run} and state = 'running' for share),
    opened as (
      insert into retention.batch
        (organisation_id, id, run_id, position, number, dataset, system, epoch, state, opened_at,
         transaction_id, disposed, disposed_exact, refused, next_cursor, dropped)
      select ${tx.organisationId}::uuid, ${batch.id}::uuid, ${batch.run}::uuid, ${batch.position}::int,
             ${batch.number}::int, ${batch.dataset}, ${batch.system}, ${batch.epoch}::int, 'open', ${tx.at}::timestamptz,
             ${announced?.transactionId ?? null}::text, ${pending?.disposed ?? null}::bigint,
             ${pending?.disposedExact ?? null}::boolean, ${pending?.refused ?? null}::bigint, ${cursor}::jsonb,
             ${pending === null ? null : [...pending.dropped]}::text[]
        from gate, run
       where not gate.stopped and not run.paused and run.epoch = ${batch.epoch}
         and (${expected}::bigint is null or gate.version = ${expected}::bigint))
    select gate.version, gate.stopped, run.epoch, run.paused from gate left join run on true`.execute(tx.db);
  const [row] = rows;
  if (row === undefined) throw new Error('the organisation has no gate');
  const halted = haltOf(row, batch.epoch);
  if (halted !== null) return { halted };
  const version = Number(row.version);
  return expected === null || expected === version ? { opened: version } : { halted: 'outdated' };
}

function haltOf(
  row: { readonly stopped: boolean; readonly epoch: number | null; readonly paused: boolean | null },
  epoch: number,
): 'stopped' | 'paused' | 'taken-over' | null {
  if (row.epoch !== epoch) return 'taken-over';
  if (row.stopped) return 'stopped';
  return row.paused === true ? 'paused' : null;
}

/** Whether the run may go on, for stretches in which no batch has anything to write down. */
export async function readOrders(
  tx: Tx,
  run: Id<'Run'>,
  epoch: number,
): Promise<'stopped' | 'paused' | 'taken-over' | null> {
  const { rows } = await sql<{ stopped: boolean; epoch: number | null; paused: boolean | null }>`
    select gate.stopped_at is not null as stopped, run.epoch, run.pause_asked as paused
      from retention.gate as gate
      left join retention.run as run
        on run.organisation_id = gate.organisation_id and run.id = ${run} and run.state = 'running'
     where gate.organisation_id = ${tx.organisationId}`.execute(tx.db);
  const [row] = rows;
  if (row === undefined) throw new Error('the organisation has no gate');
  return haltOf(row, epoch);
}

/**
 * Written before the store commits.
 * @returns false where the batch is not this owner's any more, so that the store must not commit
 */
export async function recordPending(
  tx: Tx,
  id: Id<'Batch'>,
  transactionId: string | null,
  pending: PendingBatch,
): Promise<boolean> {
  const result = await tx.db
    .updateTable('retention.batch')
    .set({
      transaction_id: transactionId,
      disposed: pending.disposed,
      disposed_exact: pending.disposedExact,
      refused: pending.refused,
      next_cursor: pending.cursor === null ? null : JSON.stringify(pending.cursor),
      dropped: [...pending.dropped],
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export interface Closing {
  readonly id: Id<'Batch'>;
  readonly state: 'committed' | 'aborted' | 'unknown';
  readonly disposed: number;
  readonly disposedAtMost: number;
  readonly refused: number;
  readonly dropped: readonly string[];
  /** Where the step goes on; ignored unless committed. */
  readonly cursor: Cursor | null;
  readonly activeMs: number;
  readonly batchSize: number | null;
}

/**
 * Closes batches of one step, in their order, and moves the step on, in one statement.
 * @returns how many were still open; those that somebody else closed count for nothing
 */
export async function closeBatches(
  tx: Tx,
  run: Id<'Run'>,
  position: number,
  batches: readonly Closing[],
): Promise<number> {
  const of = <T>(value: (batch: Closing) => T): T[] => batches.map(value);
  const didNothing = (batch: Closing) =>
    batch.disposedAtMost === 0 && batch.refused === 0 && batch.dropped.length === 0;
  const { rows } = await sql<{ closed: number }>`
    with given as (
      select * from unnest(
        ${of(({ id }) => id)}::uuid[], ${of(({ state }) => state)}::retention.batch_state[],
        ${of(({ disposed }) => disposed)}::bigint[], ${of(({ disposedAtMost }) => disposedAtMost)}::bigint[],
        ${of(({ refused }) => refused)}::bigint[], ${of(({ activeMs }) => activeMs)}::float8[],
        ${of((batch) => (batch.state === 'aborted' || didNothing(batch) ? 0 : 1))}::int[],
        ${of(({ batchSize }) => batchSize)}::int[],
        ${of(({ state, cursor }) => (state === 'committed' && cursor !== null ? JSON.stringify(cursor) : null))}::text[]
      ) with ordinality as given (id, state, disposed, at_most, refused, active_ms, worked, batch_size, cursor, place)),
    closed as (
      update retention.batch as batch
         set state = given.state, closed_at = ${tx.at}::timestamptz, disposed = given.disposed, refused = given.refused
        from given
       where batch.organisation_id = ${tx.organisationId} and batch.id = given.id and batch.state = 'open'
      returning given.*),
    told as (
      select count(*)::int as closed, sum(disposed) as disposed, sum(at_most) as at_most, sum(refused) as refused,
             sum(worked)::int as worked, sum(active_ms) as active_ms,
             (array_agg(batch_size order by place desc) filter (where batch_size is not null))[1] as batch_size,
             (array_agg(cursor order by place desc) filter (where cursor is not null))[1] as cursor
        from closed having count(*) > 0),
    moved as (
      update retention.run_step as step
         set disposed = step.disposed + told.disposed,
             disposed_at_most = step.disposed_at_most + told.at_most,
             refused = step.refused + told.refused,
             batches = step.batches + told.worked,
             active_ms = step.active_ms + told.active_ms,
             batch_size = coalesce(told.batch_size, step.batch_size),
             cursor = coalesce(told.cursor::jsonb, step.cursor)
        from told
       where step.organisation_id = ${tx.organisationId} and step.run_id = ${run} and step.position = ${position})
    select closed from told`.execute(tx.db);
  return rows[0]?.closed ?? 0;
}

/** Batches that found nothing to do, and so announced nothing, leave no trace. */
export async function removeEmptyBatches(tx: Tx, run: Id<'Run'>): Promise<void> {
  await tx.db
    .deleteFrom('retention.batch')
    .where('organisation_id', '=', tx.organisationId)
    .where('run_id', '=', run)
    .where('state', '=', 'committed')
    .where('disposed', '=', '0')
    .where('refused', '=', '0')
    .where('disposed_exact', 'is', null)
    .execute();
}

export async function listOpenBatches(
  tx: Tx,
  which: { readonly run?: Id<'Run'>; readonly datasets?: readonly string[] },
): Promise<OpenBatch[]> {
  let query = tx.db
    .selectFrom('retention.batch')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '=', 'open');
  if (which.run !== undefined) query = query.where('run_id', '=', which.run);
  if (which.datasets !== undefined) {
    if (which.datasets.length === 0) return [];
    query = query.where('dataset', 'in', which.datasets);
  }
  const rows = await query.orderBy('id').execute();
  return rows.map((row) => ({
    id: brand<'Batch'>(row.id),
    run: brand<'Run'>(row.run_id),
    position: row.position,
    number: row.number,
    dataset: row.dataset,
    system: row.system,
    transactionId: row.transaction_id,
    pending:
      row.disposed === null
        ? null
        : {
            disposed: Number(row.disposed),
            refused: Number(row.refused),
            cursor: cursorFromJson(row.next_cursor),
            dropped: row.dropped ?? [],
          },
  }));
}

/** Numbers of the batches among these that are still open. */
export async function stillOpen(tx: Tx, ids: readonly Id<'Batch'>[]): Promise<Id<'Batch'>[]> {
  if (ids.length === 0) return [];
  const rows = await tx.db
    .selectFrom('retention.batch')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '=', 'open')
    .where('id', 'in', ids)
    .execute();
  return rows.map((row) => brand<'Batch'>(row.id));
}

/**
 * Where a partition went uncounted, the counts before and after the run say how many rows it held: with a cutoff that
 * is frozen nothing else can have changed them.
 */
export async function correctDisposed(
  tx: Tx,
  step: { readonly run: Id<'Run'>; readonly position: number; readonly disposed: number },
): Promise<void> {
  const guessed = await tx.db
    .selectFrom('retention.batch')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('run_id', '=', step.run)
    .where('position', '=', step.position)
    .where('state', '=', 'committed')
    .where('disposed_exact', '=', false)
    .limit(1)
    .executeTakeFirst();
  if (guessed === undefined) return;
  await tx.db
    .updateTable('retention.run_step')
    .set({ disposed: step.disposed, disposed_at_most: step.disposed })
    .where('organisation_id', '=', tx.organisationId)
    .where('run_id', '=', step.run)
    .where('position', '=', step.position)
    .execute();
}

/** The highest number of a step's batches so far. */
export async function lastBatchNumber(tx: Tx, run: Id<'Run'>, position: number): Promise<number> {
  const row = await tx.db
    .selectFrom('retention.batch')
    .select((select) => select.fn.max('number').as('number'))
    .where('organisation_id', '=', tx.organisationId)
    .where('run_id', '=', run)
    .where('position', '=', position)
    .executeTakeFirst();
  return row?.number ?? 0;
}
