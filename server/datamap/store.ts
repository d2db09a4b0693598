import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';

/** A data map that was in force, with when it came into force. */
export interface MapPublication {
  readonly hash: string;
  readonly number: number;
  readonly parent: string | null;
  readonly publishedAt: Date;
  readonly entry: Id<'Entry'>;
}

export interface PublishedMap extends MapPublication {
  readonly source: string;
  readonly canonical: string;
}

const columns = ['p.hash', 'p.number', 'p.parent', 'p.published_at', 'p.entry_id'] as const;

/** Which version is in force, without its text. */
export async function selectHead(tx: Tx): Promise<MapPublication | undefined> {
  const row = await tx.db
    .selectFrom('datamap.publication as p')
    .select(columns)
    .where('p.organisation_id', '=', tx.organisationId)
    .orderBy('p.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { hash, number, parent } = row;
  return { hash, number, parent, publishedAt: row.published_at, entry: brand(row.entry_id) };
}

export async function selectInForce(tx: Tx): Promise<PublishedMap | undefined> {
  const row = await tx.db
    .selectFrom('datamap.publication as p')
    .innerJoin('datamap.version as v', (join) =>
      join.onRef('v.organisation_id', '=', 'p.organisation_id').onRef('v.hash', '=', 'p.hash'),
    )
    .select([...columns, 'v.source', 'v.canonical'])
    .where('p.organisation_id', '=', tx.organisationId)
    .where('v.organisation_id', '=', tx.organisationId)
    .orderBy('p.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { hash, number, parent, source, canonical } = row;
  return { hash, number, parent, publishedAt: row.published_at, entry: brand(row.entry_id), source, canonical };
}

/** Whether a text ever was in force. */
export async function selectWasPublished(tx: Tx, hash: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom('datamap.publication')
    .select('number')
    .where('organisation_id', '=', tx.organisationId)
    .where('hash', '=', hash)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns false where somebody else took the number first: the version in force has changed */
export async function insertPublication(tx: Tx, text: Omit<PublishedMap, 'publishedAt'>): Promise<boolean> {
  const { hash, number, parent, source, canonical, entry } = text;
  await tx.db
    .insertInto('datamap.version')
    .values({ organisation_id: tx.organisationId, hash, source, canonical })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'hash']).doNothing())
    .execute();
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('datamap.publication')
    .values({ organisation_id: tx.organisationId, number, hash, parent, published_at: tx.at, entry_id: entry })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'number']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
