import { failuresOf } from '../platform/failure.ts';
import { brand } from '../platform/ids.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import { hashPassword, needsRehash, verifyPassword } from './password-hash.ts';
import { type Person, selectBelongings, selectPersonByEmail, updatePasswordHash } from './person-store.ts';
import { recordSignInRefusal } from './record-sign-in-refusal.ts';

const fail = failuresOf(accessProblems);

/**
 * Signs somebody in with e-mail and password. Whether an address is known shows neither in the answer nor in the time
 * it takes.
 * @throws Failure `sign-in-refused` or `single-sign-on-needed`
 */
export async function signIn(
  access: Access,
  given: { readonly email: string; readonly password: string },
): Promise<OpenedSession> {
  const { platform } = access;
  const found = await platform.db.globalTransaction(async (tx) => {
    const person = await selectPersonByEmail(tx, given.email);
    // Nobody belongs nowhere; the statement is there for its time.
    const [home] = await selectBelongings(tx, person?.id ?? nobody);
    return { person, home };
  });
  const isRight = await verifyPassword(found.person?.passwordHash ?? null, given.password);
  if (found.person === undefined || !isRight) {
    const home = found.home?.organisationId ?? access.ownOrganisationId;
    await platform.db.transaction(home, (tx) =>
      recordSignInRefusal(tx, found.person?.id, { method: 'password', reason: 'sign-in-refused' }),
    );
    throw fail('sign-in-refused', 'The e-mail address or the password is wrong.');
  }
  await rehash(access, found.person, given.password);
  const { id: personId, passwordChangedAt } = found.person;
  return openSession(access, { personId, methods: ['password'], passwordChangedAt });
}

const nobody = brand<'Person'>('00000000-0000-0000-0000-000000000000');

/** Whoever comes from an imported list gets a hash as strong as the others', now that the password is known. */
async function rehash({ platform }: Access, { id, passwordHash }: Person, password: string): Promise<void> {
  if (passwordHash === null || !needsRehash(passwordHash)) return;
  const hash = await hashPassword(password);
  await platform.db.globalTransaction((tx) => updatePasswordHash(tx, id, passwordHash, hash));
}
