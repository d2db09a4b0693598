import { firstPace, nextPace, type Pace } from '../connectors/batch-pace.ts';
import { type Action, type BatchOutcome, BatchTimedOut, type ConnectedSystem } from '../connectors/connector.ts';
import { anonymisationKey } from './anonymisation-key.ts';
import { anonymisationsOf } from './disposal-condition.ts';
import { rest, type StepEnd, underHolds, type Work } from './drive.ts';
import { type Ending, type Entered, isEndOfPass, Journal } from './journal.ts';
import { lastBatchNumber } from './journal-store.ts';
import { pressureOn } from './pressure.ts';
import { attachmentRemover } from './remove-attachments.ts';
import { changeStep } from './run-store.ts';

/** A lock is worth waiting for as long as a batch lasts; who holds it longer is let through. */
const lockTimeoutMs = 200;
const statementTimeoutMs = 5_000;
/** So many time-outs on end are no accident: the run rests and a person is told. */
const timeoutsOnEnd = 30;
const pressureEveryMs = 1_000;

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
  let ending: Ending | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    let pressed: string | null = null;
    if (performance.now() - lookedAt > pressureEveryMs) {
      pressed = await pressureOn(system);
      lookedAt = performance.now();
    }
    if (pressed !== null || signal.aborted) {
      if (ending !== null) await state.journal.end(ending);
      return { kind: 'halted', by: signal.aborted ? 'interrupted' : 'pressure', reason: pressed };
    }
    const entered: Entered | { readonly halted: 'stopped' | 'paused' } = await state.journal.turn(ending);
    if ('halted' in entered) return { kind: 'halted', by: entered.halted, reason: null };
    ending = await runBatch(work, state, entered);
    if (state.timeouts >= timeoutsOnEnd) {
      await state.journal.end(ending);
      return { kind: 'blocked', reason: 'The store’s locks could not be had for a while; it is tried again later.' };
    }
    if (ending.state === 'committed' && ending.cursor === null) {
      await state.journal.end(ending);
      return { kind: 'ended' };
    }
    await rest(state.pace.restMs, signal);
  }
}

interface PassState {
  readonly journal: Journal;
  readonly system: ConnectedSystem;
  readonly action: Action;
  pace: Pace;
  cursor: Work['step']['cursor'];
  timeouts: number;
}

async function runBatch(work: Work, state: PassState, entered: Entered): Promise<Ending> {
  const { step } = work;
  const { target, exclusion } = underHolds(work, entered.holds);
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
      beforeCommit: (transactionId, pending) => state.journal.announce(transactionId, pending),
      removeAttachments: attachmentRemover(work, entered.holds),
    });
    state.pace = nextPace(state.pace, outcome);
    state.cursor = outcome.cursor;
    state.timeouts = 0;
    const { disposed, refused, cursor, elapsedMs, dropped } = outcome;
    const nextSize = state.pace.size;
    return { state: 'committed', disposed, disposedAtMost: disposed, refused, dropped, cursor, elapsedMs, nextSize };
  } catch (error) {
    if (!(error instanceof BatchTimedOut)) {
      await abandon(state.journal, error);
      throw error;
    }
    state.pace = nextPace(state.pace, 'timed-out');
    state.timeouts += 1;
    return { ...nothingDone, cursor: state.cursor, nextSize: state.pace.size };
  }
}

const nothingDone = {
  state: 'aborted',
  disposed: 0,
  disposedAtMost: 0,
  refused: 0,
  dropped: [],
  elapsedMs: 0,
} as const;

/** A refusal means that nothing was done; after a lost connection only the store can tell, see settle-batch.ts. */
async function abandon(journal: Journal, error: unknown): Promise<void> {
  if (error instanceof Error && error.name === 'StatementRefused')
    await journal.end({ ...nothingDone, cursor: null, nextSize: null });
}

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
