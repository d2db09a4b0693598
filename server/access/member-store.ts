import { sql } from 'kysely';
import type { OrganisationId } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Language, Role } from './contract.ts';
import type { PersonId } from './person-store.ts';

/** Makes a person a member. @returns false when they are one already, which stays as it is */
export async function insertMembership(
  tx: GlobalTx,
  membership: {
    readonly organisationId: OrganisationId;
    readonly personId: PersonId;
    readonly role: Role;
    readonly providerId?: string;
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('access.membership')
    .values({
      organisation_id: membership.organisationId,
      person_id: membership.personId,
      role: membership.role,
      provider_id: membership.providerId ?? null,
      created_at: tx.at,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'person_id']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export async function updateRole(
  tx: GlobalTx,
  organisationId: OrganisationId,
  personId: PersonId,
  role: Role,
): Promise<void> {
  await tx.db
    .updateTable('access.membership')
    .set({ role })
    .where('organisation_id', '=', organisationId)
    .where('person_id', '=', personId)
    .execute();
}

/** Role of a member, locked against changes until the transaction ends. */
export async function lockRole(
  tx: GlobalTx,
  organisationId: OrganisationId,
  personId: PersonId,
): Promise<Role | undefined> {
  const row = await tx.db
    .selectFrom('access.membership')
    .select('role')
    .where('organisation_id', '=', organisationId)
    .where('person_id', '=', personId)
    .forUpdate()
    .executeTakeFirst();
  return row?.role;
}

export async function deleteMembership(
  tx: GlobalTx,
  organisationId: OrganisationId,
  personId: PersonId,
): Promise<void> {
  await tx.db
    .deleteFrom('access.membership')
    .where('organisation_id', '=', organisationId)
    .where('person_id', '=', personId)
    .execute();
}

/** A member as lists show them. */
export interface MemberRow {
  readonly person: PersonId;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly hasSecondFactor: boolean;
  /** Keys they made that are neither revoked nor expired. */
  readonly activeKeys: number;
  /** Name of the identity provider it came from. */
  readonly provider: string | null;
  readonly lastSeenAt: Date | null;
  readonly memberSince: Date;
}

/** In the order of their ids, which is that of their arrival on this server; `after` is the last one seen. */
export async function selectMembers(
  tx: Tx,
  which: { readonly limit: number; readonly after?: string | undefined; readonly only?: string },
): Promise<MemberRow[]> {
  let query = tx.db
    .selectFrom('access.membership as m')
    .innerJoin('access.person as p', 'p.id', 'm.person_id')
    .leftJoin('access.provider as v', (on) =>
      on.onRef('v.organisation_id', '=', 'm.organisation_id').onRef('v.id', '=', 'm.provider_id'),
    )
    .select(['p.id', 'p.name', 'p.email', 'm.role', 'm.created_at', 'v.name as provider'])
    .select((select) => [
      select
        .selectFrom('access.session as s')
        .select((inner) => inner.fn.max('s.seen_at').as('seen'))
        .whereRef('s.organisation_id', '=', 'm.organisation_id')
        .whereRef('s.person_id', '=', 'm.person_id')
        .as('seen_at'),
      select
        .selectFrom('access.key as k')
        .select((inner) => inner.cast<number>(inner.fn.countAll(), 'integer').as('keys'))
        .whereRef('k.organisation_id', '=', 'm.organisation_id')
        .whereRef('k.created_by', '=', 'm.person_id')
        .where('k.revoked_at', 'is', null)
        .where((at) => at.or([at('k.expires_at', 'is', null), at('k.expires_at', '>', tx.at)]))
        .as('active_keys'),
      sql<boolean>`exists (select from access.totp t where t.person_id = m.person_id and t.confirmed_at is not null)
        or exists (select from access.passkey k where k.person_id = m.person_id)`.as('has_factor'),
    ])
    .where('m.organisation_id', '=', tx.organisationId)
    .orderBy('m.person_id')
    .limit(which.limit);
  if (which.after !== undefined) query = query.where('m.person_id', '>', which.after);
  if (which.only !== undefined) query = query.where('m.person_id', '=', which.only);
  const rows = await query.execute();
  return rows.map((row) => ({
    person: brand<'Person'>(row.id),
    name: row.name,
    email: row.email,
    role: row.role,
    hasSecondFactor: row.has_factor,
    activeKeys: row.active_keys ?? 0,
    provider: row.provider,
    lastSeenAt: row.seen_at,
    memberSince: row.created_at,
  }));
}

/** Whom of its members an organisation writes to. */
export interface AddresseeQuery {
  /** Empty: whatever their role. */
  readonly roles: readonly Role[];
  /** Those who joined later are left out. */
  readonly joinedBy: Date;
}

export interface Addressee {
  readonly person: PersonId;
  /** Null while it is not verified: it may be somebody else's. */
  readonly email: string | null;
  readonly language: Language;
}

const verified = sql<string | null>`case when p.email_verified_at is not null then p.email end`;

export async function selectAddressees(
  tx: Tx,
  query: AddresseeQuery & { readonly after: string | null; readonly limit: number },
): Promise<Addressee[]> {
  let members = addressees(tx, query)
    .select(['m.person_id', 'p.language', verified.as('email')])
    .orderBy('m.person_id')
    .limit(query.limit);
  if (query.after !== null) members = members.where('m.person_id', '>', query.after);
  const rows = await members.execute();
  return rows.map((row) => ({ person: brand<'Person'>(row.person_id), email: row.email, language: row.language }));
}

export async function countAddressees(
  tx: Tx,
  query: AddresseeQuery,
): Promise<{ readonly language: Language; readonly hasAddress: boolean; readonly count: number }[]> {
  return addressees(tx, query)
    .select((row) => [
      'p.language',
      sql<boolean>`p.email_verified_at is not null`.as('hasAddress'),
      row.cast<number>(row.fn.countAll(), 'integer').as('count'),
    ])
    .groupBy(['p.language', sql`p.email_verified_at is not null`])
    .execute();
}

function addressees(tx: Tx, { roles, joinedBy }: AddresseeQuery) {
  const members = tx.db
    .selectFrom('access.membership as m')
    .innerJoin('access.person as p', 'p.id', 'm.person_id')
    .where('m.organisation_id', '=', tx.organisationId)
    .where('m.created_at', '<=', joinedBy);
  return roles.length === 0 ? members : members.where('m.role', 'in', roles);
}
