import type { Actor, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { getStatusOf } from './ledger-status.ts';
import { recordEntry } from './record-entry.ts';
import { actAsApplication, findPruneStop, listLogs, lockLog, removeBelow } from './store.ts';
import { tileWidth } from './tree.ts';

/** Entries looked at per transaction. */
const batchSize = 10_000;
const kept: Actor = { kind: 'system', id: 'ledger' };

/**
 * Removes what is past the audit period of the configuration (KEPT_LEDGER_MONTHS); nothing where there is none. A log
 * that Kept refuses to sign is left alone: whoever finds out what happened to it needs all of it.
 * @returns how many entries went
 */
export async function pruneToAuditPeriod(
  platform: Platform,
  organisationId: OrganisationId,
  signal?: AbortSignal,
): Promise<{ removed: number }> {
  const { ledgerMonths } = platform.config;
  if (ledgerMonths === undefined) return { removed: 0 };
  const { signing } = await getStatusOf(platform, organisationId);
  if (signing === 'refused') return { removed: 0 };
  const before = auditCutoff(platform.clock.now(), ledgerMonths);
  return pruneLedger(platform, organisationId, { before, actor: kept, ...(signal !== undefined && { signal }) });
}

/** So many calendar months before an instant, in UTC; the last day of a month that lacks the date, so never too late. */
export function auditCutoff(at: Date, months: number): Date {
  const cutoff = new Date(at);
  cutoff.setUTCMonth(at.getUTCMonth() - months);
  // A month that lacks the date has run over into the next one.
  if (cutoff.getUTCDate() !== at.getUTCDate()) cutoff.setUTCDate(0);
  return cutoff;
}

/**
 * Removes entries past the audit period, from the oldest on up to the first that is not older than `before`, and never
 * beyond what is signed, in bundles of 256. The tree stays: every later entry, every tree size and every consistency
 * proof from the minimum index on can still be proven, and so can every receipt that was handed out.
 * @returns how many entries went; each batch leaves an entry of its own
 */
export async function pruneLedger(
  platform: Platform,
  organisationId: OrganisationId,
  options: { before: Date; actor: Actor; signal?: AbortSignal },
): Promise<{ removed: number }> {
  let removed = 0;
  const logs = await platform.db.transaction(organisationId, listLogs);
  for (const { number } of logs) {
    for (;;) {
      options.signal?.throwIfAborted();
      const batch = await platform.db.transaction(organisationId, (tx) => pruneBatch(tx, number, options), {
        role: 'kept_pruner',
      });
      if (batch === 0) break;
      removed += batch;
    }
  }
  return { removed };
}

async function pruneBatch(tx: Tx, logNumber: number, options: { before: Date; actor: Actor }): Promise<number> {
  await lockLog(tx);
  const log = (await listLogs(tx)).find((candidate) => candidate.number === logNumber);
  if (log === undefined) return 0;
  const { before, actor } = options;
  const stop = await findPruneStop(tx, { logNumber, from: log.minimumIndex, limit: batchSize, before });
  // By whole bundles, since C2SP tlog-tiles wants the one that contains the minimum index to stay complete.
  const minimum = Math.floor(Math.min(stop, log.signedSize) / tileWidth) * tileWidth;
  if (minimum <= log.minimumIndex) return 0;
  const removed = await removeBelow(tx, { logNumber, minimum });
  // The pruner may take away; recording is the application's.
  await actAsApplication(tx);
  const body = { log: log.origin, minimumIndex: minimum, removed, before: before.toISOString() };
  await recordEntry(tx, { kind: 'ledger.pruned', actor, body });
  return removed;
}
