import { setTimeout as sleep } from 'node:timers/promises';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { type AttemptResult, writeResults } from './dispatch-store.ts';

/** Writes results of attempts, many in one transaction. */
export interface ResultWriter {
  /** Resolves once the result is committed; false when the database stayed away and the server stops. */
  write(organisation: OrganisationId, result: AttemptResult): Promise<boolean>;
}

interface Waiting {
  readonly result: AttemptResult;
  readonly done: (written: boolean) => void;
}

const MOST_AT_ONCE = 500;
/** Transactions at a time over all organisations: the pool is not ours alone. */
const MOST_TRANSACTIONS = 3;
const PAUSE_MS = 1_000;

/**
 * Opens a writer. It batches naturally: what comes in while a transaction of its organisation is under way goes with
 * the next one, so a single result waits for nobody and thousands share a commit.
 * @param stopping aborted when the server stops: what cannot be written by then is not tried for ever
 */
export function openResultWriter(platform: Pick<Platform, 'db' | 'log'>, stopping: AbortSignal): ResultWriter {
  const queues = new Map<OrganisationId, Waiting[]>();
  const busy = new Set<OrganisationId>();

  function next(): void {
    for (const organisation of queues.keys()) {
      if (busy.size >= MOST_TRANSACTIONS) return;
      if (!busy.has(organisation)) void drain(organisation);
    }
  }

  async function drain(organisation: OrganisationId): Promise<void> {
    const batch = queues.get(organisation)?.splice(0, MOST_AT_ONCE) ?? [];
    if (queues.get(organisation)?.length === 0) queues.delete(organisation);
    busy.add(organisation);
    const written = await writeBatch(organisation, batch);
    busy.delete(organisation);
    for (const { done } of batch) done(written);
    next();
  }

  /** The receivers have them already, so writing is tried again rather than sending. */
  async function writeBatch(organisation: OrganisationId, batch: readonly Waiting[]): Promise<boolean> {
    for (;;) {
      try {
        const results = batch.map(({ result }) => result);
        await platform.db.transaction(organisation, (tx) => writeResults(tx, results));
        return true;
      } catch (error) {
        platform.log.warn({ err: error, attempts: batch.length }, 'what became of deliveries could not be written');
        if (stopping.aborted) return false;
        await sleep(PAUSE_MS, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  }

  return {
    write: (organisation, result) =>
      new Promise((done) => {
        const queue = queues.get(organisation);
        if (queue === undefined) queues.set(organisation, [{ result, done }]);
        else queue.push({ result, done });
        next();
      }),
  };
}
