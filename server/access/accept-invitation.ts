import { recordEntry } from '../ledger/record-entry.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { identifyOrigin } from '../platform/origin.ts';
import { chooseOrganisation, isRefusedEntry } from './choose-organisation.ts';
import { accessProblems, type Language } from './contract.ts';
import { concludeInvitation, type StoredInvitation, selectInvitation } from './invitation-store.ts';
import { insertMembership } from './member-store.ts';
import type { Access } from './open-access.ts';
import { changeSession, type OpenedSession, openSession } from './open-session.ts';
import { selectOrganisation } from './organisation-store.ts';
import { hashPassword } from './password-hash.ts';
import { emailKey, insertPerson, markEmailVerified, type PersonId, selectPersonByEmail } from './person-store.ts';
import type { Session } from './session.ts';
import { hashToken } from './token.ts';
import { selectToken, takeToken } from './token-store.ts';
import { refuseWeakPassword } from './weak-password.ts';

const fail = failuresOf(accessProblems);

/** An invitation that can be accepted, found by the token of its link. */
export interface OpenInvitation extends StoredInvitation {
  readonly organisationId: OrganisationId;
  readonly organisation: string;
  readonly isNewPerson: boolean;
}

/** @throws Failure `link-invalid` */
export async function findOpenInvitation({ platform }: Access, text: string): Promise<OpenInvitation> {
  const token = await platform.db.globalTransaction((tx) => selectToken(tx, hashToken(text)));
  if (token?.kind !== 'invitation' || token.organisationId === null || token.subjectId === null) throw invalid();
  const { organisationId, subjectId } = token;
  return platform.db.transaction(organisationId, async (tx) => {
    const invitation = await selectInvitation(tx, subjectId);
    if (invitation === undefined || invitation.acceptedAt !== null || invitation.revokedAt !== null) throw invalid();
    const organisation = await selectOrganisation(tx, organisationId);
    const isNewPerson = (await selectPersonByEmail(tx, invitation.email)) === undefined;
    return { ...invitation, organisationId, organisation: organisation?.name ?? '', isNewPerson };
  });
}

/**
 * Accepts an invitation: as who is signed in, if it is for their address, or as a new person. Whoever has an account
 * signs in first, with all that this asks for, so that the link alone opens nobody's account.
 * @throws Failure `link-invalid`, `sign-in-refused`, `password-too-weak` or `single-sign-on-needed`
 */
export async function acceptInvitation(
  access: Access,
  session: Session | undefined,
  given: {
    readonly token: string;
    readonly person?: { readonly name: string; readonly password: string; readonly language: Language } | undefined;
  },
): Promise<OpenedSession> {
  const invitation = await findOpenInvitation(access, given.token);
  const hash = hashToken(given.token);
  if (session !== undefined && session.owes !== 'second-factor')
    return joinAsSignedIn(access, session, invitation, hash);
  if (!invitation.isNewPerson)
    throw fail('sign-in-refused', 'There is an account with this address: sign in with it, then open the link again.');
  if (given.person === undefined) throw fail('sign-in-refused', 'Give a name and choose a password.');
  const { name, password, language } = given.person;
  const { organisationId, email, organisation } = invitation;
  refuseWeakPassword(password, [email, organisation]);
  const passwordHash = await hashPassword(password);
  const personId = newId<'Person'>(access.platform.clock.now());
  await access.platform.db.transaction(organisationId, async (tx) => {
    // The link came by mail, so the address is theirs.
    const person = { id: personId, name, email, isEmailVerified: true, passwordHash, language };
    if (!(await insertPerson(tx, person)))
      throw fail('sign-in-refused', 'There is an account with this address: sign in with it first.');
    await join(tx, invitation, personId, hash);
  });
  return openSession(access, { personId, methods: ['password'], organisationId });
}

async function joinAsSignedIn(
  access: Access,
  session: Session,
  invitation: OpenInvitation,
  hash: Buffer,
): Promise<OpenedSession> {
  if (emailKey(session.email) !== emailKey(invitation.email))
    throw fail('sign-in-refused', 'This invitation is for another address: sign out, then open the link again.');
  const { organisationId } = invitation;
  await access.platform.db.transaction(organisationId, async (tx) => {
    await markEmailVerified(tx, session.personId, session.email);
    await join(tx, invitation, session.personId, hash);
  });
  try {
    return await chooseOrganisation(access, session, organisationId);
  } catch (error) {
    // They are a member now, but that organisation wants them to come in another way, or from elsewhere.
    if (!isRefusedEntry(error)) throw error;
    return changeSession(access, session, {});
  }
}

async function join(tx: Tx, invitation: StoredInvitation, personId: PersonId, hash: Buffer): Promise<void> {
  identifyOrigin({ personId });
  const isTaken = (await takeToken(tx, hash, ['invitation'])) !== undefined;
  if (!isTaken || !(await concludeInvitation(tx, invitation.id, 'accepted'))) throw invalid();
  const { organisationId } = tx;
  const { role } = invitation;
  // Who is a member already keeps their role: an invitation does not take anything away.
  if (!(await insertMembership(tx, { organisationId, personId, role }))) return;
  await recordEntry(tx, {
    kind: 'access.joined',
    actor: { kind: 'person', id: personId },
    body: { person: personId, role, how: 'invitation' },
  });
}

function invalid() {
  return fail('link-invalid', 'This invitation was used already, was taken back or has expired. Ask for another.');
}
