import type { Cursor, PendingBatch } from '../connectors/connector.ts';
import { type NewEntry, recordEntries } from '../ledger/record-entry.ts';
import type { Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { HoldTarget } from './contract.ts';
import { type Drive, runOf } from './drive.ts';
import { readGate } from './gate-store.ts';
import { listHeld } from './hold-store.ts';
import { closeBatches, openBatch, readOrders, recordPending } from './journal-store.ts';
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

interface Ended {
  readonly batch: Current;
  readonly ending: Ending;
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

/** So many ended batches may stand open in the journal: a hold waits for the next turn to write them down. */
const mostUnwritten = 8;

/**
 * The journal of one step's batches. A batch stands in it before its store commits, with the transaction's id and what
 * it will have done; it passes the gate then, and is undone when a hold was placed since it was made. How batches ended
 * is written down a few at a time, together with the opening of a later one, so that a batch costs one short
 * transaction in Kept's own database. Should the process end before, the store is asked (settle-batch.ts).
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
  /** The batch under way, where it stands in the journal already. */
  #current: Current | null = null;
  /** Batches that are over but open in the journal. */
  #ended: readonly Ended[] = [];

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
    if (current !== null) {
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
   * How the batch under way ended; written down with a later one, or by `flush`. One that never came to be written
   * down has no end either, and leaves the one before it as it was.
   */
  ended(ending: Ending): void {
    if (this.#current === null) return;
    this.#ended = [...this.#ended, { batch: this.#current, ending }];
    this.#current = null;
  }

  /** Writes down how the last batches ended. */
  async flush(): Promise<void> {
    const ended = this.#ended;
    if (ended.length === 0) return;
    await this.#transaction((tx) => this.#close(tx, ended));
    this.#ended = [];
  }

  /** Whether the run may go on. @throws TakenOver */
  async orders(): Promise<'stopped' | 'paused' | null> {
    const { run, epoch } = this.#drive;
    const halted = await this.#transaction((tx) => readOrders(tx, run.id, epoch));
    if (halted === 'taken-over') throw new TakenOver();
    return halted;
  }

  /** Opens the next batch, and writes down how those before ended where they are many; null where it was opened. */
  async #turn(
    expected: number | null,
    announced: { readonly transactionId: string | null; readonly pending: PendingBatch } | null,
  ): Promise<'stopped' | 'paused' | 'outdated' | null> {
    const number = this.#number + 1;
    const { dataset, system: name, position } = this.#step;
    const ended = this.#ended.length >= mostUnwritten ? this.#ended : [];
    const next = await this.#transaction(async (tx) => {
      const id = newId<'Batch'>(tx.at);
      const { run, epoch } = this.#drive;
      const opening = { id, run: run.id, position, number, dataset, system: name, epoch, expected, announced };
      // Sent together: neither needs the other's answer, and all of it commits or nothing.
      const [turned] = await Promise.all([openBatch(tx, opening), this.#close(tx, ended)]);
      if ('halted' in turned) return turned;
      const isNews = turned.opened !== this.#seen?.version;
      return { id, seen: isNews ? { version: turned.opened, holds: await listHeld(tx) } : this.#seen };
    });
    if (ended.length > 0) this.#ended = [];
    if ('halted' in next) {
      if (next.halted === 'taken-over') throw new TakenOver();
      return next.halted;
    }
    this.#number = number;
    this.#seen = next.seen;
    this.#current = { id: next.id, number, transactionId: announced?.transactionId ?? null };
    return null;
  }

  #transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#drive.platform.db.transaction(this.#drive.organisationId, work);
  }

  async #close(tx: Tx, ended: readonly Ended[]): Promise<void> {
    if (ended.length === 0) return;
    const run = runOf(this.#drive);
    const { position, dataset } = this.#step;
    const closing = ended.map(({ batch, ending }) => ({
      ...ending,
      id: batch.id,
      cursor: ending.cursor ?? endOfPass,
      activeMs: ending.elapsedMs,
      batchSize: ending.nextSize,
    }));
    const entries = ended.flatMap(({ batch, ending }) =>
      entryOf({ ...ending, run, batch: batch.number, dataset, transaction: batch.transactionId }),
    );
    const [closed] = await Promise.all([closeBatches(tx, run, position, closing), recordEntries(tx, entries)]);
    if (closed !== ended.length) throw new TakenOver();
  }
}

/** One entry per batch that did something or may have. */
export function entryOf(batch: {
  readonly run: Id<'Run'>;
  readonly batch: number;
  readonly dataset: string;
  readonly state: Ending['state'];
  readonly disposed: number;
  readonly disposedAtMost: number;
  readonly refused: number;
  readonly dropped: readonly string[];
  readonly transaction: string | null;
}): NewEntry[] {
  if (batch.state === 'aborted' || (batch.disposedAtMost === 0 && batch.dropped.length === 0)) return [];
  const { run, batch: number, dataset, state, disposed, disposedAtMost, refused, dropped, transaction } = batch;
  const body: Json = {
    run,
    batch: number,
    dataset,
    state,
    disposed,
    refused,
    transaction,
    ...(state === 'unknown' && { disposedAtMost }),
    ...(dropped.length > 0 && { partitions: dropped }),
  };
  return [{ kind: 'disposal.batch', actor: system, body }];
}
