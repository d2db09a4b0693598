import { SystemUnreachable } from '../connectors/connector.ts';
import { recordEntries } from '../ledger/record-entry.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { Basis } from './basis.ts';
import { rest } from './drive.ts';
import { entryOf } from './journal.ts';
import { closeBatches, listOpenBatches, type OpenBatch } from './journal-store.ts';
import type { Systems } from './systems.ts';

/** How long a transaction is waited for whose process has gone: the store ends it when it notices. */
const waitMs = 30_000;

/**
 * Asks the stores how the batches ended that their owner left open, and writes it down. Only for a run that nobody
 * drives. A batch that never announced itself did nothing in a store with transactions.
 * @throws SystemUnreachable, StatementRefused where a store cannot be asked: the batch then stays open
 */
export async function settleBatches(
  platform: Platform,
  organisationId: OrganisationId,
  run: Id<'Run'>,
  basis: Pick<Basis, 'map'>,
  systems: Systems,
  signal: AbortSignal,
): Promise<void> {
  const open = await platform.db.transaction(organisationId, (tx) => listOpenBatches(tx, { run }));
  for (const batch of open) {
    const state = await endingOf(batch, basis, systems, signal);
    const done = state === 'aborted' ? null : batch.pending;
    const disposed = state === 'committed' ? (done?.disposed ?? 0) : 0;
    const settled = {
      disposed,
      disposedAtMost: done?.disposed ?? 0,
      refused: state === 'committed' ? (done?.refused ?? 0) : 0,
      dropped: done?.dropped ?? [],
    };
    await platform.db.transaction(organisationId, async (tx) => {
      const { id, position, dataset, number, transactionId } = batch;
      const closing = { id, state, ...settled, cursor: done?.cursor ?? null, activeMs: 0, batchSize: null };
      if ((await closeBatches(tx, run, position, [closing])) === 0) return;
      await recordEntries(tx, entryOf({ run, batch: number, dataset, state, ...settled, transaction: transactionId }));
    });
  }
}

async function endingOf(
  batch: OpenBatch,
  basis: Pick<Basis, 'map'>,
  systems: Systems,
  signal: AbortSignal,
): Promise<'committed' | 'aborted' | 'unknown'> {
  if (batch.pending === null) return 'aborted';
  // Without a transaction there is nothing to ask: some of it went, or all, or nothing.
  if (batch.transactionId === null || basis.map.systems[batch.system] === undefined) return 'unknown';
  const system = await systems.get(batch.system);
  const started = performance.now();
  for (;;) {
    const outcome = await system.outcomeOf(batch.transactionId);
    if (outcome !== 'in-progress') return outcome;
    // It may still commit: to go on as if it had not would break a hold that was placed meanwhile.
    if (signal.aborted || performance.now() - started > waitMs)
      throw new SystemUnreachable(
        `A transaction of ${batch.system} that an earlier process began has not ended.`,
        'Find the session named kept that is idle in a transaction, and end it.',
        null,
      );
    await rest(100, signal);
  }
}
