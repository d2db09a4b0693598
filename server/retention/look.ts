import type { Exclusion, Target } from '../connectors/connector.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { addPeriod, cutoffFor, parsePeriod } from '../policy/period.ts';
import { type Basis, findBasis, heldTarget, isBulkOnly, readGone } from './basis.ts';
import type { HoldTarget } from './contract.ts';
import type { Circumstances, GoneAccount } from './disposal-condition.ts';
import { readGate } from './gate-store.ts';
import { listHeld } from './hold-store.ts';
import { observeOrganisation } from './observe-accounts.ts';
import { circumstancesOf } from './plan-disposal.ts';
import { type Systems, withSystems } from './systems.ts';

/** What a measurement looks with: the promises, the holds, who is gone, and the stores themselves. */
export interface Look {
  readonly platform: Platform;
  readonly organisationId: OrganisationId;
  readonly basis: Basis;
  readonly systems: Systems;
  readonly holds: readonly HoldTarget[];
  readonly gone: readonly GoneAccount[];
  readonly at: Date;
  /** Why it is not known which accounts are active; null where it is. */
  readonly accountsProblem: string | null;
}

/**
 * @param readsAccounts whether the accounts are read anew in the organisation's own database first: a promise that follows
 *   their states is measured there, too, and not in what was seen an hour ago
 * @returns null where there is no data map to look with
 */
export async function withLook<T>(
  platform: Platform,
  organisationId: OrganisationId,
  at: Date,
  readsAccounts: boolean,
  work: (look: Look) => Promise<T>,
): Promise<T | null> {
  const { db } = platform;
  const basis = await db.transaction(organisationId, findBasis);
  if (basis === undefined) return null;
  return withSystems(platform, organisationId, basis.map, async (systems) => {
    let gate = await db.transaction(organisationId, readGate);
    if (basis.map.accounts !== undefined && (readsAccounts || gate.accountsObservedAt === null)) {
      await observeOrganisation(platform, organisationId, systems);
      gate = await db.transaction(organisationId, readGate);
    }
    const [holds, gone] = await db.transaction(organisationId, async (tx) => [
      await listHeld(tx),
      await readGone(tx, basis),
    ]);
    return work({ platform, organisationId, basis, systems, holds, gone, at, accountsProblem: gate.accountsProblem });
  });
}

/**
 * The circumstances of an instant: now, or as long ago as a tolerance allows. Who takes care of an account that is gone
 * does not matter to whether its data is still there.
 */
export function circumstancesAt(look: Look, at: Date): Circumstances {
  const gone = look.gone.map((account) => ({ ...account, ending: false }));
  return circumstancesOf(look.basis, gone, at);
}

/** What was due before this is past the tolerance, too. */
export function lateAt(look: Look, within: string): Date {
  const { timeZone, monthEnd } = look.basis.calendar;
  return cutoffFor(look.at, parsePeriod(within), timeZone, monthEnd);
}

/** Seconds that a period takes from an instant on. */
export function secondsFrom(look: Look, at: Date, period: string): number {
  const { timeZone, monthEnd } = look.basis.calendar;
  return (addPeriod(at, parsePeriod(period), timeZone, monthEnd).getTime() - at.getTime()) / 1000;
}

export function seenUnderHolds(
  look: Look,
  dataset: string,
  guardedBy: readonly string[] = [],
): { readonly target: Target; readonly exclusion: Exclusion } {
  return heldTarget(look.basis, dataset, { bulkOnly: isBulkOnly(look.basis, dataset), guardedBy }, look.holds);
}
