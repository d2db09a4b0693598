import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { retryErasures } from './erase.ts';
import { type Erasure, listErasures, reopenErasures } from './erasure-store.ts';
import { type Look, seenUnderHolds, withLook } from './look.ts';
import { erasuresLookedBackMs, mostErasures } from './prove-erasure.ts';

/** So many at once; what is left is found an hour later. */
const mostAtOnce = 100;

/**
 * What an event erased may come back: from a backup, or from a cache that was slow to hear. It is looked for among all
 * that was erased, and goes again.
 * @throws SystemUnreachable, StatementRefused
 */
export async function reopenReturnedErasures(platform: Platform, organisationId: OrganisationId): Promise<void> {
  const returned = await withLook(platform, organisationId, platform.clock.now(), false, async (look) => {
    const found: Erasure[] = [];
    for (const { promise, dataset, kind, rule, binding, system, obstacle } of look.basis.rules) {
      if (kind !== 'event' || rule.verb !== 'erase' || obstacle !== null) continue;
      const column = binding.events[rule.on];
      const since = new Date(look.at.getTime() - erasuresLookedBackMs);
      const erasures = await platform.db.transaction(organisationId, (tx) =>
        listErasures(tx, promise, since, mostErasures),
      );
      const done = erasures.filter((erasure) => erasure.dataset === dataset && erasure.doneAt !== null);
      if (column === undefined || done.length === 0) continue;
      const values = new Set(await returnedAmong(look, { system, dataset, column }, [...new Set(valuesOf(done))]));
      found.push(...done.filter(({ value }) => values.has(value)));
    }
    return found;
  });
  if (returned === null || returned.length === 0) return;
  await platform.db.transaction(organisationId, (tx) =>
    reopenErasures(
      tx,
      returned.map(({ id }) => id),
    ),
  );
  await retryErasures(platform, organisationId);
}

interface Place {
  readonly system: string;
  readonly dataset: string;
  readonly column: string;
}

/** Which of the values the store holds again: all are asked about at once, and halves only where there is something. */
async function returnedAmong(look: Look, place: Place, values: readonly string[]): Promise<string[]> {
  const system = await look.systems.get(place.system);
  const { target, exclusion } = seenUnderHolds(look, place.dataset);
  const open: (readonly string[])[] = [values];
  const found: string[] = [];
  for (let some = open.pop(); some !== undefined && found.length < mostAtOnce; some = open.pop()) {
    const condition = { kind: 'equals', column: place.column, values: some } as const;
    if ((await system.measure(target, condition, exclusion, null)).matching === 0) continue;
    if (some.length === 1) found.push(...some);
    else open.push(some.slice(0, some.length / 2), some.slice(some.length / 2));
  }
  return found;
}

function valuesOf(erasures: readonly Erasure[]): string[] {
  return erasures.map(({ value }) => value);
}
