import { recordEntry } from '../ledger/record-entry.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { deletePerson } from './own-data-store.ts';
import { emailKey, type PersonId } from './person-store.ts';

const fail = failuresOf(accessProblems);

/**
 * Deletes a person's account, at once and for good: memberships, sessions everywhere, factors, links. What stays is the
 * record under an id that stands for nobody any more, and the audit details for their time.
 * @param request.email their own address, as a last check that they mean it
 * @throws Failure `sign-in-refused` where the address is another, `last-owner` or `lock-out`
 */
export async function deleteOwnAccount(
  access: Access,
  person: { readonly id: PersonId; readonly email: string },
  request: { readonly email: string },
): Promise<void> {
  if (emailKey(request.email) !== emailKey(person.email))
    throw fail('sign-in-refused', 'Write the e-mail address of this account.');
  await access.platform.db.transaction(access.ownOrganisationId, async (tx) => {
    const { onlyOwned, onlyOpened, organisations } = await deletePerson(tx, person.id);
    if (onlyOwned.length > 0)
      throw fail('last-owner', `Make somebody else an owner first: ${onlyOwned.join(', ')} would have none.`);
    if (onlyOpened.length > 0)
      throw fail(
        'lock-out',
        `This is the owner who may sign in with a password in an emergency: name another first in ${onlyOpened.join(', ')}.`,
      );
    await recordEntry(tx, {
      kind: 'access.account-deleted',
      actor: { kind: 'person', id: person.id },
      body: { person: person.id, organisations: [...organisations] },
    });
  });
}
