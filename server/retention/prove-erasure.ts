import { type Condition, StatementRefused } from '../connectors/connector.ts';
import type { PlaceMeasure } from '../policy/contract.ts';
import { reason } from '../policy/reasons.ts';
import type { EraseRule } from '../policy/rule.ts';
import { type Erasure, listErasures } from './erasure-store.ts';
import { type Look, lateAt, secondsFrom, seenUnderHolds } from './look.ts';
import { ageless, isBroken, overdue, type Proved } from './verdict.ts';
import { whyOverdue } from './why-overdue.ts';

/** What an event erased must not come back; so long it is looked for. */
export const erasuresLookedBackMs = 90 * 86_400_000;
export const mostErasures = 20_000;

/** Looks in the store whether anything is there that an event asked to be gone. */
export async function proveErasure(look: Look, promise: string, rule: EraseRule): Promise<Proved> {
  const since = new Date(look.at.getTime() - erasuresLookedBackMs);
  const erasures = await look.platform.db.transaction(look.organisationId, (tx) =>
    listErasures(tx, promise, since, mostErasures),
  );
  const late = lateAt(look, rule.within);
  const places: PlaceMeasure[] = [];
  for (const candidate of look.basis.rules) {
    if (candidate.promise !== promise || candidate.kind !== 'event') continue;
    const { dataset, binding, system, obstacle } = candidate;
    if (obstacle !== null) throw new StatementRefused(obstacle.code, obstacle.explanation, obstacle.remedy);
    const column = binding.events[rule.on];
    if (column !== undefined) places.push(await countErased(look, { dataset, system, column, erasures, late }));
  }
  const oldest = erasures.filter((erasure) => erasure.doneAt === null).at(-1)?.receivedAt ?? null;
  const why =
    overdue(places) === 0
      ? null
      : isBroken(places)
        ? reason('erasure-late', { rows: overdue(places) })
        : await whyOverdue(look, promise, places, false);
  return {
    ...ageless(places, why),
    oldestAt: oldest?.toISOString() ?? null,
    ageSeconds: oldest === null ? null : (look.at.getTime() - oldest.getTime()) / 1000,
    limitSeconds: 0,
    toleranceSeconds: secondsFrom(look, oldest ?? look.at, rule.within),
  };
}

async function countErased(
  look: Look,
  where: {
    readonly dataset: string;
    readonly system: string;
    readonly column: string;
    readonly erasures: readonly Erasure[];
    readonly late: Date;
  },
): Promise<PlaceMeasure> {
  const { dataset, column } = where;
  const mine = where.erasures.filter((erasure) => erasure.dataset === dataset);
  const system = await look.systems.get(where.system);
  const { target, exclusion } = seenUnderHolds(look, dataset);
  const count = (erasures: readonly Erasure[]) => {
    const condition: Condition = { kind: 'equals', column, values: [...new Set(erasures.map(({ value }) => value))] };
    return system.measure(target, condition, exclusion, null);
  };
  const found = await count(mine);
  const overdueOnes = mine.filter((erasure) => erasure.receivedAt < where.late);
  const broken = found.matching === 0 ? 0 : (await count(overdueOnes)).matching;
  return {
    dataset,
    system: where.system,
    rows: found.rows,
    due: found.matching - broken,
    broken,
    held: found.excluded,
    excepted: 0,
    oldestAt: null,
  };
}
