import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { changeSessionWithin, type OpenedSession } from './open-session.ts';
import { verifyPassword } from './password-hash.ts';
import { selectPerson } from './person-store.ts';
import { recordSignInRefusal } from './record-sign-in-refusal.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/**
 * Takes the password of who is signed in once more. It is noted beside what opened the session and not among it: shown
 * again, it opens no organisation that the way of signing in did not. Whether the person has a password does not show in
 * the time it takes.
 * @throws Failure `sign-in-refused`
 */
export async function showPassword(access: Access, session: Session, password: string): Promise<OpenedSession> {
  const { db } = access.platform;
  const { personId } = session;
  const person = await db.globalTransaction((tx) => selectPerson(tx, personId));
  const isRight = await verifyPassword(person?.passwordHash ?? null, password);
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  const opened = await db.transaction(home, async (tx) => {
    if (isRight) return changeSessionWithin(access, tx, session, { showsPassword: true });
    await recordSignInRefusal(tx, personId, { method: 'password', reason: 'sign-in-refused' });
    return undefined;
  });
  if (opened === undefined) throw fail('sign-in-refused', 'The password is wrong.');
  return opened;
}
