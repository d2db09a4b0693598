import type { InferResult, Kysely } from 'kysely';
import { type Id, idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Database, GlobalTx, Lookup, Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Rows } from '../rows.ts';
import type { Key } from './members-contract.ts';

type KeyKind = Key['kind'];

export interface NewKey {
  readonly id: Id<'Key'>;
  readonly kind: KeyKind;
  readonly name: string;
  readonly hash: Buffer;
  readonly lastFour: string;
  readonly scopes: readonly string[];
  readonly origins: readonly string[];
  /** The nil UUID for the operator of the server. */
  readonly createdBy: string;
  readonly expiresAt: Date | null;
}

export async function insertKey(tx: Tx, key: NewKey): Promise<void> {
  await tx.db
    .insertInto('access.key')
    .values({
      organisation_id: tx.organisationId,
      id: key.id,
      kind: key.kind,
      name: key.name,
      key_hash: key.hash,
      last_four: key.lastFour,
      scopes: [...key.scopes],
      origins: [...key.origins],
      created_by: key.createdBy,
      created_at: tx.at,
      expires_at: key.expiresAt,
    })
    .execute();
}

/** Newest first; `creator` is the name of the person, while there is one. */
export async function selectKeys(
  tx: Tx,
  page: { readonly limit: number; readonly before?: string | undefined },
): Promise<Key[]> {
  let query = tx.db
    .selectFrom('access.key as k')
    .leftJoin('access.person as p', 'p.id', 'k.created_by')
    .select(['k.id', 'k.kind', 'k.name', 'k.last_four', 'k.scopes', 'k.origins', 'p.name as creator'])
    .select(['k.created_at', 'k.expires_at', 'k.last_used_at', 'k.revoked_at'])
    .where('k.organisation_id', '=', tx.organisationId)
    .orderBy('k.id', 'desc')
    .limit(page.limit);
  if (page.before !== undefined) query = query.where('k.id', '<', page.before);
  const rows = await query.execute();
  return rows.map((row) => ({
    id: brand<'Key'>(row.id),
    kind: row.kind,
    name: row.name,
    lastFour: row.last_four,
    scopes: row.scopes,
    origins: row.origins,
    state: stateOf(row, tx.at),
    createdBy: row.creator,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }));
}

/** @returns its kind; undefined when there is none that is not revoked yet */
export async function markKeyRevoked(tx: Tx, id: Id<'Key'>): Promise<KeyKind | undefined> {
  const row = await tx.db
    .updateTable('access.key')
    .set({ revoked_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning('kind')
    .executeTakeFirst();
  return row?.kind;
}

/** A key that somebody showed. */
export interface FoundKey {
  readonly id: Id<'Key'>;
  readonly organisationId: OrganisationId;
  readonly kind: KeyKind;
  readonly scopes: readonly string[];
  readonly origins: readonly string[];
  readonly state: Key['state'];
  readonly lastUsedAt: Date | null;
  /** Networks from which the organisation lets keys be used; empty: any. */
  readonly allowlist: readonly string[];
}

function keyQuery(db: Kysely<Rows>, hash: Buffer) {
  return db
    .selectFrom('access.key as k')
    .innerJoin('access.organisation as o', 'o.id', 'k.organisation_id')
    .select(['k.id', 'k.organisation_id', 'k.kind', 'k.scopes', 'k.origins'])
    .select(['k.expires_at', 'k.revoked_at', 'k.last_used_at', 'o.key_allowlist'])
    .where('k.key_hash', '=', hash);
}

const keyLookup: Lookup<InferResult<ReturnType<typeof keyQuery>>[number]> = {
  name: 'access.key',
  build: (db) => keyQuery(db, Buffer.alloc(0)),
};

/** Whose key this is, by the hash of its text; undefined when nobody's. */
export async function findKey(db: Database, hash: Buffer, at: Date): Promise<FoundKey | undefined> {
  const [row] = await db.look(keyLookup, [hash]);
  if (row === undefined) return undefined;
  return {
    id: brand<'Key'>(row.id),
    organisationId: idSchema('Organisation').parse(row.organisation_id),
    kind: row.kind,
    scopes: row.scopes,
    origins: row.origins,
    state: stateOf(row, at),
    lastUsedAt: row.last_used_at,
    allowlist: row.key_allowlist,
  };
}

export async function markKeyUsed(tx: GlobalTx, key: FoundKey): Promise<void> {
  await tx.db
    .updateTable('access.key')
    .set({ last_used_at: tx.at })
    .where('organisation_id', '=', key.organisationId)
    .where('id', '=', key.id)
    .execute();
}

function stateOf(row: { readonly revoked_at: Date | null; readonly expires_at: Date | null }, at: Date): Key['state'] {
  if (row.revoked_at !== null) return 'revoked';
  return row.expires_at !== null && row.expires_at <= at ? 'expired' : 'active';
}
