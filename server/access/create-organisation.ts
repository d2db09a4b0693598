import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { accessProblems, type Organisation } from './contract.ts';
import { insertOrganisation } from './organisation-store.ts';

const fail = failuresOf(accessProblems);

/** @throws Failure `slug-taken` */
export async function createOrganisation(
  platform: Platform,
  wanted: { readonly slug: string; readonly name: string },
): Promise<Organisation> {
  return platform.db.globalTransaction(async (tx) => {
    const organisation = { id: newId<'Organisation'>(tx.at), slug: wanted.slug, name: wanted.name };
    if (!(await insertOrganisation(tx, organisation)))
      throw fail('slug-taken', `There is an organisation ${wanted.slug} already.`);
    return { ...organisation, createdAt: tx.at.toISOString() };
  });
}
