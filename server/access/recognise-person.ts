import { recordEntry } from '../ledger/record-entry.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { emailSchema, type Language } from './contract.ts';
import { selectDomain } from './domain-store.ts';
import { insertMembership, lockRole } from './member-store.ts';
import type { Access } from './open-access.ts';
import { insertPerson, markEmailVerified, type Person, selectPerson, selectPersonByEmail } from './person-store.ts';
import type { ProvedIdentity } from './proved-identity.ts';
import { isServersGoogle } from './provider-settings.ts';
import { type StoredProvider, selectHasIdentity, selectIdentity, upsertIdentity } from './provider-store.ts';
import { providerRefusals } from './providers-contract.ts';

const refuse = failuresOf(providerRefusals);

/** Who an identity is here. */
export type Recognised =
  | { readonly is: 'known'; readonly person: Person }
  /** Somebody who becomes a member with this sign-in. */
  | { readonly is: 'new'; readonly email: string };

/**
 * Finds out who an identity is, and changes nothing. An organisation's provider may say so
 * - only of addresses whose domain the organisation has proved, at the first sign-in and at each later one, and only
 *   where the domain does not name another provider;
 * - of members of that organisation, or of somebody nobody knows yet: never of a stranger's existing account;
 * - of one identity per person: whoever gets the address of somebody who left does not get their account.
 *
 * Google as the operator set it up knows existing people only, by addresses that Google itself gives out.
 * @param tx of the provider's organisation
 * @throws Failure of `providerRefusals`
 */
export async function recogniseByProvider(
  access: Access,
  tx: Tx,
  provider: StoredProvider,
  identity: ProvedIdentity,
): Promise<Recognised> {
  const known = await selectIdentity(tx, provider.id, identity.subject);
  const linked = known === undefined ? undefined : await selectPerson(tx, known);
  if (linked !== undefined) {
    await requireRightToSpeak(access, tx, provider, linked.email);
    await requireMember(access, tx, provider, linked);
    return { is: 'known', person: linked };
  }
  const email = addressOf(identity);
  await requireRightToSpeak(access, tx, provider, email);
  const person = await selectPersonByEmail(tx, email);
  if (person === undefined) {
    if (!provider.admits || isServersGoogle(access, provider))
      throw refuse('not-a-member', 'Nobody with this address is a member: ask for an invitation.');
    return { is: 'new', email };
  }
  await requireMember(access, tx, provider, person);
  if (await selectHasIdentity(tx, provider.id, person.id))
    throw refuse(
      'identity-taken',
      'This member is bound to another identity at the provider. Remove the member first.',
    );
  // Whoever set a password for an address that nobody verified may not be whom the address belongs to.
  if (person.emailVerifiedAt === null && person.passwordHash !== null)
    throw refuse('email-not-verified', 'Verify the e-mail address here first.');
  return { is: 'known', person };
}

/**
 * The person of an identity, made a member where the provider admits people who are new.
 * @throws Failure of `providerRefusals`
 */
export async function admitByProvider(
  access: Access,
  tx: Tx,
  provider: StoredProvider,
  identity: ProvedIdentity,
  language: Language,
): Promise<Person['id']> {
  const recognised = await recogniseByProvider(access, tx, provider, identity);
  const personId =
    recognised.is === 'known'
      ? recognised.person.id
      : await makeMember(tx, provider, { email: recognised.email, name: identity.name, language });
  const isTheirs = await upsertIdentity(tx, { providerId: provider.id, subject: identity.subject, personId });
  if (!isTheirs) throw refuse('identity-taken', 'This identity was bound to another person a moment ago.');
  if (recognised.is === 'known' && (await markEmailVerified(tx, personId, recognised.person.email)))
    await recordEntry(tx, {
      kind: 'access.email-changed',
      actor: { kind: 'system', id: 'access' },
      body: { person: personId, act: 'verified' },
    });
  return personId;
}

async function makeMember(
  tx: Tx,
  provider: StoredProvider,
  { email, name, language }: { email: string; name: string | null; language: Language },
): Promise<Person['id']> {
  const id = newId<'Person'>(tx.at);
  const isNew = await insertPerson(tx, {
    id,
    name: name ?? email.slice(0, email.lastIndexOf('@')),
    email,
    isEmailVerified: true,
    passwordHash: null,
    language,
  });
  if (!isNew) throw refuse('not-a-member', 'An account with this address was made a moment ago. Try again.');
  const role = provider.defaultRole;
  await insertMembership(tx, {
    organisationId: provider.organisationId,
    personId: id,
    role,
    providerId: provider.id,
  });
  await recordEntry(tx, {
    kind: 'access.joined',
    actor: { kind: 'person', id },
    body: { person: id, role, how: 'provider' },
  });
  return id;
}

/** The address, where the provider vouches for it. */
function addressOf({ email, isEmailVerified }: ProvedIdentity): string {
  if (email === null) throw refuse('email-missing', 'Have the provider send the e-mail address.');
  if (!isEmailVerified)
    throw refuse('email-not-verified', 'The provider does not say that it has verified the e-mail address.');
  const parsed = emailSchema.safeParse(email.trim());
  if (!parsed.success) throw refuse('email-missing', 'What the provider sends is no e-mail address.');
  return parsed.data;
}

async function requireRightToSpeak(access: Access, tx: Tx, provider: StoredProvider, email: string): Promise<void> {
  if (isServersGoogle(access, provider)) return;
  const name = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  const domain = await selectDomain(tx, name);
  const isProved = domain?.verifiedAt != null;
  if (!isProved || (domain.providerId !== null && domain.providerId !== provider.id))
    throw refuse('domain-not-proved', 'The organisation has not proved the domain of this address for this provider.');
}

async function requireMember(access: Access, tx: Tx, provider: StoredProvider, person: Person): Promise<void> {
  if (isServersGoogle(access, provider)) return;
  if ((await lockRole(tx, provider.organisationId, person.id)) === undefined)
    throw refuse('not-a-member', 'This account is no member of the organisation: ask for an invitation.');
}
