import { countEntriesWithoutDetail } from '../access/count-own.ts';
import { listOrganisations } from '../access/list-organisations.ts';
import { proveRecord } from '../datamap/prove-record.ts';
import { kindsOf, listActs } from '../ledger/list-acts.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { reason } from '../policy/reasons.ts';
import type { RecordRule } from '../policy/rule.ts';
import { firstPublishedAt } from './first-published.ts';
import { type Proved, placeOf } from './prove-server.ts';

/** Shorter than the period after which details go, so that none of these has lost its own rightly. */
const lookBackMs = 360 * 86_400_000;

/**
 * Whatever somebody did has its record: each entry of `access` by a person, in every organisation, has its details
 * beside it, and those details are whole. What happened before there was a promise is not judged by it.
 */
export async function proveActs(
  platform: Platform,
  organisationId: OrganisationId,
  rule: RecordRule,
  at: Date,
): Promise<Proved> {
  const recorded = await proveRecord(platform, organisationId, { ...rule, each: null });
  const published = await firstPublishedAt(platform, organisationId);
  const since = new Date(Math.max(at.getTime() - lookBackMs, published.getTime()));
  let examined = 0;
  let failing = 0;
  for (const { id } of await listOrganisations(platform)) {
    const found = await countActs(platform, id, since);
    examined += found.examined;
    failing += found.failing;
  }
  if (failing === 0) return recorded;
  const place = placeOf('entries', examined, { due: 0, broken: failing });
  const why = reason('record-missing', { failing, examined, dataset: rule.data.join(', ') });
  return { ...recorded, status: 'broken', reason: why, places: [...recorded.places, place] };
}

async function countActs(
  platform: Platform,
  organisationId: OrganisationId,
  since: Date,
): Promise<{ readonly examined: number; readonly failing: number }> {
  const kinds = kindsOf('access');
  let examined = 0;
  let failing = 0;
  let after: Id<'Entry'> | undefined;
  do {
    const from = after;
    after = await platform.db.transaction(organisationId, async (tx) => {
      const { items, next } = await listActs(tx, { since, kinds, after: from });
      examined += items.length;
      failing += await countEntriesWithoutDetail(
        tx,
        items.map(({ id }) => id),
      );
      return next;
    });
  } while (after !== undefined);
  return { examined, failing };
}
