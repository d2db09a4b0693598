import type { OrganisationId } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { type Language, languageSchema, type Organisation } from './contract.ts';

interface OrganisationRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly created_at: Date;
}

function toOrganisation(row: OrganisationRow): Organisation {
  return { id: brand<'Organisation'>(row.id), slug: row.slug, name: row.name, createdAt: row.created_at.toISOString() };
}

const organisationColumns = ['id', 'slug', 'name', 'created_at'] as const;

/** Where there is none yet, it is the first from now on. @returns false when the slug is taken */
export async function insertOrganisation(
  tx: GlobalTx,
  organisation: { readonly id: OrganisationId; readonly slug: string; readonly name: string },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('access.organisation')
    .values({ ...organisation, created_at: tx.at })
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

export async function selectOwner(tx: Tx): Promise<string | undefined> {
  const row = await tx.db
    .selectFrom('access.owner')
    .select('person_id')
    .where('organisation_id', '=', tx.organisationId)
    .executeTakeFirst();
  return row?.person_id;
}

export async function insertOwner(tx: Tx, personId: string): Promise<void> {
  await tx.db.insertInto('access.owner').values({ organisation_id: tx.organisationId, person_id: personId }).execute();
}

export async function insertOwnerLink(
  tx: Tx,
  link: { readonly hash: Buffer; readonly personId: string; readonly expiresAt: Date },
): Promise<void> {
  await tx.db.deleteFrom('access.owner_link').where('expires_at', '<', tx.at).execute();
  await tx.db
    .insertInto('access.owner_link')
    .values({
      token_hash: link.hash,
      organisation_id: tx.organisationId,
      person_id: link.personId,
      expires_at: link.expiresAt,
    })
    .execute();
}

export interface Person {
  readonly organisationId: OrganisationId;
  readonly personId: string;
}

/** Uses a link up; undefined when it does not exist, was used or has expired. Two at once: one gets it. */
export async function useOwnerLink(tx: GlobalTx, hash: Buffer): Promise<Person | undefined> {
  const row = await tx.db
    .updateTable('access.owner_link')
    .set({ used_at: tx.at })
    .where('token_hash', '=', hash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', tx.at)
    .returning(['organisation_id', 'person_id'])
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { organisationId: brand<'Organisation'>(row.organisation_id), personId: row.person_id };
}

export async function insertSession(
  tx: Tx,
  session: { readonly hash: Buffer; readonly personId: string; readonly language: Language; readonly expiresAt: Date },
): Promise<void> {
  await tx.db.deleteFrom('access.session').where('expires_at', '<', tx.at).execute();
  await tx.db
    .insertInto('access.session')
    .values({
      token_hash: session.hash,
      organisation_id: tx.organisationId,
      person_id: session.personId,
      language: session.language,
      created_at: tx.at,
      expires_at: session.expiresAt,
    })
    .execute();
}

export interface FoundSession extends Person {
  readonly language: Language;
  readonly expiresAt: Date;
}

export async function selectSession(tx: GlobalTx, hash: Buffer): Promise<FoundSession | undefined> {
  const row = await tx.db
    .selectFrom('access.session')
    .select(['organisation_id', 'person_id', 'language', 'expires_at'])
    .where('token_hash', '=', hash)
    .where('expires_at', '>', tx.at)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    organisationId: brand<'Organisation'>(row.organisation_id),
    personId: row.person_id,
    language: languageSchema.parse(row.language),
    expiresAt: row.expires_at,
  };
}

export async function deleteSession(tx: GlobalTx, hash: Buffer): Promise<void> {
  await tx.db.deleteFrom('access.session').where('token_hash', '=', hash).execute();
}
