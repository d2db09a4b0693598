import { recordEntry } from '../ledger/record-entry.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { findBasis } from './basis.ts';
import { concludeContractEnd } from './conclude-contract-end.ts';
import { type Drive, Interrupted, type StepEnd } from './drive.ts';
import { driveStep } from './drive-step.ts';
import { concludeErasures } from './erase.ts';
import { ensureGate, readGate } from './gate-store.ts';
import { TakenOver } from './journal.ts';
import { removeEmptyBatches } from './journal-store.ts';
import { inOrder, prepareRun } from './prepare-run.ts';
import { system } from './queue-run.ts';
import {
  changeRun,
  changeStep,
  findRun,
  listSteps,
  lockRun,
  type RunRecord,
  type RunState,
  raiseEpoch,
  type StepRecord,
} from './run-store.ts';
import { settleBatches } from './settle-batch.ts';
import { troubleOf, withSystems } from './systems.ts';

/** A store that could not be worked on is tried again after so long. */
const retryMs = 60_000;
/** … and one that was busy after so long. */
const pressureMs = 5_000;

export interface DriveOptions {
  /** Aborted when the process is to stop: the batch at hand is finished, the run is taken up again later. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Drives a run on from wherever it stands, and returns when it has finished or has to rest. Safe to call at any time
 * and any number of times: one process drives a run, whoever else is asked to takes no notice.
 * @throws Failure `database-unavailable`, Interrupted; nothing is lost, and the next call goes on
 */
export async function driveRun(
  platform: Platform,
  organisationId: OrganisationId,
  id: Id<'Run'>,
  options: DriveOptions = {},
): Promise<void> {
  let again = true;
  while (again) {
    const lock = await platform.db.tryLock(lockName(id));
    if (lock === null) return;
    try {
      const signals = options.signal === undefined ? [lock.signal] : [lock.signal, options.signal];
      await driveOwned(platform, organisationId, id, AbortSignal.any(signals));
    } catch (error) {
      if (!(error instanceof TakenOver)) throw error;
    } finally {
      await lock.release();
    }
    // Whoever resumed it while it was coming to rest found it owned and took no notice.
    again = (await platform.db.transaction(organisationId, (tx) => findRun(tx, id)))?.state === 'queued';
  }
}

/** Whoever holds it drives the run. */
export function lockName(run: Id<'Run'>): string {
  return `retention.run.${run}`;
}

async function driveOwned(
  platform: Platform,
  organisationId: OrganisationId,
  id: Id<'Run'>,
  signal: AbortSignal,
): Promise<void> {
  const taken = await platform.db.transaction(organisationId, (tx) => takeOver(tx, id));
  if (taken === null) return;
  const basis = await platform.db.transaction(organisationId, findBasis);
  if (basis === undefined) {
    await platform.db.transaction(organisationId, (tx) => fail(tx, id, 'There is no policy or no data map any more.'));
    return;
  }
  await withSystems(platform, organisationId, basis.map, async (systems) => {
    const drive: Drive = { platform, organisationId, ...taken, basis, systems, signal };
    try {
      await settleBatches(platform, organisationId, id, basis, systems, signal);
    } catch (error) {
      const { explanation, remedy } = troubleOf(error);
      await waitFor(drive, `${explanation} ${remedy}`);
      return;
    }
    await prepareRun(drive);
    await driveSteps(drive);
  });
}

async function takeOver(tx: Tx, id: Id<'Run'>): Promise<Pick<Drive, 'run' | 'epoch'> | null> {
  await ensureGate(tx);
  const run = await lockRun(tx, id);
  if (run === undefined || run.finishedAt !== null) return null;
  const gate = await readGate(tx);
  if (gate.stopped !== null) {
    await changeRun(tx, id, { state: 'stopped', reason: gate.stopped.reason });
    return null;
  }
  if (run.pauseAsked) {
    await changeRun(tx, id, { state: 'paused' });
    return null;
  }
  await changeRun(tx, id, {
    state: 'running',
    reason: null,
    retryAt: null,
    ...(run.startedAt === null && { startedAt: tx.at }),
  });
  return { run, epoch: await raiseEpoch(tx, id) };
}

async function driveSteps(drive: Drive): Promise<void> {
  const { platform, organisationId, run } = drive;
  const steps = await platform.db.transaction(organisationId, (tx) => listSteps(tx, run.id));
  const pending = steps.filter((step) => step.state !== 'done' && step.state !== 'skipped');
  for (const step of await inOrder(drive, pending)) {
    const end = await attempt(drive, step);
    if (end.kind !== 'halted') continue;
    await halt(drive, end);
    return;
  }
  await conclude(drive);
}

/** One step; what its system could not or would not do blocks this step and no other. */
async function attempt(drive: Drive, step: StepRecord): Promise<StepEnd> {
  let end: StepEnd;
  try {
    end = await driveStep(drive, step.position);
  } catch (error) {
    if (drive.signal.aborted) throw new Interrupted(error);
    const { explanation, remedy } = troubleOf(error);
    end = { kind: 'blocked', reason: `${explanation} ${remedy}` };
    await drive.systems.drop(step.system);
  }
  if (end.kind === 'blocked') {
    const { reason } = end;
    await drive.platform.db.transaction(drive.organisationId, (tx) =>
      changeStep(tx, drive.run.id, step.position, { state: 'blocked', reason }),
    );
  }
  return end;
}

async function halt(drive: Drive, end: Extract<StepEnd, { kind: 'halted' }>): Promise<void> {
  if (end.by === 'interrupted' || end.by === 'taken-over') throw new Interrupted();
  await drive.platform.db.transaction(drive.organisationId, async (tx) => {
    const gate = await readGate(tx);
    const run = await lockRun(tx, drive.run.id);
    if (run === undefined || run.finishedAt !== null) return;
    // It may have been resumed since the batch that was refused: then it goes on at once.
    const over = (end.by === 'stopped' && gate.stopped === null) || (end.by === 'paused' && !run.pauseAsked);
    const state: RunState = over ? 'queued' : end.by === 'stopped' ? 'stopped' : 'paused';
    const reason = end.by === 'stopped' ? (gate.stopped?.reason ?? null) : (end.reason ?? run.reason);
    const retryAt = end.by === 'pressure' ? new Date(tx.at.getTime() + pressureMs) : null;
    await changeRun(tx, drive.run.id, { state, reason: over ? null : reason, retryAt });
    // Who paused or stopped it has recorded so; that a store needed rest is ours to tell.
    if (end.by === 'pressure' && drive.run.state !== 'paused')
      await recordEntry(tx, {
        kind: 'disposal.paused',
        actor: system,
        body: { run: drive.run.id, reason: 'store-pressure' },
      });
  });
}

async function waitFor(drive: Drive, reason: string): Promise<void> {
  await drive.platform.db.transaction(drive.organisationId, (tx) =>
    changeRun(tx, drive.run.id, { state: 'waiting', reason, retryAt: new Date(tx.at.getTime() + retryMs) }),
  );
}

async function fail(tx: Tx, id: Id<'Run'>, reason: string): Promise<void> {
  await changeRun(tx, id, { state: 'failed', reason, finishedAt: tx.at });
}

async function conclude(drive: Drive): Promise<void> {
  const { platform, organisationId, run } = drive;
  const { steps, rests } = await platform.db.transaction(organisationId, (tx) => comeToRest(tx, run.id));
  if (rests) return;
  let concludeEnd: Awaited<ReturnType<typeof concludeContractEnd>> | null = null;
  try {
    if (run.cause === 'contract-end') concludeEnd = await concludeContractEnd(drive, steps);
  } catch (error) {
    const { explanation, remedy } = troubleOf(error);
    await waitFor(drive, `${explanation} ${remedy}`);
    return;
  }
  await platform.db.transaction(organisationId, async (tx) => {
    const current = await lockRun(tx, run.id);
    if (current === undefined || current.finishedAt !== null || current.epoch !== drive.epoch) throw new TakenOver();
    const entry = await recordEntry(tx, { kind: 'disposal.finished', actor: system, body: report(run, steps) });
    await changeRun(tx, run.id, { state: 'finished', reason: null, finishedAt: tx.at, entry });
    await removeEmptyBatches(tx, run.id);
    if (run.cause === 'event') await concludeErasures(tx, run.id, steps);
    await concludeEnd?.(tx);
  });
}

/** Says what a run waits for that cannot be concluded yet. Under its lock, so that a release is not overlooked. */
async function comeToRest(
  tx: Tx,
  id: Id<'Run'>,
): Promise<{ readonly steps: readonly StepRecord[]; readonly rests: boolean }> {
  await lockRun(tx, id);
  const steps = await listSteps(tx, id);
  const braked = steps.find((step) => step.state === 'braked');
  const blocked = steps.find((step) => step.state === 'blocked');
  // A step that was released while others were under way: the run goes on at once.
  const released = steps.some((step) => step.state === 'waiting');
  if (released) await changeRun(tx, id, { state: 'queued', reason: null, retryAt: null });
  else if (braked !== undefined || blocked !== undefined)
    await changeRun(tx, id, {
      state: 'waiting',
      reason: braked?.reason ?? blocked?.reason ?? null,
      retryAt: blocked === undefined ? null : new Date(tx.at.getTime() + retryMs),
    });
  return { steps, rests: released || braked !== undefined || blocked !== undefined };
}

function report(run: RunRecord, steps: readonly StepRecord[]) {
  const sum = (of: (step: StepRecord) => number): number => steps.reduce((total, step) => total + of(step), 0);
  return {
    run: run.id,
    disposed: sum((step) => step.disposed),
    disposedAtMost: sum((step) => step.disposedAtMost),
    refused: sum((step) => step.refused),
    remaining: sum((step) => step.remaining ?? 0),
    bytesReusable: sum((step) => step.bytesReusable ?? 0),
    bytesReturned: sum((step) => step.bytesReturned ?? 0),
    steps: steps
      .filter((step) => step.state === 'done')
      .map(({ promise, dataset, disposed, held, remaining }) => ({ promise, dataset, disposed, held, remaining })),
  };
}
