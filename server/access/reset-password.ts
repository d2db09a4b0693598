import { recordEntries } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { identifyOrigin } from '../platform/origin.ts';
import { announcePassword } from './announce-password.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { hashPassword } from './password-hash.ts';
import { markEmailVerified, selectBelongings, selectPerson, updatePassword } from './person-store.ts';
import { deleteSessionsOf } from './session-store.ts';
import { hashToken } from './token.ts';
import { selectToken, takeToken, voidTokens } from './token-store.ts';
import { refuseWeakPassword } from './weak-password.ts';

const fail = failuresOf(accessProblems);

/**
 * Sets a new password with the link of a reset, and ends every session of the person. A second factor is still asked
 * for at the next sign-in.
 * @throws Failure `link-invalid` or `password-too-weak`
 */
export async function resetPassword(access: Access, text: string, password: string): Promise<void> {
  const { platform } = access;
  const hash = hashToken(text);
  const found = await platform.db.globalTransaction(async (tx) => {
    const token = await selectToken(tx, hash);
    if (token?.kind !== 'password-reset' || token.personId === null) return undefined;
    const person = await selectPerson(tx, token.personId);
    return person === undefined ? undefined : { person, belongings: await selectBelongings(tx, person.id) };
  });
  if (found === undefined) throw invalid();
  const { person, belongings } = found;
  refuseWeakPassword(password, [
    person.email,
    ...belongings.flatMap(({ organisation }) => [organisation.name, organisation.slug]),
  ]);
  const passwordHash = await hashPassword(password);
  const actor: Actor = { kind: 'person', id: person.id };
  identifyOrigin({ personId: person.id });
  const home = belongings[0]?.organisationId ?? access.ownOrganisationId;
  await platform.db.transaction(home, async (tx) => {
    const token = await takeToken(tx, hash, ['password-reset']);
    if (token === undefined) throw invalid();
    await updatePassword(tx, person.id, passwordHash);
    // Whoever opened the mail has the mailbox.
    if (token.email !== null) await markEmailVerified(tx, person.id, token.email);
    await voidTokens(tx, { kind: 'password-reset', personId: person.id });
    await voidTokens(tx, { kind: 'link', personId: person.id });
    // Whoever this is meant to shut out may have asked for another address, whose mailbox would then be asked to reset.
    await voidTokens(tx, { kind: 'email-verification', personId: person.id });
    const sessions = await deleteSessionsOf(tx, person.id);
    await recordEntries(tx, [
      { kind: 'access.password-changed', actor, body: { person: person.id, how: 'reset' } },
      { kind: 'access.sessions-ended', actor, body: { person: person.id, sessions, reason: 'password-changed' } },
    ]);
    await announcePassword(access, tx, person);
  });
}

function invalid() {
  return fail('link-invalid', 'This link was used already or has expired. Ask for another.');
}
