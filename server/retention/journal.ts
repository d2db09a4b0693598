import type { Cursor, PendingBatch } from '../connectors/connector.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { HoldTarget } from './contract.ts';
import { type Drive, runOf } from './drive.ts';
import { readGate } from './gate-store.ts';
import { listHeld } from './hold-store.ts';
import { closeBatch, type Opening, openBatch, readOrders, recordPending } from './journal-store.ts';
import { system } from './queue-run.ts';
import type { StepRecord } from './run-store.ts';

/** Where a step stands whose cursor has come to the end, but which has not been counted yet. */
export const endOfPass: Cursor = { kept: 'end' };

export function isEndOfPass(cursor: Cursor | null): boolean {
  return cursor?.['kept'] === 'end';
}

/** The batch was closed or the run taken over by somebody else: the store must not commit. */
export class TakenOver extends Error {
  constructor() {
    super('another process drives this run now');
    this.name = 'TakenOver';
  }
}

/** How a batch of this journal ended. */
export interface Ending {
  readonly state: 'committed' | 'aborted' | 'unknown';
  readonly disposed: number;
  readonly disposedAtMost: number;
  readonly refused: number;
  /** Partitions that went as a whole. */
  readonly dropped: readonly string[];
  /** Null at the end of the pass. */
  readonly cursor: Cursor | null;
  readonly elapsedMs: number;
  readonly nextSize: number | null;
}

interface Current {
  readonly id: Id<'Batch'>;
  readonly number: number;
  readonly transactionId: string | null;
}

/** A batch must not take effect: all is stopped, the run is to pause, or a hold was placed since it was made. */
export class Refused extends Error {
  readonly by: 'stopped' | 'paused' | 'outdated';

  constructor(by: 'stopped' | 'paused' | 'outdated') {
    super(`the batch was refused: ${by}`);
    this.name = 'Refused';
    this.by = by;
  }
}

/**
 * The journal of one step's batches. A batch stands in it before its store commits, with the transaction's id and what
 * it will have done; it passes the gate then, and is undone when a hold was placed since it was made. Writing it down
 * also ends the batch before, so that a batch costs one transaction in Kept's own database.
 *
 * What cannot be undone (removing files) is written down *ahead*, before it begins. So is a batch after one that was
 * refused for a new hold: however many holds are placed one after the other, every second batch gets through.
 */
export class Journal {
  readonly #drive: Drive;
  readonly #step: StepRecord;
  #number: number;
  #seen: { readonly version: number; readonly holds: readonly HoldTarget[] } | null = null;
  #ahead = false;
  /** The batch that is open in the journal, and how it ended where that is known but not yet written down. */
  #current: Current | null = null;
  #ending: Ending | null = null;

  constructor(drive: Drive, step: StepRecord, lastNumber: number) {
    this.#drive = drive;
    this.#step = step;
    this.#number = lastNumber;
  }

  /**
   * The holds that the next batch has to respect. Any later one waits for it or undoes it.
   * @param ahead whether the batch does what cannot be undone
   * @throws TakenOver
   */
  async next(
    ahead: boolean,
  ): Promise<{ readonly holds: readonly HoldTarget[] } | { readonly halted: 'stopped' | 'paused' }> {
    if (ahead || this.#ahead) {
      this.#ahead = false;
      const turned = await this.#turn(null, null);
      if (turned !== null && turned !== 'outdated') return { halted: turned };
    }
    // The version is read before the holds: one that is placed in between makes the batch outdated, never unseen.
    this.#seen ??= await this.#transaction(async (tx) => {
      const { version } = await readGate(tx);
      return { version, holds: await listHeld(tx) };
    });
    return { holds: this.#seen.holds };
  }

  /**
   * Called by the store before it commits, or before a file goes.
   * @throws TakenOver, Refused
   */
  async announce(transactionId: string | null, pending: PendingBatch): Promise<void> {
    const told = { ...pending, cursor: pending.cursor ?? endOfPass };
    const current = this.#current;
    if (current !== null && this.#ending === null) {
      const mine = await this.#transaction((tx) => recordPending(tx, current.id, transactionId, told));
      if (!mine) throw new TakenOver();
      this.#current = { ...current, transactionId };
      return;
    }
    const refused = await this.#turn(this.#seen?.version ?? null, { transactionId, pending: told });
    if (refused === null) return;
    if (refused === 'outdated') {
      this.#seen = null;
      this.#ahead = true;
    }
    throw new Refused(refused);
  }

  /**
   * How the batch under way ended; written down with the next one, or by `flush`. One that never came to be written
   * down has no end either, and leaves the one before it as it was.
   */
  ended(ending: Ending): void {
    if (this.#current !== null && this.#ending === null) this.#ending = ending;
  }

  /** Writes down how the last batch ended. */
  async flush(): Promise<void> {
    if (this.#ending === null) return;
    await this.#transaction((tx) => this.#close(tx));
    this.#forget();
  }

  /** Whether the run may go on. @throws TakenOver */
  async orders(): Promise<'stopped' | 'paused' | null> {
    const { run, epoch } = this.#drive;
    const halted = await this.#transaction((tx) => readOrders(tx, run.id, epoch));
    if (halted === 'taken-over') throw new TakenOver();
    return halted;
  }

  /** Ends the batch before and opens the next; null where it was opened. */
  async #turn(
    expected: number | null,
    announced: Opening['announced'],
  ): Promise<'stopped' | 'paused' | 'outdated' | null> {
    const number = this.#number + 1;
    const { dataset, system: name, position } = this.#step;
    const next = await this.#transaction(async (tx) => {
      if (this.#ending !== null) await this.#close(tx);
      const id = newId<'Batch'>(tx.at);
      const { run, epoch } = this.#drive;
      const opening = { id, run: run.id, position, number, dataset, system: name, epoch, expected, announced };
      const turned = await openBatch(tx, opening);
      if ('halted' in turned) return turned;
      const isNews = turned.opened !== this.#seen?.version;
      return { id, seen: isNews ? { version: turned.opened, holds: await listHeld(tx) } : this.#seen };
    });
    this.#forget();
    if ('halted' in next) {
      if (next.halted === 'taken-over') throw new TakenOver();
      return next.halted;
    }
    this.#number = number;
    this.#seen = next.seen;
    this.#current = { id: next.id, number, transactionId: announced?.transactionId ?? null };
    return null;
  }

  #forget(): void {
    this.#current = null;
    this.#ending = null;
  }

  #transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#drive.platform.db.transaction(this.#drive.organisationId, work);
  }

  async #close(tx: Tx): Promise<void> {
    const current = this.#current;
    const ending = this.#ending;
    if (current === null || ending === null) throw new Error('no batch has ended');
    const { state, disposed, disposedAtMost, refused, dropped } = ending;
    const closed = await closeBatch(tx, {
      id: current.id,
      run: runOf(this.#drive),
      position: this.#step.position,
      state,
      disposed,
      disposedAtMost,
      refused,
      dropped,
      cursor: ending.cursor ?? endOfPass,
      activeMs: ending.elapsedMs,
      batchSize: ending.nextSize,
    });
    if (!closed) throw new TakenOver();
    await recordBatch(tx, {
      run: runOf(this.#drive),
      batch: current.number,
      dataset: this.#step.dataset,
      state,
      disposed,
      disposedAtMost,
      refused,
      dropped,
      transaction: current.transactionId,
    });
  }
}

/** One entry per batch that did something or may have. */
export async function recordBatch(
  tx: Tx,
  batch: {
    readonly run: Id<'Run'>;
    readonly batch: number;
    readonly dataset: string;
    readonly state: Ending['state'];
    readonly disposed: number;
    readonly disposedAtMost: number;
    readonly refused: number;
    readonly dropped: readonly string[];
    readonly transaction: string | null;
  },
): Promise<void> {
  if (batch.state === 'aborted' || (batch.disposedAtMost === 0 && batch.dropped.length === 0)) return;
  const { state, disposedAtMost, dropped, ...told } = batch;
  const body: Json = {
    ...told,
    ...(state === 'unknown' && { disposedAtMost }),
    ...(dropped.length > 0 && { partitions: dropped }),
  };
  await recordEntry(tx, { kind: 'disposal.batch', actor: system, body });
}
