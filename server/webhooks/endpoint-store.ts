import { sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import {
  type EndpointSecret,
  type IdentifiedBy,
  identifiedBySchema,
  type RefusalReason,
  type Scheme,
  schemeSchema,
} from './endpoints-contract.ts';
import { type MappingRule, rulesSchema } from './mapping-contract.ts';

/** An endpoint as it is set up. */
export interface EndpointRow {
  readonly id: Id<'Endpoint'>;
  readonly name: string;
  readonly enabled: boolean;
  readonly scheme: Scheme;
  readonly identifiedBy: IdentifiedBy;
  readonly rules: readonly MappingRule[];
  readonly rulesVersion: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

export type EndpointSettings = Pick<EndpointRow, 'name' | 'enabled' | 'scheme' | 'identifiedBy'>;

export async function insertEndpoint(
  tx: Tx,
  endpoint: EndpointSettings & { readonly id: Id<'Endpoint'>; readonly rules: readonly MappingRule[] },
): Promise<void> {
  await tx.db
    .insertInto('webhooks.endpoint')
    .values({
      organisation_id: tx.organisationId,
      id: endpoint.id,
      ...settingsOf(endpoint),
      rules: JSON.stringify(endpoint.rules),
      rules_version: 1,
      created_at: tx.at,
      changed_at: tx.at,
    })
    .execute();
}

export async function updateSettings(tx: Tx, id: Id<'Endpoint'>, settings: EndpointSettings): Promise<void> {
  await update(tx, id, settingsOf(settings));
}

export async function updateRules(tx: Tx, endpoint: EndpointRow, rules: readonly MappingRule[]): Promise<void> {
  await update(tx, endpoint.id, { rules: JSON.stringify(rules), rules_version: endpoint.rulesVersion + 1 });
}

export async function updateVerifyToken(tx: Tx, id: Id<'Endpoint'>, hash: Buffer | null): Promise<void> {
  await update(tx, id, { verify_token_hash: hash });
}

/** Its secrets go; the row stays for what it received. */
export async function markRemoved(tx: Tx, id: Id<'Endpoint'>): Promise<void> {
  await update(tx, id, { removed_at: tx.at, enabled: false, verify_token_hash: null });
  await tx.db
    .deleteFrom('webhooks.endpoint_secret')
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', '=', id)
    .execute();
}

function settingsOf({ name, enabled, scheme, identifiedBy }: EndpointSettings) {
  return { name, enabled, scheme: JSON.stringify(scheme), identified_by: JSON.stringify(identifiedBy) };
}

async function update(
  tx: Tx,
  id: Id<'Endpoint'>,
  change: Readonly<Record<string, string | number | boolean | Date | Buffer | null>>,
): Promise<void> {
  await tx.db
    .updateTable('webhooks.endpoint')
    .set({ ...change, changed_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

function endpoints(tx: Tx) {
  return tx.db
    .selectFrom('webhooks.endpoint')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('removed_at', 'is', null);
}

type Stored = Awaited<ReturnType<ReturnType<typeof endpoints>['execute']>>[number];

function asEndpoint(row: Stored): EndpointRow {
  return {
    id: brand<'Endpoint'>(row.id),
    name: row.name,
    enabled: row.enabled,
    scheme: schemeSchema.parse(row.scheme),
    identifiedBy: identifiedBySchema.parse(row.identified_by),
    rules: rulesSchema.parse(row.rules),
    rulesVersion: row.rules_version,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}

export async function findEndpoint(
  tx: Tx,
  id: Id<'Endpoint'>,
  options: { readonly lock?: boolean } = {},
): Promise<EndpointRow | undefined> {
  const query = endpoints(tx).where('id', '=', id);
  const row = await (options.lock === true ? query.forUpdate() : query).executeTakeFirst();
  return row === undefined ? undefined : asEndpoint(row);
}

/** Newest first. */
export async function selectEndpoints(
  tx: Tx,
  page: { readonly limit: number; readonly before?: Id<'Endpoint'> | undefined },
): Promise<EndpointRow[]> {
  let query = endpoints(tx).orderBy('id', 'desc').limit(page.limit);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return (await query.execute()).map(asEndpoint);
}

export async function countEndpoints(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('webhooks.endpoint')
    .select((count) => count.fn.countAll<string>().as('n'))
    .where('organisation_id', '=', tx.organisationId)
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

/** A secret, sealed. */
export interface SealedSecret {
  readonly id: Id<'EndpointSecret'>;
  readonly sealed: Buffer;
}

/** What a signature is verified with. */
export interface VerifiableEndpoint {
  readonly enabled: boolean;
  readonly scheme: Scheme;
  readonly identifiedBy: IdentifiedBy;
  readonly verifyTokenHash: Buffer | null;
  /** Those that are accepted now, newest first. */
  readonly secrets: readonly SealedSecret[];
}

/** One statement, whether there is one or not. */
export async function findVerifiable(tx: Tx, id: Id<'Endpoint'>): Promise<VerifiableEndpoint | undefined> {
  const rows = await tx.db
    .selectFrom('webhooks.endpoint as e')
    .leftJoin('webhooks.endpoint_secret as s', (join) =>
      join
        .onRef('s.organisation_id', '=', 'e.organisation_id')
        .onRef('s.endpoint_id', '=', 'e.id')
        .on((or) => or.or([or('s.ends_at', 'is', null), or('s.ends_at', '>', tx.at)])),
    )
    .select(['e.enabled', 'e.scheme', 'e.identified_by', 'e.verify_token_hash', 's.id as secret', 's.sealed_secret'])
    .where('e.organisation_id', '=', tx.organisationId)
    .where('e.id', '=', id)
    .where('e.removed_at', 'is', null)
    .orderBy('s.id', 'desc')
    .execute();
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    enabled: first.enabled,
    scheme: schemeSchema.parse(first.scheme),
    identifiedBy: identifiedBySchema.parse(first.identified_by),
    verifyTokenHash: first.verify_token_hash,
    secrets: rows.flatMap(({ secret, sealed_secret }) =>
      secret === null || sealed_secret === null ? [] : [{ id: brand<'EndpointSecret'>(secret), sealed: sealed_secret }],
    ),
  };
}

export async function insertSecret(
  tx: Tx,
  secret: SealedSecret & { readonly endpoint: Id<'Endpoint'>; readonly lastFour: string },
): Promise<void> {
  await tx.db
    .insertInto('webhooks.endpoint_secret')
    .values({
      organisation_id: tx.organisationId,
      id: secret.id,
      endpoint_id: secret.endpoint,
      sealed_secret: secret.sealed,
      last_four: secret.lastFour,
      created_at: tx.at,
    })
    .execute();
}

/** Those in use end at this instant, unless they end earlier. */
export async function endSecrets(tx: Tx, endpoint: Id<'Endpoint'>, endsAt: Date): Promise<void> {
  await tx.db
    .updateTable('webhooks.endpoint_secret')
    .set({ ends_at: endsAt })
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', '=', endpoint)
    .where((or) => or.or([or('ends_at', 'is', null), or('ends_at', '>', endsAt)]))
    .execute();
}

/** Those that are accepted no longer go. */
export async function deleteEndedSecrets(tx: Tx, endpoint: Id<'Endpoint'>): Promise<void> {
  await tx.db
    .deleteFrom('webhooks.endpoint_secret')
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', '=', endpoint)
    .where('ends_at', '<=', tx.at)
    .execute();
}

export async function deleteSecret(tx: Tx, endpoint: Id<'Endpoint'>, id: Id<'EndpointSecret'>): Promise<void> {
  await tx.db
    .deleteFrom('webhooks.endpoint_secret')
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', '=', endpoint)
    .where('id', '=', id)
    .execute();
}

/** Those that are accepted at this instant, newest first, by endpoint; sealed. */
export async function selectSecrets(
  tx: Tx,
  ids: readonly Id<'Endpoint'>[],
): Promise<ReadonlyMap<string, readonly (EndpointSecret & SealedSecret)[]>> {
  const found = new Map<string, (EndpointSecret & SealedSecret)[]>();
  if (ids.length === 0) return found;
  const rows = await tx.db
    .selectFrom('webhooks.endpoint_secret')
    .select(['id', 'endpoint_id', 'sealed_secret', 'last_four', 'created_at', 'ends_at'])
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', 'in', ids)
    .where((or) => or.or([or('ends_at', 'is', null), or('ends_at', '>', tx.at)]))
    .orderBy('id', 'desc')
    .execute();
  for (const row of rows) {
    const secret = {
      id: brand<'EndpointSecret'>(row.id),
      sealed: row.sealed_secret,
      lastFour: row.last_four,
      createdAt: row.created_at.toISOString(),
      endsAt: row.ends_at?.toISOString() ?? null,
    };
    found.set(row.endpoint_id, [...(found.get(row.endpoint_id) ?? []), secret]);
  }
  return found;
}

/** How often an endpoint refused, of late. */
export interface RefusalCount {
  readonly endpoint: string;
  readonly reason: RefusalReason;
  readonly count: number;
  readonly lastAt: Date;
}

/** Adds what was refused since the last time; once for each endpoint and reason. */
export async function addRefusals(tx: Tx, refusals: readonly RefusalCount[]): Promise<void> {
  for (const { endpoint, reason, count, lastAt } of refusals)
    await sql`
      insert into webhooks.endpoint_refusal as known (organisation_id, endpoint_id, refused_on, reason, count, last_at)
      values (${tx.organisationId}, ${endpoint}, ${lastAt.toISOString().slice(0, 10)}, ${reason}, ${count}, ${lastAt})
      on conflict (organisation_id, endpoint_id, refused_on, reason) do update
        set count = known.count + excluded.count, last_at = greatest(known.last_at, excluded.last_at)
    `.execute(tx.db);
}

export async function selectRefusals(tx: Tx, ids: readonly Id<'Endpoint'>[], since: Date): Promise<RefusalCount[]> {
  if (ids.length === 0) return [];
  const rows = await tx.db
    .selectFrom('webhooks.endpoint_refusal')
    .select(['endpoint_id', 'reason'])
    .select((of) => [of.fn.sum<string>('count').as('count'), of.fn.max('last_at').as('last_at')])
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', 'in', ids)
    .where('last_at', '>=', since)
    .groupBy(['endpoint_id', 'reason'])
    .orderBy('last_at', 'desc')
    .execute();
  return rows.map((row) => ({
    endpoint: row.endpoint_id,
    reason: row.reason,
    count: Number(row.count),
    lastAt: row.last_at,
  }));
}
