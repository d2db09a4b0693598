import type { Tx } from '../platform/database.ts';
import { listOrganisations } from './list-organisations.ts';
import type { Access } from './open-access.ts';
import { selectOnlyOpenedBy, selectOnlyOwned, selectOwnRecords, selectOwnRecordsWithin } from './own-data-store.ts';
import type { PersonId } from './person-store.ts';

/** Something Kept holds about a person, as an export shows it: field → value. */
export type OwnRecord = Readonly<Record<string, string | number | boolean | null>>;

/** Everything access holds about a person, by kind; in every organisation of the server. */
export async function collectOwnRecords(
  access: Access,
  person: { readonly id: PersonId; readonly email: string },
  elsewhere: (tx: Tx) => Promise<Readonly<Record<string, readonly OwnRecord[]>>>,
): Promise<Record<string, OwnRecord[]>> {
  const { platform } = access;
  const found = await platform.db.globalTransaction((tx) => selectOwnRecords(tx, person.id));
  for (const { id } of await listOrganisations(platform)) {
    const within = await platform.db.transaction(id, async (tx) => ({
      ...(await selectOwnRecordsWithin(tx, person.id, person.email)),
      ...(await elsewhere(tx)),
    }));
    for (const [kind, records] of Object.entries(within)) found[kind] = [...(found[kind] ?? []), ...records];
  }
  return found;
}

/**
 * Organisations that a person cannot leave, since nobody else owns them, or nobody else gets into them when their
 * identity provider fails.
 */
export async function findBlocking({ platform }: Access, person: PersonId): Promise<string[]> {
  return platform.db.globalTransaction(async (tx) => {
    const found = [...(await selectOnlyOwned(tx, person)), ...(await selectOnlyOpenedBy(tx, person))];
    return [...new Set(found)].sort();
  });
}
