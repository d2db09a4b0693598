import { recordEntries } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { announcePassword } from './announce-password.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { changeSessionWithin, type OpenedSession } from './open-session.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { selectBelongings, selectPerson, updatePassword } from './person-store.ts';
import type { Session } from './session.ts';
import { deleteSessionsOf } from './session-store.ts';
import { voidTokens } from './token-store.ts';
import { refuseWeakPassword } from './weak-password.ts';

const fail = failuresOf(accessProblems);

/**
 * Changes the password of who is signed in, or sets a first one; every other session of theirs ends.
 * @throws Failure `sign-in-refused` when the present one is wrong or missing, or `password-too-weak`
 */
export async function changePassword(
  access: Access,
  session: Session,
  given: { readonly current?: string | undefined; readonly password: string },
): Promise<OpenedSession> {
  const { platform } = access;
  const { personId } = session;
  const { person, belongings } = await platform.db.globalTransaction(async (tx) => ({
    person: await selectPerson(tx, personId),
    belongings: await selectBelongings(tx, personId),
  }));
  const before = person?.passwordHash ?? null;
  if (before !== null && !(await verifyPassword(before, given.current ?? '')))
    throw fail('sign-in-refused', 'The present password is wrong.');
  refuseWeakPassword(given.password, [
    session.email,
    ...belongings.flatMap(({ organisation }) => [organisation.name, organisation.slug]),
  ]);
  const hash = await hashPassword(given.password);
  const actor: Actor = { kind: 'person', id: personId };
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  return platform.db.transaction(home, async (tx) => {
    await updatePassword(tx, personId, hash);
    // Links that are on their way would undo this: a reset, or the way to one through another address.
    for (const kind of ['password-reset', 'link', 'email-verification'] as const)
      await voidTokens(tx, { kind, personId });
    const sessions = await deleteSessionsOf(tx, personId, { but: session.tokenHash });
    await recordEntries(tx, [
      {
        kind: 'access.password-changed',
        actor,
        body: { person: personId, how: before === null ? 'set' : 'changed' },
      },
      { kind: 'access.sessions-ended', actor, body: { person: personId, sessions, reason: 'password-changed' } },
    ]);
    await announcePassword(access, tx, session);
    return changeSessionWithin(access, tx, session, {});
  });
}
