import type { Reason } from '../policy/contract.ts';
import { unproven } from '../policy/prover.ts';
import { reason } from '../policy/reasons.ts';
import type { KeepFor, KeepWhile, KeepWith } from '../policy/rule.ts';
import { type Counted, countPlace } from './count-place.ts';
import { type Look, secondsFrom } from './look.ts';
import { ageless, isBroken, overdue, type Proved, statusOf } from './verdict.ts';
import { whyOverdue } from './why-overdue.ts';

/** Counts what a promise says should not be there any more, in every dataset that holds the data. */
export async function proveKeep(look: Look, promise: string, rule: KeepFor | KeepWhile | KeepWith): Promise<Proved> {
  const missing = look.basis.missing.find((entry) => entry.promise === promise);
  if (missing !== undefined) return unproven(reason('no-dataset', { data: missing.data }));
  if (rule.form === 'while') {
    const unknown = accountsUnknown(look);
    if (unknown !== null) return unproven(unknown);
  }
  const counted: Counted[] = [];
  for (const candidate of look.basis.measured)
    if (candidate.promise === promise) counted.push(await countPlace(look, candidate));
  const places = joined(counted).map(({ place }) => place);
  const why = overdue(places) === 0 ? null : await whyOverdue(look, promise, places, isBroken(places));
  if (rule.form !== 'for') return ageless(places, why);
  return aged(look, rule, counted, places, why);
}

/** Why it cannot be said which accounts are active; null where it can. */
export function accountsUnknown(look: Look): Reason | null {
  if (look.accountsProblem === null) return null;
  return reason('accounts-unknown', { explanation: look.accountsProblem });
}

/** Two rules of one promise over the same dataset (its account ended, its account is gone) are one place. */
function joined(counted: readonly Counted[]): Counted[] {
  const places = new Map<string, Counted>();
  for (const each of counted) {
    const known = places.get(each.place.dataset);
    places.set(
      each.place.dataset,
      known === undefined
        ? each
        : {
            ...known,
            place: {
              ...known.place,
              due: known.place.due + each.place.due,
              broken: known.place.broken + each.place.broken,
              held: known.place.held + each.place.held,
              excepted: known.place.excepted + each.place.excepted,
            },
          },
    );
  }
  return [...places.values()];
}

function aged(
  look: Look,
  rule: KeepFor,
  counted: readonly Counted[],
  places: Proved['places'],
  why: Reason | null,
): Proved {
  const oldestAt = counted.reduce<Date | null>(
    (oldest, { oldestAt: at }) => (at !== null && (oldest === null || at < oldest) ? at : oldest),
    null,
  );
  const from = oldestAt ?? look.at;
  const timeless = counted.find(({ withoutClock }) => withoutClock > 0);
  const status = statusOf(places);
  const unreached = status === 'kept' && timeless !== undefined;
  return {
    status: unreached ? 'unproven' : status,
    reason: unreached
      ? reason('rows-without-clock', { rows: timeless.withoutClock, dataset: timeless.place.dataset })
      : why,
    oldestAt: oldestAt?.toISOString() ?? null,
    // A clock may lie ahead (a token that expires next week): nothing is younger than not yet begun.
    ageSeconds: oldestAt === null ? null : Math.max(0, (look.at.getTime() - oldestAt.getTime()) / 1000),
    limitSeconds: secondsFrom(look, from, rule.for),
    toleranceSeconds: secondsFrom(look, from, rule.within),
    places: [...places],
  };
}
