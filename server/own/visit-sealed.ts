import { listOrganisations } from '../access/list-organisations.ts';
import type { GlobalTx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { type SealedPlace, sealedPlaces } from './sealed-places.ts';
import { type SealedValue, selectSealed } from './sealed-store.ts';

const PAGE = 500;

/** Octets that tell how a value is sealed, whatever its length. */
export const HEAD = 64;

/** What is done in the wall of one organisation, or outside every wall. */
export type Inside = <T>(work: (tx: GlobalTx) => Promise<T>) => Promise<T>;

/**
 * Shows every sealed value of the server, a page at a time.
 * @param head octets of each value that are wanted; all when undefined
 */
export async function visitSealed(
  platform: Platform,
  headOf: (place: SealedPlace) => number | undefined,
  see: (place: SealedPlace, values: readonly SealedValue[], inside: Inside) => Promise<void>,
): Promise<void> {
  const outside: Inside = (work) => platform.db.globalTransaction(work);
  for (const place of placesOf('server')) await visitPlace(place, headOf(place), outside, see);
  for (const { id } of await listOrganisations(platform)) {
    const inside: Inside = (work) => platform.db.transaction(id, work);
    for (const place of placesOf('organisation')) await visitPlace(place, headOf(place), inside, see);
  }
}

function placesOf(reach: SealedPlace['reach']): readonly SealedPlace[] {
  return sealedPlaces.filter((place) => place.reach === reach);
}

async function visitPlace(
  place: SealedPlace,
  head: number | undefined,
  inside: Inside,
  see: Parameters<typeof visitSealed>[2],
): Promise<void> {
  const size = head === undefined ? {} : { head };
  for (let after = ''; ; ) {
    const values = await inside((tx) => selectSealed(tx, place, { after, limit: PAGE, ...size }));
    if (values.length > 0) await see(place, values, inside);
    const last = values.at(-1);
    if (last === undefined || values.length < PAGE) return;
    after = last.id;
  }
}
