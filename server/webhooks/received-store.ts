import { sql } from 'kysely';
import { z } from 'zod';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { type Received, type ReceivedState, receivedSchema } from './endpoints-contract.ts';
import { type MappedEvent, type MappingTrouble, mappingTroubleSchema } from './mapping-contract.ts';

/** What came, as it is stored. */
export interface NewReceived {
  readonly id: Id<'Received'>;
  readonly endpoint: Id<'Endpoint'>;
  readonly senderKey: Buffer;
  readonly senderId: string | null;
  readonly contentType: string | null;
  readonly bytes: number;
  readonly sealedHeaders: Buffer;
  readonly sealedBody: Buffer;
}

/** What something received became. */
export type CausedEvent = Received['events'][number];

/** @returns false where the sender sent it before; nothing is written then */
export async function insertReceived(tx: Tx, received: NewReceived): Promise<boolean> {
  const row = await tx.db
    .insertInto('webhooks.received')
    .values({
      organisation_id: tx.organisationId,
      id: received.id,
      endpoint_id: received.endpoint,
      sender_key: received.senderKey,
      sender_id: received.senderId,
      content_type: received.contentType,
      bytes: received.bytes,
      sealed_headers: received.sealedHeaders,
      sealed_body: received.sealedBody,
      state: 'waiting',
      trouble: '[]',
      events: '[]',
      received_at: tx.at,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'endpoint_id', 'sender_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Counts a repetition. @returns which it repeats */
export async function countRepetition(
  tx: Tx,
  endpoint: Id<'Endpoint'>,
  senderKey: Buffer,
): Promise<Id<'Received'> | undefined> {
  const row = await tx.db
    .updateTable('webhooks.received')
    .set((old) => ({ repeats: old('repeats', '+', 1), repeated_at: tx.at }))
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', '=', endpoint)
    .where('sender_key', '=', senderKey)
    .returning('id')
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Received'>(row.id);
}

/** What is to be mapped, with what it said. */
export interface StoredReceived {
  readonly id: Id<'Received'>;
  readonly endpoint: Id<'Endpoint'>;
  readonly contentType: string | null;
  readonly sealedHeaders: Buffer;
  readonly sealedBody: Buffer;
  readonly receivedAt: Date;
  readonly events: readonly CausedEvent[];
}

function stored(tx: Tx, id: Id<'Received'>) {
  return tx.db
    .selectFrom('webhooks.received')
    .select(['id', 'endpoint_id', 'content_type', 'sealed_headers', 'sealed_body', 'received_at', 'events'])
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id);
}

type StoredRow = Awaited<ReturnType<ReturnType<typeof stored>['execute']>>[number];

function asStored(row: StoredRow): StoredReceived {
  return {
    id: brand<'Received'>(row.id),
    endpoint: brand<'Endpoint'>(row.endpoint_id),
    contentType: row.content_type,
    sealedHeaders: row.sealed_headers,
    sealedBody: row.sealed_body,
    receivedAt: row.received_at,
    events: receivedSchema.shape.events.parse(row.events),
  };
}

/** Locks it; undefined where it is mapped already, or gone. */
export async function takeWaiting(tx: Tx, id: Id<'Received'>): Promise<StoredReceived | undefined> {
  const row = await stored(tx, id).where('state', '=', 'waiting').forUpdate().executeTakeFirst();
  return row === undefined ? undefined : asStored(row);
}

export async function findStored(tx: Tx, id: Id<'Received'>): Promise<StoredReceived | undefined> {
  const row = await stored(tx, id).executeTakeFirst();
  return row === undefined ? undefined : asStored(row);
}

export async function saveMapping(
  tx: Tx,
  id: Id<'Received'>,
  mapping: {
    readonly state: ReceivedState;
    readonly trouble: readonly MappingTrouble[];
    readonly events: readonly CausedEvent[];
    readonly rulesVersion: number;
  },
): Promise<void> {
  await tx.db
    .updateTable('webhooks.received')
    .set({
      state: mapping.state,
      trouble: JSON.stringify(mapping.trouble),
      events: JSON.stringify(mapping.events),
      rules_version: mapping.rulesVersion,
      mapped_at: tx.at,
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** @returns its endpoint; undefined where it is gone */
export async function markWaiting(tx: Tx, id: Id<'Received'>): Promise<Id<'Endpoint'> | undefined> {
  const row = await tx.db
    .updateTable('webhooks.received')
    .set({ state: 'waiting' })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .returning('endpoint_id')
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Endpoint'>(row.endpoint_id);
}

/** A range of what an endpoint received: `from` inclusive, `to` exclusive. */
export interface Range {
  readonly endpoint: Id<'Endpoint'>;
  readonly from: Date;
  readonly to: Date;
}

/** @returns how many wait now */
export async function markRangeWaiting(tx: Tx, range: Range, states: readonly ReceivedState[]): Promise<number> {
  const { numUpdatedRows } = await tx.db
    .updateTable('webhooks.received')
    .set({ state: 'waiting' })
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', '=', range.endpoint)
    .where('received_at', '>=', range.from)
    .where('received_at', '<', range.to)
    .where('state', 'in', states)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** The next ones that wait, oldest first. */
export async function selectWaiting(tx: Tx, range: Range, limit: number): Promise<Id<'Received'>[]> {
  const rows = await tx.db
    .selectFrom('webhooks.received')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', '=', range.endpoint)
    .where('state', '=', 'waiting')
    .where('received_at', '>=', range.from)
    .where('received_at', '<', range.to)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => brand<'Received'>(row.id));
}

export interface ReceivedFilter {
  readonly endpoint?: Id<'Endpoint'> | undefined;
  readonly state?: ReceivedState | undefined;
  readonly type?: MappedEvent['type'] | undefined;
  readonly senderId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

function received(tx: Tx) {
  return tx.db
    .selectFrom('webhooks.received as r')
    .innerJoin('webhooks.endpoint as e', (join) =>
      join.onRef('e.organisation_id', '=', 'r.organisation_id').onRef('e.id', '=', 'r.endpoint_id'),
    )
    .select(['r.id', 'r.endpoint_id', 'e.name', 'r.received_at', 'r.state', 'r.sender_id', 'r.content_type'])
    .select(['r.bytes', 'r.events', 'r.trouble', 'r.mapped_at', 'r.repeats', 'r.repeated_at'])
    .where('r.organisation_id', '=', tx.organisationId);
}

type ReceivedRow = Awaited<ReturnType<ReturnType<typeof received>['execute']>>[number];

function asReceived(row: ReceivedRow): Received {
  return {
    id: brand<'Received'>(row.id),
    endpoint: brand<'Endpoint'>(row.endpoint_id),
    endpointName: row.name,
    receivedAt: row.received_at.toISOString(),
    state: row.state,
    senderId: row.sender_id,
    contentType: row.content_type,
    bytes: row.bytes,
    events: receivedSchema.shape.events.parse(row.events),
    trouble: z.array(mappingTroubleSchema).parse(row.trouble),
    mappedAt: row.mapped_at?.toISOString() ?? null,
    repeats: row.repeats,
    repeatedAt: row.repeated_at?.toISOString() ?? null,
  };
}

export async function findReceived(tx: Tx, id: Id<'Received'>): Promise<Received | undefined> {
  const row = await received(tx).where('r.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : asReceived(row);
}

/** Newest first. */
export async function selectReceived(
  tx: Tx,
  filter: ReceivedFilter,
  page: { readonly limit: number; readonly before?: Id<'Received'> | undefined },
): Promise<Received[]> {
  const { endpoint, state, type, senderId, from, to } = filter;
  let query = received(tx).orderBy('r.id', 'desc').limit(page.limit);
  if (page.before !== undefined) query = query.where('r.id', '<', page.before);
  if (endpoint !== undefined) query = query.where('r.endpoint_id', '=', endpoint);
  if (state !== undefined) query = query.where('r.state', '=', state);
  if (senderId !== undefined) query = query.where('r.sender_id', '=', senderId);
  if (from !== undefined) query = query.where('r.received_at', '>=', new Date(from));
  if (to !== undefined) query = query.where('r.received_at', '<', new Date(to));
  if (type !== undefined) query = query.where(sql<boolean>`r.events @> ${JSON.stringify([{ type }])}::jsonb`);
  return (await query.execute()).map(asReceived);
}

/** What an endpoint received since, by what became of it. */
export interface StateCount {
  readonly endpoint: string;
  readonly state: ReceivedState;
  readonly count: number;
  readonly repeats: number;
  readonly lastReceivedAt: Date;
}

export async function countReceived(tx: Tx, ids: readonly Id<'Endpoint'>[], since: Date): Promise<StateCount[]> {
  if (ids.length === 0) return [];
  const rows = await tx.db
    .selectFrom('webhooks.received')
    .select(['endpoint_id', 'state'])
    .select((of) => [
      of.fn.countAll<string>().as('count'),
      of.fn.sum<string>('repeats').as('repeats'),
      of.fn.max('received_at').as('last'),
    ])
    .where('organisation_id', '=', tx.organisationId)
    .where('endpoint_id', 'in', ids)
    .where('received_at', '>=', since)
    .groupBy(['endpoint_id', 'state'])
    .execute();
  return rows.map((row) => ({
    endpoint: row.endpoint_id,
    state: row.state,
    count: Number(row.count),
    repeats: Number(row.repeats),
    lastReceivedAt: row.last,
  }));
}
