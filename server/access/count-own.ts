import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { countFactors, countWithoutDetail, type FactorCount, selectStillThere } from './own-checks-store.ts';
import { privilegedRoles } from './permissions.ts';

/** People with a privileged role in any organisation, and those without a second factor; `late` since `before`. */
export async function countSecondFactors(platform: Platform, before: Date): Promise<FactorCount> {
  return platform.db.globalTransaction((tx) => countFactors(tx, privilegedRoles, before));
}

/** How many entries of the organisation have lost, or never had, what stands beside them in the audit trail. */
export async function countEntriesWithoutDetail(tx: Tx, entries: readonly Id<'Entry'>[]): Promise<number> {
  return entries.length === 0 ? 0 : countWithoutDetail(tx, entries);
}

/** Of these people, those there is still something of: their account, a membership, a session, a factor, a link. */
export async function findStillThere(platform: Platform, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return [];
  return platform.db.globalTransaction((tx) => selectStillThere(tx, people));
}
