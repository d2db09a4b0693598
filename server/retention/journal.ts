import type { Cursor, PendingBatch } from '../connectors/connector.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { HoldTarget } from './contract.ts';
import { type Drive, runOf } from './drive.ts';
import { listHeld } from './hold-store.ts';
import { closeBatch, openBatch, recordPending } from './journal-store.ts';
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

export interface Entered {
  readonly batch: Id<'Batch'>;
  /** The holds that this batch respects; any later one waits for it. */
  readonly holds: readonly HoldTarget[];
}

interface Current {
  readonly id: Id<'Batch'>;
  readonly number: number;
  transactionId: string | null;
}

/**
 * The journal of one step's batches. A batch is written down before it begins, and again before its store commits.
 * Ending one and beginning the next is one transaction, so that a batch costs two in Kept's own database.
 */
export class Journal {
  readonly #drive: Drive;
  readonly #step: StepRecord;
  #number: number;
  #version = -1;
  #holds: readonly HoldTarget[] = [];
  #current: Current | null = null;

  constructor(drive: Drive, step: StepRecord, lastNumber: number) {
    this.#drive = drive;
    this.#step = step;
    this.#number = lastNumber;
  }

  /**
   * Ends the batch under way, if any, and begins the next.
   * @throws TakenOver
   */
  async turn(ending: Ending | null): Promise<Entered | { readonly halted: 'stopped' | 'paused' }> {
    const { platform, organisationId } = this.#drive;
    const number = this.#number + 1;
    const next = await platform.db.transaction(organisationId, async (tx) => {
      if (ending !== null) await this.#close(tx, ending);
      const id = newId<'Batch'>(tx.at);
      const { dataset, system: name, position } = this.#step;
      const turned = await openBatch(tx, {
        id,
        run: runOf(this.#drive),
        position,
        number,
        dataset,
        system: name,
        epoch: this.#drive.epoch,
      });
      if ('halted' in turned) return turned;
      const isNews = turned.opened !== this.#version;
      return { id, version: turned.opened, holds: isNews ? await listHeld(tx) : this.#holds };
    });
    this.#current = null;
    if ('halted' in next) {
      if (next.halted === 'taken-over') throw new TakenOver();
      return { halted: next.halted };
    }
    this.#number = number;
    this.#version = next.version;
    this.#holds = next.holds;
    this.#current = { id: next.id, number, transactionId: null };
    return { batch: next.id, holds: next.holds };
  }

  /**
   * Called by the store before it commits, or before a file goes.
   * @throws TakenOver
   */
  async announce(transactionId: string | null, pending: PendingBatch): Promise<void> {
    const current = this.#current;
    if (current === null) throw new Error('no batch is under way');
    const cursor = pending.cursor ?? endOfPass;
    const { platform, organisationId } = this.#drive;
    const mine = await platform.db.transaction(organisationId, (tx) =>
      recordPending(tx, current.id, transactionId, { ...pending, cursor }),
    );
    if (!mine) throw new TakenOver();
    current.transactionId = transactionId;
  }

  /** Ends the batch under way without beginning another. */
  async end(ending: Ending): Promise<void> {
    const { platform, organisationId } = this.#drive;
    await platform.db.transaction(organisationId, (tx) => this.#close(tx, ending));
    this.#current = null;
  }

  async #close(tx: Tx, ending: Ending): Promise<void> {
    const current = this.#current;
    if (current === null) throw new Error('no batch is under way');
    const closed = await closeBatch(tx, {
      id: current.id,
      run: runOf(this.#drive),
      position: this.#step.position,
      state: ending.state,
      disposed: ending.disposed,
      disposedAtMost: ending.disposedAtMost,
      refused: ending.refused,
      dropped: ending.dropped,
      cursor: ending.cursor ?? endOfPass,
      activeMs: ending.elapsedMs,
      batchSize: ending.nextSize,
    });
    if (!closed) throw new TakenOver();
    await recordBatch(tx, {
      run: runOf(this.#drive),
      batch: current.number,
      dataset: this.#step.dataset,
      state: ending.state,
      disposed: ending.disposed,
      disposedAtMost: ending.disposedAtMost,
      refused: ending.refused,
      dropped: ending.dropped,
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
