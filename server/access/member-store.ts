import type { OrganisationId } from '../platform/contract.ts';
import type { GlobalTx } from '../platform/database.ts';
import type { Role } from './contract.ts';
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

/** @returns the role before; undefined when the person is no member */
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

/** Owners of an organisation, locked, so that two who step down at once do not leave it without one. */
export async function lockOwners(tx: GlobalTx, organisationId: OrganisationId): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('access.membership')
    .select('person_id')
    .where('organisation_id', '=', organisationId)
    .where('role', '=', 'owner')
    .orderBy('person_id')
    .forUpdate()
    .execute();
  return rows.map((row) => row.person_id);
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
