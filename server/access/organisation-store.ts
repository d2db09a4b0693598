import type { OrganisationId } from '../platform/contract.ts';
import type { GlobalTx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Language, Organisation } from './contract.ts';

export interface OrganisationRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly created_at: Date;
}

export function toOrganisation(row: OrganisationRow): Organisation {
  return { id: brand<'Organisation'>(row.id), slug: row.slug, name: row.name, createdAt: row.created_at.toISOString() };
}

const organisationColumns = ['id', 'slug', 'name', 'created_at'] as const;

/** Where there is none yet, it is the first from now on. @returns false when the slug is taken */
export async function insertOrganisation(
  tx: GlobalTx,
  organisation: {
    readonly id: OrganisationId;
    readonly slug: string;
    readonly name: string;
    readonly language?: Language;
  },
): Promise<boolean> {
  const { id, slug, name, language = 'en' } = organisation;
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('access.organisation')
    .values({ id, slug, name, default_language: language, created_at: tx.at })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  await tx.db
    .insertInto('access.first_organisation')
    .values({ organisation_id: organisation.id })
    .onConflict((conflict) => conflict.column('single').doNothing())
    .execute();
  return true;
}

export async function selectIsFirst(tx: GlobalTx, id: OrganisationId): Promise<boolean> {
  const row = await tx.db
    .selectFrom('access.first_organisation')
    .select('single')
    .where('organisation_id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export async function selectOrganisationBySlug(tx: GlobalTx, slug: string): Promise<Organisation | undefined> {
  const row = await tx.db
    .selectFrom('access.organisation')
    .select(organisationColumns)
    .where('slug', '=', slug)
    .executeTakeFirst();
  return row === undefined ? undefined : toOrganisation(row);
}

export async function selectOrganisation(tx: GlobalTx, id: OrganisationId): Promise<Organisation | undefined> {
  const row = await tx.db
    .selectFrom('access.organisation')
    .select(organisationColumns)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : toOrganisation(row);
}

/** The organisation that is this server itself; undefined before its first start. */
export async function selectOwnOrganisation(tx: GlobalTx): Promise<Organisation | undefined> {
  const row = await tx.db
    .selectFrom('access.own_organisation as own')
    .innerJoin('access.organisation as o', 'o.id', 'own.organisation_id')
    .select(['o.id', 'o.slug', 'o.name', 'o.created_at'])
    .executeTakeFirst();
  return row === undefined ? undefined : toOrganisation(row);
}

/** Two starts at once: one makes it. @returns false when the slug is taken */
export async function insertOwnOrganisation(
  tx: GlobalTx,
  organisation: { readonly id: OrganisationId; readonly slug: string; readonly name: string },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('access.organisation')
    .values({ ...organisation, created_at: tx.at })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  await tx.db.insertInto('access.own_organisation').values({ organisation_id: organisation.id }).execute();
  return true;
}

/** Those of others than the server itself, in the order they were made. */
export async function selectCustomers(tx: GlobalTx, limit: number): Promise<Organisation[]> {
  const rows = await tx.db
    .selectFrom('access.organisation')
    .select(organisationColumns)
    .where('id', 'not in', (own) => own.selectFrom('access.own_organisation').select('organisation_id'))
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toOrganisation);
}

/** In the order they were made. */
export async function selectOrganisations(tx: GlobalTx, limit: number): Promise<Organisation[]> {
  const rows = await tx.db
    .selectFrom('access.organisation')
    .select(organisationColumns)
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toOrganisation);
}

/** How long sessions last in an organisation. */
export async function selectOrganisationLimits(
  tx: GlobalTx,
  id: OrganisationId,
): Promise<{ readonly idleMinutes: number; readonly sessionHours: number } | null> {
  const row = await tx.db
    .selectFrom('access.organisation')
    .select(['idle_minutes as idleMinutes', 'session_hours as sessionHours'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether anybody has an account on this server. */
export async function selectHasPeople(tx: GlobalTx): Promise<boolean> {
  return (await tx.db.selectFrom('access.person').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/** An organisation, locked until the transaction ends, so that those who change who belongs to it do so one by one. */
export async function lockOrganisation(
  tx: GlobalTx,
  id: OrganisationId,
): Promise<{ readonly name: string; readonly demandsSingleSignOn: boolean; readonly breakGlass: string | null }> {
  const row = await tx.db
    .selectFrom('access.organisation')
    .select(['name', 'demands_single_sign_on', 'break_glass_person_id'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new Error('the organisation of a transaction is not there');
  return { name: row.name, demandsSingleSignOn: row.demands_single_sign_on, breakGlass: row.break_glass_person_id };
}

/** How many owners an organisation has. */
export async function countOwners(tx: GlobalTx, id: OrganisationId): Promise<number> {
  const { owners } = await tx.db
    .selectFrom('access.membership')
    .select((select) => select.fn.countAll<string>().as('owners'))
    .where('organisation_id', '=', id)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  return Number(owners);
}
