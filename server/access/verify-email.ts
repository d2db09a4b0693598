import { recordEntry } from '../ledger/record-entry.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { identifyOrigin } from '../platform/origin.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { recordCompletedSessions } from './open-session.ts';
import {
  emailKey,
  markEmailVerified,
  type Person,
  selectBelongings,
  selectPerson,
  selectPersonByEmail,
  updateEmail,
} from './person-store.ts';
import { hashToken } from './token.ts';
import { selectToken, takeToken, voidTokens } from './token-store.ts';

const fail = failuresOf(accessProblems);

/**
 * Takes the link of a verification mail: the address is verified, or where it is another than before, it is the
 * person's from now on, and the one before is told.
 * @throws Failure `link-invalid`; also when somebody else has the address by now
 */
export async function verifyEmail(access: Access, text: string): Promise<void> {
  const { platform } = access;
  const hash = hashToken(text);
  const person = await platform.db.globalTransaction(async (tx) => {
    const token = await selectToken(tx, hash);
    if (token?.kind !== 'email-verification' || token.personId === null) return undefined;
    const found = await selectPerson(tx, token.personId);
    return found === undefined ? undefined : { ...found, home: (await selectBelongings(tx, found.id))[0] };
  });
  if (person === undefined) throw invalid();
  identifyOrigin({ personId: person.id });
  const home = person.home?.organisationId ?? access.ownOrganisationId;
  const change = platform.db.transaction(home, async (tx) => {
    const email = (await takeToken(tx, hash, ['email-verification']))?.email;
    if (email == null) throw invalid();
    const isChange = emailKey(email) !== emailKey(person.email);
    if (isChange && (await selectPersonByEmail(tx, email)) !== undefined) throw invalid();
    if (isChange) await updateEmail(tx, person.id, email);
    else await markEmailVerified(tx, person.id, email);
    // Links to the address before are in a mailbox that is no longer theirs.
    if (isChange) await voidTokens(tx, { kind: 'password-reset', personId: person.id });
    await recordEntry(tx, {
      kind: 'access.email-changed',
      actor: { kind: 'person', id: person.id },
      body: { person: person.id, act: isChange ? 'changed' : 'verified' },
    });
    if (isChange && person.emailVerifiedAt !== null) await tellFormerAddress(access, tx, person);
  });
  await change.catch((error: unknown) => {
    // Somebody else took the address between the look and the change.
    throw isTaken(error) ? invalid() : error;
  });
  if (person.emailVerifiedAt === null) await recordCompletedSessions(access, person.id);
}

/** If it was not them, they learn of it where they still read. */
async function tellFormerAddress(access: Access, tx: Tx, person: Person): Promise<void> {
  await access.queueMail(tx, {
    template: 'email-changed',
    to: person.email,
    language: person.language,
    figures: { name: person.name, at: tx.at.toISOString() },
    idempotencyKey: `email-changed:${newId(tx.at)}`,
  });
}

const UNIQUE_VIOLATION = '23505';

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}

function invalid() {
  return fail('link-invalid', 'This link was used already or has expired. Ask for another in your account.');
}
