import { sql } from 'kysely';
import { z } from 'zod';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { type Measurement, measurementSchema } from './contract.ts';

/** A text that was in force, with when it came into force. */
export interface Publication {
  readonly hash: string;
  readonly number: number;
  readonly parent: string | null;
  readonly publishedAt: Date;
  readonly entry: Id<'Entry'>;
}

export interface PublishedText extends Publication {
  readonly source: string;
  readonly canonical: string;
}

export interface Proof {
  readonly promise: string;
  /** Counts the looks at one promise; the later one has the higher number. */
  readonly number: number;
  readonly ruleHash: string;
  readonly measuredAt: Date;
  readonly measurement: Measurement;
  readonly entry: Id<'Entry'>;
}

const publicationColumns = ['p.hash', 'p.number', 'p.parent', 'p.published_at', 'p.entry_id'] as const;

interface PublicationRow {
  hash: string;
  number: number;
  parent: string | null;
  published_at: Date;
  entry_id: string;
}

function publicationOf(row: PublicationRow): Publication {
  const { hash, number, parent } = row;
  return { hash, number, parent, publishedAt: row.published_at, entry: brand(row.entry_id) };
}

function publications(tx: Tx) {
  return tx.db
    .selectFrom('policy.publication as p')
    .innerJoin('policy.version as v', (join) =>
      join.onRef('v.organisation_id', '=', 'p.organisation_id').onRef('v.hash', '=', 'p.hash'),
    )
    .where('p.organisation_id', '=', tx.organisationId)
    .where('v.organisation_id', '=', tx.organisationId);
}

export async function selectInForce(tx: Tx): Promise<PublishedText | undefined> {
  const row = await publications(tx)
    .select([...publicationColumns, 'v.source', 'v.canonical'])
    .orderBy('p.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...publicationOf(row), source: row.source, canonical: row.canonical };
}

/** Which version is in force, without its text. */
export async function selectHead(tx: Tx): Promise<Publication | undefined> {
  const row = await tx.db
    .selectFrom('policy.publication as p')
    .select(publicationColumns)
    .where('p.organisation_id', '=', tx.organisationId)
    .orderBy('p.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : publicationOf(row);
}

/** How it began. */
export async function selectFirstPublication(tx: Tx): Promise<Publication | undefined> {
  const row = await tx.db
    .selectFrom('policy.publication as p')
    .select(publicationColumns)
    .where('p.organisation_id', '=', tx.organisationId)
    .orderBy('p.number')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : publicationOf(row);
}

/** The last time a text came into force. */
export async function selectByHash(tx: Tx, hash: string): Promise<PublishedText | undefined> {
  const row = await publications(tx)
    .select([...publicationColumns, 'v.source', 'v.canonical'])
    .where('p.hash', '=', hash)
    .orderBy('p.number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { ...publicationOf(row), source: row.source, canonical: row.canonical };
}

/** Newest first; `before` is a number of which only lower ones are wanted. */
export async function selectPublications(tx: Tx, limit: number, before: number | undefined): Promise<Publication[]> {
  let query = tx.db
    .selectFrom('policy.publication as p')
    .select(publicationColumns)
    .where('p.organisation_id', '=', tx.organisationId);
  if (before !== undefined) query = query.where('p.number', '<', before);
  const rows = await query.orderBy('p.number', 'desc').limit(limit).execute();
  return rows.map(publicationOf);
}

/** @returns false where somebody else took the number first: the version in force has changed */
export async function insertPublication(tx: Tx, text: Omit<PublishedText, 'publishedAt'>): Promise<boolean> {
  const { hash, number, parent, source, canonical, entry } = text;
  await tx.db
    .insertInto('policy.version')
    .values({ organisation_id: tx.organisationId, hash, source, canonical })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'hash']).doNothing())
    .execute();
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('policy.publication')
    .values({ organisation_id: tx.organisationId, number, hash, parent, published_at: tx.at, entry_id: entry })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'number']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Call under the organisation's measuring lock: two looks at once would count alike. */
export async function insertProof(
  tx: Tx,
  proof: { promise: string; ruleHash: string; versionHash: string; measurement: Measurement; entry: Id<'Entry'> },
): Promise<void> {
  const { promise, ruleHash, versionHash, measurement, entry } = proof;
  const last = await tx.db
    .selectFrom('policy.proof')
    .select('number')
    .where('organisation_id', '=', tx.organisationId)
    .where('promise', '=', promise)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  await tx.db
    .insertInto('policy.proof')
    .values({
      organisation_id: tx.organisationId,
      promise,
      number: (last?.number ?? 0) + 1,
      rule_hash: ruleHash,
      version_hash: versionHash,
      status: measurement.status,
      measured_at: new Date(measurement.measuredAt),
      measurement: JSON.stringify(measurement),
      entry_id: entry,
    })
    .execute();
}

const proofRowSchema = z.object({
  promise: z.string(),
  number: z.number(),
  rule_hash: z.string(),
  measured_at: z.date(),
  measurement: measurementSchema,
  entry_id: z.string(),
});

function proofOf(row: unknown): Proof {
  const { promise, number, rule_hash, measured_at, measurement, entry_id } = proofRowSchema.parse(row);
  const entry = brand<'Entry'>(entry_id);
  return { promise, number, ruleHash: rule_hash, measuredAt: measured_at, measurement, entry };
}

/** The last proof of each promise; one short index scan per promise, however long the history is. */
export async function selectLatestProofs(tx: Tx, promises: readonly string[]): Promise<Proof[]> {
  const { rows } = await sql`
    select proof.promise, proof.number, proof.rule_hash, proof.measured_at, proof.measurement, proof.entry_id
    from unnest(${promises}::text[]) as wanted (promise)
    cross join lateral (
      select promise, number, rule_hash, measured_at, measurement, entry_id
      from policy.proof
      where organisation_id = ${tx.organisationId} and promise = wanted.promise
      order by number desc
      limit 1
    ) as proof`.execute(tx.db);
  return rows.map(proofOf);
}

/** Newest first; `before` is a number of which only lower ones are wanted. */
export async function selectProofs(
  tx: Tx,
  promise: string,
  limit: number,
  before: number | undefined,
): Promise<Proof[]> {
  let query = tx.db
    .selectFrom('policy.proof')
    .select(['promise', 'number', 'rule_hash', 'measured_at', 'measurement', 'entry_id'])
    .where('organisation_id', '=', tx.organisationId)
    .where('promise', '=', promise);
  if (before !== undefined) query = query.where('number', '<', before);
  const rows = await query.orderBy('number', 'desc').limit(limit).execute();
  return rows.map(proofOf);
}

/** Thins out history: of each promise and day before `before`, the first proof of each status stays. */
export async function thinProofs(tx: Tx, before: Date, timeZone: string): Promise<number> {
  const { rows } = await sql`
    delete from policy.proof
    where organisation_id = ${tx.organisationId}
      and measured_at < ${before}
      and (promise, number) not in (
        select promise, min(number)
        from policy.proof
        where organisation_id = ${tx.organisationId} and measured_at < ${before}
        group by promise, status, (measured_at at time zone ${timeZone})::date
      )
    returning number`.execute(tx.db);
  return rows.length;
}
