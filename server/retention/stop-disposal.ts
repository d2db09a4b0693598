import type { z } from 'zod';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { findBasis } from './basis.ts';
import type { disposalStateSchema } from './contract.ts';
import { nextDailyRun } from './daily.ts';
import { readGate, setStop } from './gate-store.ts';
import { listOpenBatches } from './journal-store.ts';
import { enqueueRun } from './queue-run.ts';
import { listUnfinishedRuns, stepsOfRuns } from './run-store.ts';

export type DisposalState = z.infer<typeof disposalStateSchema>;

/**
 * Halts all disposal: from the commit on no batch begins, whatever made it. A batch that is under way ends (it takes
 * milliseconds); the answer says which.
 */
export async function stopDisposal(tx: Tx, reason: string, by: Actor): Promise<DisposalState> {
  await setStop(tx, { at: tx.at, by, reason });
  const state = await readState(tx);
  await recordEntry(tx, {
    kind: 'disposal.stopped',
    actor: by,
    body: { runs: [...new Set(state.running.map(({ run }) => run))] },
  });
  return state;
}

/** Allows disposal again; what was stopped goes on where it stood. */
export async function restartDisposal(platform: Platform, tx: Tx, by: Actor): Promise<DisposalState> {
  const { stopped } = await readGate(tx);
  if (stopped !== null) {
    await setStop(tx, null);
    await recordEntry(tx, { kind: 'disposal.restarted', actor: by, body: {} });
    for (const run of await listUnfinishedRuns(tx)) if (!run.pauseAsked) await enqueueRun(platform, tx, run.id);
  }
  return readState(tx);
}

/** Whether disposal is stopped, and what is under way. */
export async function readState(tx: Tx): Promise<DisposalState> {
  const { stopped } = await readGate(tx);
  const runs = (await listUnfinishedRuns(tx)).filter((run) => run.state === 'running');
  const steps = await stepsOfRuns(
    tx,
    runs.map((run) => run.id),
  );
  const open = await listOpenBatches(tx, {});
  const running = runs.flatMap((run) =>
    (steps.get(run.id) ?? [])
      .filter((step) => step.state === 'running')
      .map((step) => ({
        run: run.id,
        dataset: step.dataset,
        batchInFlight: open.some((batch) => batch.run === run.id && batch.position === step.position),
      })),
  );
  const basis = await findBasis(tx);
  return {
    stopped: stopped === null ? null : { at: stopped.at.toISOString(), by: stopped.by, reason: stopped.reason },
    running,
    nextRunAt:
      basis === undefined || stopped !== null ? null : nextDailyRun(tx.at, basis.calendar.timeZone).toISOString(),
  };
}
