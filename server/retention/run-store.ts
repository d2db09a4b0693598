import type { Condition, Cursor, DisposalPath } from '../connectors/connector.ts';
import type { Actor, Id } from '../platform/contract.ts';
import { actorSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Fate } from '../policy/rule.ts';
import type { Run } from './contract.ts';
import { conditionAsJson, conditionFromJson } from './disposal-condition.ts';
import type { StepKind } from './disposal-rule.ts';
import { cursorFromJson } from './journal-store.ts';

export type RunState = Run['state'];
export type StepState = Run['steps'][number]['state'];

export interface RunRecord {
  readonly id: Id<'Run'>;
  readonly cause: Run['cause'];
  readonly state: RunState;
  readonly reason: string | null;
  readonly pauseAsked: boolean;
  /** Every step waits for a person, see look-after.ts. */
  readonly isCautious: boolean;
  readonly epoch: number;
  readonly plan: Id<'Plan'> | null;
  /** The account whose contract ended. */
  readonly account: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly retryAt: Date | null;
  readonly startedBy: Actor;
  readonly entry: Id<'Entry'> | null;
}

export interface StepRecord {
  readonly position: number;
  readonly kind: StepKind;
  readonly promise: string;
  readonly dataset: string;
  readonly system: string;
  readonly fate: Fate;
  readonly path: DisposalPath | null;
  readonly state: StepState;
  readonly reason: string | null;
  readonly ruleHash: string;
  readonly condition: Condition;
  readonly cutoffAt: Date | null;
  readonly expected: number;
  readonly total: number;
  readonly disposed: number;
  readonly disposedAtMost: number;
  readonly held: number;
  readonly refused: number;
  readonly batches: number;
  readonly activeMs: number;
  readonly cursor: Cursor | null;
  readonly pass: number;
  readonly batchSize: number | null;
  readonly releasedRows: number | null;
  readonly bytesReusable: number | null;
  readonly bytesReturned: number | null;
  readonly remaining: number | null;
  readonly startedAt: Date | null;
}

export type NewStep = Pick<
  StepRecord,
  | 'kind'
  | 'promise'
  | 'dataset'
  | 'system'
  | 'fate'
  | 'state'
  | 'reason'
  | 'ruleHash'
  | 'condition'
  | 'cutoffAt'
  | 'releasedRows'
>;

export async function insertRun(
  tx: Tx,
  run: {
    readonly id: Id<'Run'>;
    readonly cause: Run['cause'];
    readonly startedBy: Actor;
    readonly plan: Id<'Plan'> | null;
    readonly account: string | null;
    readonly isCautious: boolean;
  },
): Promise<void> {
  await tx.db
    .insertInto('retention.run')
    .values({
      organisation_id: tx.organisationId,
      id: run.id,
      cause: run.cause,
      state: 'queued',
      pause_asked: false,
      is_cautious: run.isCautious,
      epoch: 0,
      plan_id: run.plan,
      account: run.account,
      created_at: tx.at,
      started_by: JSON.stringify(run.startedBy),
    })
    .execute();
}

export async function insertSteps(tx: Tx, run: Id<'Run'>, steps: readonly NewStep[]): Promise<void> {
  if (steps.length === 0) return;
  await tx.db
    .insertInto('retention.run_step')
    .values(
      steps.map((step, index) => ({
        organisation_id: tx.organisationId,
        run_id: run,
        position: index + 1,
        kind: step.kind,
        promise: step.promise,
        dataset: step.dataset,
        system: step.system,
        fate: step.fate,
        state: step.state,
        reason: step.reason,
        rule_hash: step.ruleHash,
        condition: JSON.stringify(conditionAsJson(step.condition)),
        cutoff_at: step.cutoffAt,
        released_rows: step.releasedRows,
        expected: 0,
        total: 0,
        disposed: 0,
        disposed_at_most: 0,
        held: 0,
        refused: 0,
        batches: 0,
        active_ms: 0,
        pass: 1,
        finished_at: step.state === 'skipped' ? tx.at : null,
      })),
    )
    .execute();
}

export async function findRun(tx: Tx, id: Id<'Run'>): Promise<RunRecord | undefined> {
  const row = await runs(tx).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : runOf(row);
}

/** Locks the run, so that two cannot change its state at once. */
export async function lockRun(tx: Tx, id: Id<'Run'>): Promise<RunRecord | undefined> {
  const row = await runs(tx).where('id', '=', id).forUpdate().executeTakeFirst();
  return row === undefined ? undefined : runOf(row);
}

export async function listUnfinishedRuns(tx: Tx): Promise<RunRecord[]> {
  const rows = await runs(tx).where('finished_at', 'is', null).orderBy('id').execute();
  return rows.map(runOf);
}

export async function listRunRecords(tx: Tx, after: string | undefined, limit: number): Promise<RunRecord[]> {
  let query = runs(tx);
  if (after !== undefined) query = query.where('id', '<', after);
  const rows = await query.orderBy('id', 'desc').limit(limit).execute();
  return rows.map(runOf);
}

/** When the newest run of the schedule was made. */
export async function findNewestScheduled(tx: Tx): Promise<Date | undefined> {
  const row = await runs(tx).where('cause', '=', 'schedule').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.created_at;
}

export interface RunChange {
  readonly state?: RunState;
  readonly reason?: string | null;
  readonly pauseAsked?: boolean;
  readonly startedAt?: Date;
  readonly finishedAt?: Date | null;
  readonly retryAt?: Date | null;
  readonly entry?: Id<'Entry'>;
}

export async function changeRun(tx: Tx, id: Id<'Run'>, change: RunChange): Promise<void> {
  await tx.db
    .updateTable('retention.run')
    .set({
      ...(change.state !== undefined && { state: change.state }),
      ...(change.reason !== undefined && { reason: change.reason }),
      ...(change.pauseAsked !== undefined && { pause_asked: change.pauseAsked }),
      ...(change.startedAt !== undefined && { started_at: change.startedAt }),
      ...(change.finishedAt !== undefined && { finished_at: change.finishedAt }),
      ...(change.retryAt !== undefined && { retry_at: change.retryAt }),
      ...(change.entry !== undefined && { entry_id: change.entry }),
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** Takes the run over: whoever drove it before can open no batch any more. */
export async function raiseEpoch(tx: Tx, id: Id<'Run'>): Promise<number> {
  const row = await tx.db
    .updateTable('retention.run')
    .set((set) => ({ epoch: set('epoch', '+', 1) }))
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .returning('epoch')
    .executeTakeFirstOrThrow();
  return row.epoch;
}

export async function listSteps(tx: Tx, run: Id<'Run'>): Promise<StepRecord[]> {
  return (await stepsOfRuns(tx, [run])).get(run) ?? [];
}

export async function stepsOfRuns(tx: Tx, ids: readonly Id<'Run'>[]): Promise<Map<Id<'Run'>, StepRecord[]>> {
  const steps = new Map<Id<'Run'>, StepRecord[]>();
  if (ids.length === 0) return steps;
  const rows = await tx.db
    .selectFrom('retention.run_step')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('run_id', 'in', ids)
    .orderBy('run_id')
    .orderBy('position')
    .execute();
  for (const row of rows) {
    const run = brand<'Run'>(row.run_id);
    const mine = steps.get(run) ?? [];
    steps.set(run, mine);
    mine.push({
      position: row.position,
      kind: row.kind,
      promise: row.promise,
      dataset: row.dataset,
      system: row.system,
      fate: row.fate,
      path: row.path,
      state: row.state,
      reason: row.reason,
      ruleHash: row.rule_hash,
      condition: conditionFromJson(row.condition),
      cutoffAt: row.cutoff_at,
      expected: Number(row.expected),
      total: Number(row.total),
      disposed: Number(row.disposed),
      disposedAtMost: Number(row.disposed_at_most),
      held: Number(row.held),
      refused: Number(row.refused),
      batches: row.batches,
      activeMs: row.active_ms,
      cursor: cursorFromJson(row.cursor),
      pass: row.pass,
      batchSize: row.batch_size,
      releasedRows: numberOrNull(row.released_rows),
      bytesReusable: numberOrNull(row.bytes_reusable),
      bytesReturned: numberOrNull(row.bytes_returned),
      remaining: numberOrNull(row.remaining),
      startedAt: row.started_at,
    });
  }
  return steps;
}

export type StepChange = Partial<
  Pick<
    StepRecord,
    | 'state'
    | 'reason'
    | 'path'
    | 'expected'
    | 'total'
    | 'held'
    | 'refused'
    | 'cursor'
    | 'pass'
    | 'batchSize'
    | 'releasedRows'
    | 'bytesReusable'
    | 'bytesReturned'
    | 'remaining'
    | 'startedAt'
  > & { readonly finishedAt: Date }
>;

export async function changeStep(tx: Tx, run: Id<'Run'>, position: number, change: StepChange): Promise<void> {
  await tx.db
    .updateTable('retention.run_step')
    .set({
      ...(change.state !== undefined && { state: change.state }),
      ...(change.reason !== undefined && { reason: change.reason }),
      ...(change.path !== undefined && { path: change.path }),
      ...(change.expected !== undefined && { expected: change.expected }),
      ...(change.total !== undefined && { total: change.total }),
      ...(change.held !== undefined && { held: change.held }),
      ...(change.refused !== undefined && { refused: change.refused }),
      ...(change.cursor !== undefined && { cursor: change.cursor === null ? null : JSON.stringify(change.cursor) }),
      ...(change.pass !== undefined && { pass: change.pass }),
      ...(change.batchSize !== undefined && { batch_size: change.batchSize }),
      ...(change.releasedRows !== undefined && { released_rows: change.releasedRows }),
      ...(change.bytesReusable !== undefined && { bytes_reusable: change.bytesReusable }),
      ...(change.bytesReturned !== undefined && { bytes_returned: change.bytesReturned }),
      ...(change.remaining !== undefined && { remaining: change.remaining }),
      ...(change.startedAt !== undefined && { started_at: change.startedAt }),
      ...(change.finishedAt !== undefined && { finished_at: change.finishedAt }),
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('run_id', '=', run)
    .where('position', '=', position)
    .execute();
}

/** What the same step took in finished runs about everything, the newest twenty. */
export async function readHabit(tx: Tx, step: Pick<StepRecord, 'promise' | 'dataset' | 'kind'>): Promise<number[]> {
  const rows = await tx.db
    .selectFrom('retention.run_step as step')
    .innerJoin('retention.run as run', (join) =>
      join.onRef('run.organisation_id', '=', 'step.organisation_id').onRef('run.id', '=', 'step.run_id'),
    )
    .select('step.disposed')
    .where('step.organisation_id', '=', tx.organisationId)
    .where('run.organisation_id', '=', tx.organisationId)
    .where('step.promise', '=', step.promise)
    .where('step.dataset', '=', step.dataset)
    .where('step.kind', '=', step.kind)
    .where('step.state', '=', 'done')
    .where('run.cause', 'in', ['schedule', 'person', 'hold-released'])
    .orderBy('step.finished_at', 'desc')
    .limit(20)
    .execute();
  return rows.map((row) => Number(row.disposed));
}

function runs(tx: Tx) {
  return tx.db.selectFrom('retention.run').selectAll().where('organisation_id', '=', tx.organisationId);
}

type RunRow = Awaited<ReturnType<ReturnType<typeof runs>['executeTakeFirstOrThrow']>>;

function runOf(row: RunRow): RunRecord {
  return {
    id: brand<'Run'>(row.id),
    cause: row.cause,
    state: row.state,
    reason: row.reason,
    pauseAsked: row.pause_asked,
    isCautious: row.is_cautious,
    epoch: row.epoch,
    plan: row.plan_id === null ? null : brand<'Plan'>(row.plan_id),
    account: row.account,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    retryAt: row.retry_at,
    startedBy: actorSchema.parse(row.started_by),
    entry: row.entry_id === null ? null : brand<'Entry'>(row.entry_id),
  };
}

function numberOrNull(value: string | null): number | null {
  return value === null ? null : Number(value);
}
