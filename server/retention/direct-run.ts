import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { findBasis } from './basis.ts';
import { retentionProblems } from './contract.ts';
import { readGate, recordLook } from './gate-store.ts';
import { enqueueRun, queueRun } from './queue-run.ts';
import { changeRun, changeStep, listSteps, listUnfinishedRuns, lockRun, type RunRecord } from './run-store.ts';

const fail = failuresOf(retentionProblems);

/**
 * Runs everything that is approved, now, at a person's word.
 * @throws Failure `run-in-progress`, `disposal-stopped`, `nothing-to-plan`
 */
export async function startRun(platform: Platform, tx: Tx, by: Actor): Promise<Id<'Run'>> {
  if ((await findBasis(tx)) === undefined) throw fail('nothing-to-plan', 'Publish a policy and a data map first.');
  const { stopped } = await readGate(tx);
  if (stopped !== null) throw fail('disposal-stopped', `All disposal is stopped: ${stopped.reason}`);
  const unfinished = (await listUnfinishedRuns(tx)).filter(isGeneral);
  const busy = unfinished.find((run) => run.state !== 'waiting');
  if (busy !== undefined) throw fail('run-in-progress', `Run ${busy.id} is ${busy.state}.`);
  for (const run of unfinished) await giveWay(tx, run);
  // A person is there: whatever the clock did, they have looked at it.
  await recordLook(tx, tx.at);
  return queueRun(platform, tx, { cause: 'person', by });
}

/** Whether a run is about everything and so takes the place of an earlier one of its kind. */
export function isGeneral(run: RunRecord): boolean {
  return run.cause === 'person' || run.cause === 'schedule' || run.cause === 'hold-released';
}

/** A run that waits gives way to a new one, which asks the same questions with today's numbers. */
export async function giveWay(tx: Tx, run: RunRecord): Promise<void> {
  for (const step of await listSteps(tx, run.id))
    if (step.state !== 'done' && step.state !== 'skipped')
      await changeStep(tx, run.id, step.position, {
        state: 'skipped',
        reason: 'A later run took its place.',
        finishedAt: tx.at,
      });
  await changeRun(tx, run.id, { state: 'finished', reason: 'A later run took its place.', finishedAt: tx.at });
}

/** @throws Failure `run-not-found`, `run-not-pausable` */
export async function pauseRun(tx: Tx, id: Id<'Run'>, by: Actor): Promise<void> {
  const run = await getUnfinished(tx, id);
  if (run.pauseAsked) return;
  if (run.state !== 'running' && run.state !== 'queued' && run.state !== 'paused')
    throw fail('run-not-pausable', `The run is ${run.state}.`);
  // A batch locks the run in share mode when it begins, so none begins after this commits.
  await changeRun(tx, id, {
    pauseAsked: true,
    reason: 'A person paused it.',
    ...(run.state !== 'running' && { state: 'paused' }),
  });
  await recordEntry(tx, { kind: 'disposal.paused', actor: by, body: { run: id, reason: 'person' } });
}

/** @throws Failure `run-not-found`, `run-not-pausable`, `disposal-stopped` */
export async function resumeRun(platform: Platform, tx: Tx, id: Id<'Run'>, by: Actor): Promise<void> {
  const run = await getUnfinished(tx, id);
  const { stopped } = await readGate(tx);
  if (stopped !== null) throw fail('disposal-stopped', `All disposal is stopped: ${stopped.reason}`);
  if (!run.pauseAsked && run.state !== 'paused') throw fail('run-not-pausable', `The run is ${run.state}.`);
  await changeRun(tx, id, { pauseAsked: false, reason: null, ...(run.state === 'paused' && { state: 'queued' }) });
  await recordEntry(tx, { kind: 'disposal.resumed', actor: by, body: { run: id } });
  await enqueueRun(platform, tx, id);
}

/**
 * Lets a braked step take the rows a person saw.
 * @throws Failure `run-not-found`, `step-not-braked`
 */
export async function releaseBrake(
  platform: Platform,
  tx: Tx,
  id: Id<'Run'>,
  position: number,
  release: { readonly rows: number; readonly reason: string; readonly by: Actor },
): Promise<void> {
  // The gate before the run, as every batch locks them. A person is there: whatever the clock did, they have looked.
  await recordLook(tx, tx.at);
  await getUnfinished(tx, id);
  const step = (await listSteps(tx, id)).find((candidate) => candidate.position === position);
  if (step?.state !== 'braked') throw fail('step-not-braked', `Step ${position} is ${step?.state ?? 'not there'}.`);
  if (step.expected !== release.rows)
    throw fail('step-not-braked', `The step would take ${step.expected} rows, not ${release.rows}. Read it again.`);
  await changeStep(tx, id, position, {
    state: 'waiting',
    reason: release.reason,
    releasedRows: release.rows,
  });
  await changeRun(tx, id, { state: 'queued', reason: null });
  await recordEntry(tx, {
    kind: 'disposal.released',
    actor: release.by,
    body: { run: id, step: position, promise: step.promise, dataset: step.dataset, rows: release.rows },
  });
  await enqueueRun(platform, tx, id);
}

async function getUnfinished(tx: Tx, id: Id<'Run'>): Promise<RunRecord> {
  const run = await lockRun(tx, id);
  if (run === undefined) throw fail('run-not-found', `There is no run ${id}.`);
  if (run.finishedAt !== null) throw fail('run-not-pausable', `The run is ${run.state}.`);
  return run;
}
