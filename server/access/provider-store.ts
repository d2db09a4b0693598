import { sql } from 'kysely';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Provider } from './providers-contract.ts';

/** An identity provider as it lies in the database. */
export interface StoredProvider {
  readonly organisationId: OrganisationId;
  readonly id: Id<'Provider'>;
  readonly kind: Provider['kind'];
  readonly name: string;
  /** As `provider-settings.ts` reads them. */
  readonly settings: unknown;
  /** Client secret, or the private key for encrypted assertions. */
  readonly sealedSecret: Buffer | null;
  readonly defaultRole: Provider['defaultRole'];
  readonly admits: boolean;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly testedAt: Date | null;
}

const columns = [
  'organisation_id',
  'id',
  'kind',
  'name',
  'settings',
  'sealed_secret',
  'default_role',
  'admits',
  'enabled',
  'created_at',
  'tested_at',
] as const;

interface ProviderRow {
  readonly organisation_id: string;
  readonly id: string;
  readonly kind: Provider['kind'];
  readonly name: string;
  readonly settings: unknown;
  readonly sealed_secret: Buffer | null;
  readonly default_role: string;
  readonly admits: boolean;
  readonly enabled: boolean;
  readonly created_at: Date;
  readonly tested_at: Date | null;
}

function toProvider(row: ProviderRow): StoredProvider {
  const role = row.default_role;
  if (role !== 'engineer' && role !== 'agent' && role !== 'auditor')
    throw new Error(`a provider cannot admit people as ${role}`);
  return {
    organisationId: brand<'Organisation'>(row.organisation_id),
    id: brand<'Provider'>(row.id),
    kind: row.kind,
    name: row.name,
    settings: row.settings,
    sealedSecret: row.sealed_secret,
    defaultRole: role,
    admits: row.admits,
    enabled: row.enabled,
    createdAt: row.created_at,
    testedAt: row.tested_at,
  };
}

export async function insertProvider(tx: Tx, provider: Omit<StoredProvider, 'organisationId' | 'createdAt'>) {
  await tx.db
    .insertInto('access.provider')
    .values({
      organisation_id: tx.organisationId,
      id: provider.id,
      kind: provider.kind,
      name: provider.name,
      settings: JSON.stringify(provider.settings),
      sealed_secret: provider.sealedSecret,
      default_role: provider.defaultRole,
      admits: provider.admits,
      enabled: provider.enabled,
      created_at: tx.at,
      tested_at: provider.testedAt,
    })
    .execute();
}

export async function updateProvider(tx: Tx, provider: Omit<StoredProvider, 'organisationId' | 'createdAt'>) {
  await tx.db
    .updateTable('access.provider')
    .set({
      kind: provider.kind,
      name: provider.name,
      settings: JSON.stringify(provider.settings),
      sealed_secret: provider.sealedSecret,
      default_role: provider.defaultRole,
      admits: provider.admits,
      enabled: provider.enabled,
      tested_at: provider.testedAt,
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', provider.id)
    .execute();
}

/** In the order they were set up. */
export async function selectProviders(tx: Tx): Promise<StoredProvider[]> {
  const rows = await tx.db
    .selectFrom('access.provider')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .orderBy('created_at')
    .orderBy('id')
    .limit(100)
    .execute();
  return rows.map(toProvider);
}

export async function selectProvider(tx: Tx, id: string): Promise<StoredProvider | undefined> {
  const row = await tx.db
    .selectFrom('access.provider')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : toProvider(row);
}

/** A provider of whichever organisation: who begins to sign in names nothing else. */
export async function selectProviderAnywhere(tx: GlobalTx, id: string): Promise<StoredProvider | undefined> {
  const row = await tx.db.selectFrom('access.provider').select(columns).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toProvider(row);
}

/** Google as the server's operator set it up: an enabled provider of the server's own organisation. */
export async function selectGoogleOfServer(tx: GlobalTx): Promise<StoredProvider | undefined> {
  const row = await tx.db
    .selectFrom('access.provider')
    .select(columns)
    .where('kind', '=', 'google')
    .where('enabled', '=', true)
    .where('organisation_id', '=', (query) =>
      query.selectFrom('access.own_organisation').select('organisation_id').where('single', '=', true),
    )
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toProvider(row);
}

export async function updateTestedAt(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('access.provider')
    .set({ tested_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** With what hangs on it: domains and members stay, and point to none. */
export async function deleteProvider(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('access.domain')
    .set({ provider_id: null })
    .where('organisation_id', '=', tx.organisationId)
    .where('provider_id', '=', id)
    .execute();
  await tx.db
    .updateTable('access.membership')
    .set({ provider_id: null })
    .where('organisation_id', '=', tx.organisationId)
    .where('provider_id', '=', id)
    .execute();
  await tx.db
    .deleteFrom('access.provider')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** Ends the sessions that came through a provider. @returns how many, by person */
export async function deleteSessionsThrough(tx: Tx, providerId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.db
    .deleteFrom('access.session')
    .where('provider_id', '=', providerId)
    .returning('person_id')
    .execute();
  return countByPerson(rows);
}

/**
 * The same for Google as the operator set it up, which speaks for people and not for an organisation: their sessions
 * name no provider.
 */
export async function deleteSessionsThroughGoogle(tx: Tx): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.db
    .deleteFrom('access.session')
    .where('provider_id', 'is', null)
    .where(sql<boolean>`'provider' = any (methods)`)
    .returning('person_id')
    .execute();
  return countByPerson(rows);
}

function countByPerson(rows: readonly { readonly person_id: string }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { person_id: person } of rows) counts.set(person, (counts.get(person) ?? 0) + 1);
  return counts;
}

/** Who people are to a provider. */
export async function deleteIdentities(tx: Tx, providerId: string): Promise<void> {
  await tx.db.deleteFrom('access.external_identity').where('provider_id', '=', providerId).execute();
}

/** Who a person is to the providers of this organisation. */
export async function deleteIdentitiesOf(tx: Tx, person: string): Promise<void> {
  await tx.db
    .deleteFrom('access.external_identity')
    .where('person_id', '=', person)
    .where('provider_id', 'in', (query) =>
      query.selectFrom('access.provider').select('id').where('organisation_id', '=', tx.organisationId),
    )
    .execute();
}

export async function selectIdentity(tx: GlobalTx, providerId: string, subject: string): Promise<string | undefined> {
  const row = await tx.db
    .selectFrom('access.external_identity')
    .select('person_id')
    .where('provider_id', '=', providerId)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row?.person_id;
}

/** Whether a person is somebody to this provider already. */
export async function selectHasIdentity(tx: GlobalTx, providerId: string, personId: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom('access.external_identity')
    .select('subject')
    .where('provider_id', '=', providerId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Notes who a person is to a provider, or that it was used again. Two at once: the first stands. */
export async function upsertIdentity(
  tx: GlobalTx,
  identity: { readonly providerId: string; readonly subject: string; readonly personId: string },
): Promise<boolean> {
  const row = await tx.db
    .insertInto('access.external_identity')
    .values({
      provider_id: identity.providerId,
      subject: identity.subject,
      person_id: identity.personId,
      created_at: tx.at,
      last_used_at: tx.at,
    })
    .onConflict((conflict) => conflict.columns(['provider_id', 'subject']).doUpdateSet({ last_used_at: tx.at }))
    .returning('person_id')
    .executeTakeFirstOrThrow();
  return row.person_id === identity.personId;
}

/** @returns false when this assertion was taken before */
export async function insertUsedAssertion(
  tx: GlobalTx,
  assertion: { readonly providerId: string; readonly assertionId: string; readonly expiresAt: Date },
): Promise<boolean> {
  await tx.db.deleteFrom('access.used_assertion').where('expires_at', '<', tx.at).execute();
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('access.used_assertion')
    .values({
      provider_id: assertion.providerId,
      assertion_id: assertion.assertionId,
      expires_at: assertion.expiresAt,
    })
    .onConflict((conflict) => conflict.columns(['provider_id', 'assertion_id']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** What single sign-on of an organisation stands on: its enabled providers, and whom each proved domain names. */
export async function selectSignOnMeans(tx: Tx): Promise<{
  readonly isDemanded: boolean;
  readonly providers: readonly string[];
  readonly domains: readonly (string | null)[];
}> {
  const organisation = await tx.db
    .selectFrom('access.organisation')
    .select('demands_single_sign_on')
    .where('id', '=', tx.organisationId)
    .executeTakeFirstOrThrow();
  const providers = await tx.db
    .selectFrom('access.provider')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('enabled', '=', true)
    .execute();
  const domains = await tx.db
    .selectFrom('access.domain')
    .select('provider_id')
    .where('organisation_id', '=', tx.organisationId)
    .where('verified_at', 'is not', null)
    .execute();
  return {
    isDemanded: organisation.demands_single_sign_on,
    providers: providers.map((row) => row.id),
    domains: domains.map((row) => row.provider_id),
  };
}

/** The enabled provider that signs in people of a proved domain: the one it names, else the organisation's first. */
export async function selectProviderOfDomain(
  tx: GlobalTx,
  domain: { readonly organisationId: OrganisationId; readonly providerId: string | null },
): Promise<{ readonly id: Id<'Provider'>; readonly name: string; readonly only: boolean } | undefined> {
  let statement = tx.db
    .selectFrom('access.provider as p')
    .innerJoin('access.organisation as o', 'o.id', 'p.organisation_id')
    .select(['p.id', 'p.name', 'o.demands_single_sign_on as only'])
    .where('p.organisation_id', '=', domain.organisationId)
    .where('p.enabled', '=', true)
    .orderBy('p.created_at')
    .orderBy('p.id')
    .limit(1);
  if (domain.providerId !== null) statement = statement.where('p.id', '=', domain.providerId);
  const row = await statement.executeTakeFirst();
  return row === undefined ? undefined : { id: brand<'Provider'>(row.id), name: row.name, only: row.only };
}
