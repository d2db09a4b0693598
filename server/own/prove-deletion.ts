import { z } from 'zod';
import { findStillThere } from '../access/count-own.ts';
import { listOrganisations } from '../access/list-organisations.ts';
import { listActs } from '../ledger/list-acts.ts';
import type { Id } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { addPeriod, parsePeriod } from '../policy/period.ts';
import { reason } from '../policy/reasons.ts';
import type { EraseRule } from '../policy/rule.ts';
import { type Proved, placeOf, proved } from './prove-server.ts';

const bodySchema = z.object({ person: z.string() });
const beginning = new Date(0);

/** Whoever deleted their account is gone, however long ago that was: the record has their ids, and nothing else may. */
export async function proveDeletion(platform: Platform, rule: EraseRule, at: Date): Promise<Proved> {
  const deleted = await deletions(platform);
  const still = await findStillThere(platform, [...deleted.keys()]);
  const within = parsePeriod(rule.within);
  const late = still.filter((person) => {
    const when = deleted.get(person);
    return when !== undefined && addPeriod(when, within, 'UTC', 'last-day') < at;
  });
  const found = { due: still.length - late.length, broken: late.length };
  const place = placeOf('people', deleted.size, found);
  if (still.length === 0) return proved(place, deleted.size === 0 ? reason('nothing-there') : null);
  return proved(place, reason('account-still-there', { failing: still.length, examined: deleted.size }));
}

/** Person → when they deleted their account; in whichever organisation it was recorded. */
async function deletions(platform: Platform): Promise<Map<string, Date>> {
  const found = new Map<string, Date>();
  for (const { id } of await listOrganisations(platform)) {
    let after: Id<'Entry'> | undefined;
    do {
      const from = after;
      after = await platform.db.transaction(id, async (tx) => {
        const kinds = ['access.account-deleted'] as const;
        const { items, next } = await listActs(tx, { since: beginning, kinds, after: from });
        for (const { body, at } of items) found.set(bodySchema.parse(body).person, at);
        return next;
      });
    } while (after !== undefined);
  }
  return found;
}
