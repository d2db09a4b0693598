import { firstPace, nextPace, type Pace } from '../connectors/batch-pace.ts';
import {
  type Action,
  type BatchOutcome,
  BatchTimedOut,
  type ConnectedSystem,
  StatementRefused,
} from '../connectors/connector.ts';
import { anonymisationKey } from './anonymisation-key.ts';
import type { HoldTarget } from './contract.ts';
import { anonymisationsOf } from './disposal-condition.ts';
import { rest, type StepEnd, underHolds, type Work } from './drive.ts';
import { isEndOfPass, Journal, Refused } from './journal.ts';
import { lastBatchNumber } from './journal-store.ts';
import { pressureOn } from './pressure.ts';
import { attachmentRemover } from './remove-attachments.ts';
import { changeStep } from './run-store.ts';

/** A lock is worth waiting for as long as a batch lasts; who holds it longer is let through. */
const lockTimeoutMs = 200;
const statementTimeoutMs = 5_000;
/** So many time-outs on end are no accident: the run rests and a person is told. */
const timeoutsOnEnd = 30;
const lookEveryMs = 1_000;
const longRestMs = 200;

/** Whether a pass reached its end, or why it did not. */
export type PassEnd =
  | { readonly kind: 'ended' }
  | { readonly kind: 'blocked'; readonly reason: string }
  | Extract<StepEnd, { kind: 'halted' }>;

/**
 * One pass over the dataset, batch by batch, from where the step stands. The cutoff is the run's; holds are read anew
 * for every batch.
 * @throws SystemUnreachable, StatementRefused, TakenOver, Failure `database-unavailable`
 */
export async function disposePass(work: Work, batchSize: number | null): Promise<PassEnd> {
  const { drive, step } = work;
  if (isEndOfPass(step.cursor)) return { kind: 'ended' };
  const { platform, organisationId, signal } = drive;
  const lastNumber = await platform.db.transaction(organisationId, (tx) =>
    lastBatchNumber(tx, drive.run.id, step.position),
  );
  const system = await drive.systems.get(step.system);
  const state: PassState = {
    journal: new Journal(drive, step, lastNumber),
    system,
    action: await actionOf(work),
    pace: batchSize === null ? firstPace : { ...firstPace, size: batchSize },
    cursor: step.cursor,
    timeouts: 0,
  };
  let lookedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (performance.now() - lookedAt > lookEveryMs || signal.aborted) {
      const halted = await lookAround(state, signal);
      if (halted !== null) return halted;
      lookedAt = performance.now();
    }
    const entered = await state.journal.next(hasFiles(work));
    if ('halted' in entered) return { kind: 'halted', by: entered.halted, reason: null };
    const outcome = await runBatch(work, state, entered.holds);
    if (outcome === 'ended') {
      await state.journal.flush();
      return { kind: 'ended' };
    }
    if (outcome === 'stopped' || outcome === 'paused') return { kind: 'halted', by: outcome, reason: null };
    if (state.timeouts >= timeoutsOnEnd) {
      await state.journal.flush();
      return { kind: 'blocked', reason: 'The store’s locks could not be had for a while; it is tried again later.' };
    }
    // What is written down with the next batch is not kept waiting for one that may be long in coming.
    if (outcome !== 'announced' || state.pace.restMs > longRestMs) await state.journal.flush();
    if (outcome !== 'outdated') await rest(state.pace.restMs, signal);
  }
}

/** Why the run has to rest now: the process ends, a person asked for it, or the store is under pressure. */
async function lookAround(state: PassState, signal: AbortSignal): Promise<Extract<PassEnd, { kind: 'halted' }> | null> {
  const orders = signal.aborted ? null : await state.journal.orders();
  const pressed = signal.aborted || orders !== null ? null : await pressureOn(state.system);
  if (!signal.aborted && orders === null && pressed === null) return null;
  await state.journal.flush();
  return { kind: 'halted', by: signal.aborted ? 'interrupted' : (orders ?? 'pressure'), reason: pressed };
}

/** Files go before their rows do, and do not come back when the rows' transaction is undone. */
function hasFiles(work: Work): boolean {
  return work.rule.fate !== 'anonymise' && work.rule.binding.attachments.length > 0;
}

interface PassState {
  readonly journal: Journal;
  readonly system: ConnectedSystem;
  readonly action: Action;
  pace: Pace;
  cursor: Work['step']['cursor'];
  timeouts: number;
}

type BatchEnd = 'announced' | 'nothing-to-do' | 'timed-out' | 'ended' | 'stopped' | 'paused' | 'outdated';

async function runBatch(work: Work, state: PassState, holds: readonly HoldTarget[]): Promise<BatchEnd> {
  const { step } = work;
  const { target, exclusion } = underHolds(work, holds);
  let announced = false;
  try {
    const outcome: BatchOutcome = await state.system.disposeBatch({
      target,
      condition: step.condition,
      exclusion,
      action: state.action,
      path: step.path ?? 'key-range',
      cursor: state.cursor,
      size: state.pace.size,
      lockTimeoutMs,
      statementTimeoutMs,
      beforeCommit: async (transactionId, pending) => {
        await state.journal.announce(transactionId, pending);
        announced = true;
      },
      removeAttachments: attachmentRemover(work, holds),
    });
    state.pace = nextPace(state.pace, outcome);
    state.cursor = outcome.cursor;
    state.timeouts = 0;
    const { disposed, refused, cursor, elapsedMs, dropped } = outcome;
    const nextSize = state.pace.size;
    state.journal.ended({
      state: 'committed',
      disposed,
      disposedAtMost: disposed,
      refused,
      dropped,
      cursor,
      elapsedMs,
      nextSize,
    });
    if (cursor === null) return 'ended';
    return announced ? 'announced' : 'nothing-to-do';
  } catch (error) {
    return undone(state, error);
  }
}

/** What becomes of a batch that did nothing. After a lost connection only the store can tell: it stays open. */
async function undone(state: PassState, error: unknown): Promise<BatchEnd> {
  const isTimeout = error instanceof BatchTimedOut;
  if (isTimeout) {
    state.pace = nextPace(state.pace, 'timed-out');
    state.timeouts += 1;
  }
  if (isTimeout || error instanceof Refused || error instanceof StatementRefused)
    state.journal.ended({ ...nothingDone, cursor: null, nextSize: state.pace.size });
  // The batch before has ended in any case.
  await state.journal.flush();
  if (error instanceof Refused) return error.by;
  if (isTimeout) return 'timed-out';
  throw error;
}

const nothingDone = {
  state: 'aborted',
  disposed: 0,
  disposedAtMost: 0,
  refused: 0,
  dropped: [],
  elapsedMs: 0,
} as const;

async function actionOf(work: Work): Promise<Action> {
  if (work.rule.fate !== 'anonymise') return { kind: 'delete' };
  const { platform, organisationId } = work.drive;
  const secret = await anonymisationKey(platform.config.dataDirectory, organisationId);
  return { kind: 'anonymise', fields: anonymisationsOf(work.rule.binding), secret };
}

/** Begins the step's next pass from the start of the dataset. */
export async function beginPass(work: Work, pass: number, remaining: number): Promise<void> {
  const { platform, organisationId, run } = work.drive;
  await platform.db.transaction(organisationId, (tx) =>
    changeStep(tx, run.id, work.step.position, { pass, cursor: null, refused: 0, remaining }),
  );
}
