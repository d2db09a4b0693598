import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { brand, newId } from '../platform/ids.ts';
import { accessProblems, type Language } from './contract.ts';
import { confirmPendingTotp, selectFactors, upsertPendingTotp } from './factor-store.ts';
import { insertMembership, lockRole, updateRole } from './member-store.ts';
import { newTotpSecret, totpUri } from './one-time-code.ts';
import type { Access } from './open-access.ts';
import { countOwners, lockOrganisation, selectOrganisationBySlug } from './organisation-store.ts';
import { hashPassword } from './password-hash.ts';
import { insertPerson, type Person, type PersonId, selectPersonByEmail } from './person-store.ts';
import { refuseWeakPassword } from './weak-password.ts';

const fail = failuresOf(accessProblems);

export interface WantedOwner {
  /** Slug. */
  readonly organisation: string;
  readonly name: string;
  readonly email: string;
  readonly language: Language;
  readonly password?: string | undefined;
}

/**
 * Makes somebody an owner on the word of the server's operator, who also answers for the address. Whoever is known by
 * it already keeps name, password and second factor; others get a secret for their authenticator app.
 * @throws Failure `organisation-not-found` or `password-too-weak`
 */
export async function createOwner(
  access: Access,
  wanted: WantedOwner,
  actor: Actor,
): Promise<{ person: PersonId; totp: { secret: string; uri: string } | null }> {
  const { platform } = access;
  const organisation = await platform.db.globalTransaction((tx) => selectOrganisationBySlug(tx, wanted.organisation));
  if (organisation === undefined)
    throw fail('organisation-not-found', `There is no organisation ${wanted.organisation}.`);
  if (wanted.password !== undefined)
    refuseWeakPassword(wanted.password, [wanted.email, organisation.name, organisation.slug]);
  const passwordHash = wanted.password === undefined ? null : await hashPassword(wanted.password);
  const organisationId = brand<'Organisation'>(organisation.id);
  const made = await platform.db.transaction(organisationId, async (tx) => {
    const person = await findOrMake(tx, wanted, passwordHash);
    const totp = await giveTotp(access, tx, person);
    await makeOwner(tx, person.id);
    await recordEntry(tx, { kind: 'access.owner-made', actor, body: { person: person.id } });
    return { person: person.id, totp };
  });
  await adoptServer(access, made.person, actor);
  return made;
}

async function findOrMake(tx: GlobalTx, wanted: WantedOwner, passwordHash: string | null): Promise<Person> {
  const { name, email, language } = wanted;
  await insertPerson(tx, { id: newId<'Person'>(tx.at), name, email, language, passwordHash, isEmailVerified: true });
  const person = await selectPersonByEmail(tx, email);
  if (person === undefined) throw new Error('a person that was just made is not there');
  return person;
}

async function giveTotp(access: Access, tx: GlobalTx, person: Person) {
  const { totp, passkeys } = await selectFactors(tx, person.id);
  if (totp || passkeys > 0) return null;
  const secret = newTotpSecret();
  const sealed = access.platform.seal.close(secret, 'totp', person.id);
  await upsertPendingTotp(tx, person.id, sealed);
  // Whoever reads the answer is the operator, so no code has to prove that the secret arrived.
  await confirmPendingTotp(tx, person.id, sealed, null);
  return { secret, uri: totpUri(secret, person.email) };
}

/** Whatever the person was there before, they are an owner now. */
export async function makeOwner(tx: Tx, person: PersonId): Promise<void> {
  const { organisationId } = tx;
  if (await insertMembership(tx, { organisationId, personId: person, role: 'owner' })) return;
  const before = await lockRole(tx, organisationId, person);
  if (before !== 'owner') await updateRole(tx, organisationId, person, 'owner');
}

/** The first owner of any organisation also answers for the server's own; later ones do not by themselves. */
export async function adoptServer(access: Access, person: PersonId, actor: Actor): Promise<void> {
  const organisationId: OrganisationId = access.ownOrganisationId;
  await access.platform.db.transaction(organisationId, async (tx) => {
    await lockOrganisation(tx, organisationId);
    if ((await countOwners(tx, organisationId)) > 0) return;
    await makeOwner(tx, person);
    await recordEntry(tx, { kind: 'access.owner-made', actor, body: { person } });
  });
}
