import type { Id, OrganisationId } from '../platform/contract.ts';
import type { GlobalTx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Language, Organisation, Role } from './contract.ts';
import { toOrganisation } from './organisation-store.ts';

export type PersonId = Id<'Person'>;

/** Somebody who can sign in. */
export interface Person {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string;
  readonly emailVerifiedAt: Date | null;
  readonly passwordHash: string | null;
  readonly passwordChangedAt: Date | null;
  readonly language: Language;
  readonly createdAt: Date;
}

interface PersonRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly email_verified_at: Date | null;
  readonly password_hash: string | null;
  readonly password_changed_at: Date | null;
  readonly language: Language;
  readonly created_at: Date;
}

const columns = [
  'id',
  'name',
  'email',
  'email_verified_at',
  'password_hash',
  'password_changed_at',
  'language',
  'created_at',
] as const;

function toPerson(row: PersonRow): Person {
  return {
    id: brand<'Person'>(row.id),
    name: row.name,
    email: row.email,
    emailVerifiedAt: row.email_verified_at,
    passwordHash: row.password_hash,
    passwordChangedAt: row.password_changed_at,
    language: row.language,
    createdAt: row.created_at,
  };
}

/** What an address is found by: case does not tell people apart. */
export function emailKey(email: string): string {
  return email.trim().toLowerCase();
}

export async function selectPerson(tx: GlobalTx, id: string): Promise<Person | undefined> {
  const row = await tx.db.selectFrom('access.person').select(columns).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toPerson(row);
}

/** Has others who lock this person wait until the transaction ends. */
export async function lockPerson(tx: GlobalTx, id: PersonId): Promise<void> {
  await tx.db.selectFrom('access.person').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}

export async function selectPersonByEmail(tx: GlobalTx, email: string): Promise<Person | undefined> {
  const row = await tx.db
    .selectFrom('access.person')
    .select(columns)
    .where('email_key', '=', emailKey(email))
    .executeTakeFirst();
  return row === undefined ? undefined : toPerson(row);
}

export interface NewPerson {
  readonly id: PersonId;
  readonly name: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  readonly passwordHash: string | null;
  readonly language: Language;
}

/** @returns false when somebody has the address */
export async function insertPerson(tx: GlobalTx, person: NewPerson): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('access.person')
    .values({
      id: person.id,
      name: person.name,
      email: person.email,
      email_key: emailKey(person.email),
      email_verified_at: person.isEmailVerified ? tx.at : null,
      password_hash: person.passwordHash,
      password_changed_at: person.passwordHash === null ? null : tx.at,
      language: person.language,
      created_at: tx.at,
    })
    .onConflict((conflict) => conflict.column('email_key').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export async function updatePerson(
  tx: GlobalTx,
  id: PersonId,
  person: { readonly name: string; readonly language: Language },
): Promise<void> {
  await tx.db.updateTable('access.person').set(person).where('id', '=', id).execute();
}

/** A password that the person chose. */
export async function updatePassword(tx: GlobalTx, id: PersonId, hash: string): Promise<void> {
  await tx.db
    .updateTable('access.person')
    .set({ password_hash: hash, password_changed_at: tx.at })
    .where('id', '=', id)
    .execute();
}

/** Whether the password is still the one that was set then; it stays so until the transaction ends. */
export async function lockPassword(tx: GlobalTx, id: PersonId, changedAt: Date | null): Promise<boolean> {
  const row = await tx.db
    .selectFrom('access.person')
    .select('password_changed_at')
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();
  return row !== undefined && row.password_changed_at?.getTime() === changedAt?.getTime();
}

/** The same password, hashed as is done today; unless it was changed in the meantime. */
export async function updatePasswordHash(tx: GlobalTx, id: PersonId, before: string, hash: string): Promise<void> {
  await tx.db
    .updateTable('access.person')
    .set({ password_hash: hash })
    .where('id', '=', id)
    .where('password_hash', '=', before)
    .execute();
}

/** Notes that mail reaches the address, if it is still the person's. @returns whether that is news */
export async function markEmailVerified(tx: GlobalTx, id: PersonId, email: string): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('access.person')
    .set({ email_verified_at: tx.at })
    .where('id', '=', id)
    .where('email_key', '=', emailKey(email))
    .where('email_verified_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Gives a person another, verified address. The caller has seen to it that nobody has it. */
export async function updateEmail(tx: GlobalTx, id: PersonId, email: string): Promise<void> {
  await tx.db
    .updateTable('access.person')
    .set({ email, email_key: emailKey(email), email_verified_at: tx.at })
    .where('id', '=', id)
    .execute();
}

/** Where a person belongs, and what that organisation asks of its members. */
export interface Belonging {
  readonly organisation: Organisation;
  readonly organisationId: OrganisationId;
  readonly role: Role;
  readonly demandsSingleSignOn: boolean;
  /** Whether this person may sign in with a password all the same. */
  readonly isBreakGlass: boolean;
  readonly consoleAllowlist: readonly string[];
}

/** Oldest membership first; what is the server's own comes last. */
export async function selectBelongings(tx: GlobalTx, person: PersonId): Promise<Belonging[]> {
  const rows = await tx.db
    .selectFrom('access.membership as m')
    .innerJoin('access.organisation as o', 'o.id', 'm.organisation_id')
    .leftJoin('access.own_organisation as own', 'own.organisation_id', 'm.organisation_id')
    .select([
      'o.id',
      'o.slug',
      'o.name',
      'o.created_at',
      'm.role',
      'o.demands_single_sign_on',
      'o.break_glass_person_id',
      'o.console_allowlist',
    ])
    .where('m.person_id', '=', person)
    .orderBy((by) => by('own.single', 'is not', null))
    .orderBy('m.created_at')
    .orderBy('o.id')
    .execute();
  return rows.map((row) => ({
    organisation: toOrganisation(row),
    organisationId: brand<'Organisation'>(row.id),
    role: row.role,
    demandsSingleSignOn: row.demands_single_sign_on,
    isBreakGlass: row.break_glass_person_id === person,
    consoleAllowlist: row.console_allowlist,
  }));
}

/** Identity providers a person has signed in through, by name. */
export async function selectIdentities(
  tx: GlobalTx,
  person: PersonId,
): Promise<{ readonly provider: string; readonly since: Date }[]> {
  return tx.db
    .selectFrom('access.external_identity as e')
    .innerJoin('access.provider as v', 'v.id', 'e.provider_id')
    .select(['v.name as provider', 'e.created_at as since'])
    .where('e.person_id', '=', person)
    .orderBy('e.created_at')
    .execute();
}
