import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { type Run, type RunStep, retentionProblems } from './contract.ts';
import { findRun, listRunRecords, type RunRecord, type StepRecord, stepsOfRuns } from './run-store.ts';

const fail = failuresOf(retentionProblems);

/** @throws Failure `run-not-found` */
export async function getRun(tx: Tx, id: Id<'Run'>): Promise<Run> {
  const run = await findRun(tx, id);
  if (run === undefined) throw fail('run-not-found', `There is no run ${id}.`);
  const [shown] = await show(tx, [run]);
  if (shown === undefined) throw new Error('one run is shown as one');
  return shown;
}

/** Newest first. */
export async function listRuns(tx: Tx, after: string | undefined, limit: number): Promise<Run[]> {
  return show(tx, await listRunRecords(tx, after, limit));
}

async function show(tx: Tx, runs: readonly RunRecord[]): Promise<Run[]> {
  const steps = await stepsOfRuns(
    tx,
    runs.map((run) => run.id),
  );
  return runs.map((run) => {
    const shown = (steps.get(run.id) ?? []).map(showStep);
    return {
      id: run.id,
      cause: run.cause,
      state: run.state,
      reason: run.reason,
      startedAt: (run.startedAt ?? run.createdAt).toISOString(),
      finishedAt: run.finishedAt?.toISOString() ?? null,
      startedBy: run.startedBy,
      disposed: shown.reduce((sum, step) => sum + step.disposed, 0),
      expected: shown.reduce((sum, step) => sum + step.expected, 0),
      steps: shown,
      entry: run.entry,
    };
  });
}

function showStep(step: StepRecord): RunStep {
  // A batch is followed by a rest of its own length, so the clock on the wall runs twice as fast.
  const rate = step.activeMs > 0 && step.disposed > 0 ? (step.disposed / step.activeMs) * 500 : null;
  const left = Math.max(0, step.expected - step.disposed);
  return {
    position: step.position,
    promise: step.promise,
    dataset: step.dataset,
    fate: step.fate,
    path: step.path,
    state: step.state,
    reason: step.reason,
    expected: step.expected,
    disposed: step.disposed,
    disposedAtMost: step.disposedAtMost,
    held: step.held,
    refused: step.refused,
    batches: step.batches,
    rowsPerSecond: rate,
    secondsLeft: step.state !== 'running' || rate === null ? null : left / rate,
    bytesReusable: step.bytesReusable,
    bytesReturned: step.bytesReturned,
    remaining: step.remaining,
  };
}
