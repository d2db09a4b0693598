import { setTimeout as sleep } from 'node:timers/promises';
import { firstPace, nextPace, type Pace } from '../server/connectors/batch-pace.ts';
import { type Batch, BatchTimedOut, type Exclusion, type Target } from '../server/connectors/connector.ts';
import { cutoff, type Store } from './disposal-store.ts';

export const noExclusion: Exclusion = { dataset: false, accounts: [], subjects: {}, keys: [] };

/** A few holds, as every real dataset has: none of them meets a due row of the bench, all of them are looked at. */
export const someHolds: Exclusion = {
  dataset: false,
  accounts: ['5001', '5002', '5003'],
  subjects: {},
  keys: Array.from({ length: 50 }, (_, index) => [String(1_000_000_000 + index)]),
};

export function eventsTarget(name: string, more: Partial<Target> = {}): Target {
  return {
    name: `public.${name}`,
    key: ['id'],
    account: { column: 'account', through: [] },
    subjects: {},
    attachments: [],
    bulkOnly: false,
    breakCycleAt: [],
    ...more,
  };
}

export interface Run {
  readonly disposed: number;
  readonly batches: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** The least a loop can be: batches at the engine's pace, each written down before its commit, rests in between. */
export async function run(
  store: Store,
  target: Target,
  more: Partial<Batch> = {},
  fixedPace: Pace | null = null,
): Promise<Run> {
  const batch: Batch = {
    target,
    condition: { kind: 'older', clock: 'at', before: cutoff },
    exclusion: noExclusion,
    action: { kind: 'delete' },
    path: 'tid-range',
    cursor: null,
    size: 0,
    lockTimeoutMs: 500,
    statementTimeoutMs: 2_000,
    beforeCommit: async (transactionId, { disposed }) => {
      await store.journal.query({
        name: 'journal',
        text: 'insert into journal (transaction_id, disposed) values ($1, $2)',
        values: [transactionId, disposed],
      });
    },
    removeAttachments: async () => [],
    ...more,
  };
  const times: number[] = [];
  let pace = fixedPace ?? firstPace;
  let { cursor } = batch;
  let disposed = 0;
  for (;;) {
    if (pace.restMs > 0) await sleep(pace.restMs);
    try {
      const outcome = await store.system.disposeBatch({ ...batch, cursor, size: pace.size });
      disposed += outcome.disposed;
      times.push(outcome.elapsedMs);
      pace = fixedPace ?? nextPace(pace, outcome);
      cursor = outcome.cursor;
      if (cursor === null) break;
    } catch (error) {
      if (!(error instanceof BatchTimedOut)) throw error;
      pace = nextPace(pace, 'timed-out');
    }
  }
  times.sort((one, other) => one - other);
  return {
    disposed,
    batches: times.length,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    slowestMs: times.at(-1) ?? 0,
  };
}
