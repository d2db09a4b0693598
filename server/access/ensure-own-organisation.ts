import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { accessProblems, type Organisation } from './contract.ts';
import { insertOwnOrganisation, selectOwnOrganisation } from './organisation-store.ts';

const fail = failuresOf(accessProblems);

/** Short name of the organisation that is this server itself. */
export const OWN_SLUG = 'kept';

/**
 * The organisation that is this server itself, made at its first start: mails and entries that concern no other one
 * are its own, and its policy says what Kept does with the data it holds.
 * @throws Failure `slug-taken` when another organisation has its short name
 */
export async function ensureOwnOrganisation(platform: Platform): Promise<Organisation> {
  const known = await platform.db.globalTransaction(selectOwnOrganisation);
  if (known !== undefined) return known;
  const made = await platform.db.globalTransaction((tx) =>
    insertOwnOrganisation(tx, { id: newId<'Organisation'>(tx.at), slug: OWN_SLUG, name: 'Kept' }),
  );
  const own = await platform.db.globalTransaction(selectOwnOrganisation);
  if (own === undefined)
    throw fail('slug-taken', `The short name ${OWN_SLUG} is the server's own (${made ? 'made' : 'taken'}): rename it.`);
  return own;
}
