import { type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import type { EntryKind } from '../ledger/kinds-contract.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { AttemptOutcome, DeliveryState } from './subscriptions-contract.ts';

/** A delivery as it is shown. */
export interface DeliveryRow {
  readonly id: Id<'Delivery'>;
  readonly subscription: Id<'Subscription'>;
  readonly subscriptionName: string;
  /** Null for a test. */
  readonly kind: EntryKind | null;
  readonly entry: Id<'Entry'> | null;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastOutcome: AttemptOutcome | null;
  readonly lastStatus: number | null;
  readonly createdAt: Date;
  readonly dueAt: Date | null;
  readonly settledAt: Date | null;
}

export interface Header {
  readonly name: string;
  readonly value: string;
}

/** What was answered, as far as it was read. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  readonly isCut: boolean;
}

/** An attempt as it is stored; its body is the delivery's. */
export interface AttemptRow {
  readonly number: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  readonly url: string;
  readonly requestHeaders: readonly Header[];
  readonly answer: StoredAnswer | null;
}

/** A delivery to be made. */
export interface NewDelivery {
  readonly id: Id<'Delivery'>;
  readonly entry: Id<'Entry'>;
  readonly kind: EntryKind;
  /** Without line feeds. */
  readonly body: string;
}

/** Adds deliveries of one subscription, in their order; due at once. */
export async function insertDeliveries(
  tx: Tx,
  subscription: Id<'Subscription'>,
  firstSequence: number,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  await sql`
    insert into webhooks.delivery (organisation_id, id, subscription_id, sequence, entry_id, kind, body, state, attempts,
      round_attempts, created_at, queued_at, due_at)
    select ${tx.organisationId}::uuid, given.id, ${subscription}::uuid, ${firstSequence}::bigint + given.place - 1,
      given.entry, given.kind, convert_to(given.body, 'UTF8'), 'waiting', 0, 0, ${tx.at}::timestamptz,
      ${tx.at}::timestamptz, ${tx.at}::timestamptz
    from unnest(${deliveries.map(({ id }) => id)}::uuid[], ${deliveries.map(({ entry }) => entry)}::uuid[],
      ${deliveries.map(({ kind }) => kind)}::ledger.entry_kind[],
      string_to_array(${deliveries.map(({ body }) => body).join('\n')}, chr(10)))
      with ordinality as given (id, entry, kind, body, place)
  `.execute(tx.db);
}

/** A test with its one attempt, as it came out. */
export async function insertTest(
  tx: Tx,
  test: {
    readonly id: Id<'Delivery'>;
    readonly subscription: Id<'Subscription'>;
    readonly body: string;
    readonly attempt: AttemptRow;
  },
): Promise<void> {
  const { attempt } = test;
  await tx.db
    .insertInto('webhooks.delivery')
    .values({
      organisation_id: tx.organisationId,
      id: test.id,
      subscription_id: test.subscription,
      body: Buffer.from(test.body),
      state: attempt.outcome === 'accepted' ? 'delivered' : 'failed',
      attempts: 1,
      round_attempts: 1,
      round_started_at: attempt.startedAt,
      last_outcome: attempt.outcome,
      last_status: attempt.answer?.status ?? null,
      created_at: attempt.startedAt,
      queued_at: attempt.startedAt,
      settled_at: tx.at,
    })
    .execute();
  await insertAttempts(tx, [{ delivery: test.id, subscription: test.subscription, attempt }]);
}

/** One that is there already was made by another process that lost its lock; the first record stays. */
export async function insertAttempts(
  tx: Tx,
  made: readonly {
    readonly delivery: Id<'Delivery'>;
    readonly subscription: Id<'Subscription'>;
    readonly attempt: AttemptRow;
  }[],
): Promise<void> {
  const column = <T>(pick: (attempt: AttemptRow) => T) => made.map(({ attempt }) => pick(attempt));
  await sql`
    insert into webhooks.attempt (organisation_id, delivery_id, number, subscription_id, started_at, duration_ms, outcome,
      url, request_headers, status, response_headers, response_body, response_cut)
    select ${tx.organisationId}::uuid, * from unnest(
      ${made.map(({ delivery }) => delivery)}::uuid[], ${column(({ number }) => number)}::integer[],
      ${made.map(({ subscription }) => subscription)}::uuid[], ${column(({ startedAt }) => startedAt)}::timestamptz[],
      ${column(({ durationMs }) => durationMs)}::integer[],
      ${column(({ outcome }) => outcome)}::webhooks.attempt_outcome[], ${column(({ url }) => url)}::text[],
      ${column(({ requestHeaders }) => JSON.stringify(requestHeaders))}::jsonb[],
      ${column(({ answer }) => answer?.status ?? null)}::smallint[],
      ${column(({ answer }) => (answer === null ? null : JSON.stringify(answer.headers)))}::jsonb[],
      ${column(({ answer }) => answer?.body ?? null)}::bytea[], ${column(({ answer }) => answer?.isCut ?? null)}::boolean[])
    on conflict (organisation_id, delivery_id, number) do nothing
  `.execute(tx.db);
}

const shown = [
  'delivery.id',
  'delivery.subscription_id',
  'subscription.name',
  'delivery.kind',
  'delivery.entry_id',
  'delivery.state',
  'delivery.attempts',
  'delivery.last_outcome',
  'delivery.last_status',
  'delivery.created_at',
  'delivery.due_at',
  'delivery.settled_at',
] as const;

/** Newest first. */
export async function listDeliveryRows(
  tx: Tx,
  query: {
    readonly limit: number;
    readonly after?: Id<'Delivery'> | undefined;
    readonly subscription?: Id<'Subscription'> | undefined;
    readonly state?: DeliveryState | undefined;
    /** `test` for tests. */
    readonly kind?: EntryKind | 'test' | undefined;
    readonly entry?: Id<'Entry'> | undefined;
    readonly since?: Date | undefined;
    readonly until?: Date | undefined;
  },
): Promise<DeliveryRow[]> {
  let rows = selectShown(tx).orderBy('delivery.id', 'desc').limit(query.limit);
  if (query.after !== undefined) rows = rows.where('delivery.id', '<', query.after);
  if (query.subscription !== undefined) rows = rows.where('delivery.subscription_id', '=', query.subscription);
  if (query.state !== undefined) rows = rows.where('delivery.state', '=', query.state);
  if (query.kind === 'test') rows = rows.where('delivery.kind', 'is', null);
  else if (query.kind !== undefined) rows = rows.where('delivery.kind', '=', query.kind);
  if (query.entry !== undefined) rows = rows.where('delivery.entry_id', '=', query.entry);
  // Ids carry their time, and there is an index on them.
  if (query.since !== undefined) rows = rows.where('delivery.id', '>=', brand<'Delivery'>(firstIdAt(query.since)));
  if (query.until !== undefined) rows = rows.where('delivery.id', '<', brand<'Delivery'>(firstIdAt(query.until)));
  return (await rows.execute()).map(asDelivery);
}

export async function findDeliveryRow(tx: Tx, id: Id<'Delivery'>): Promise<DeliveryRow | undefined> {
  const row = await selectShown(tx).where('delivery.id', '=', id).executeTakeFirst();
  return row && asDelivery(row);
}

function selectShown(tx: Tx) {
  return tx.db
    .selectFrom('webhooks.delivery as delivery')
    .innerJoin('webhooks.subscription as subscription', (join) =>
      join
        .onRef('subscription.organisation_id', '=', 'delivery.organisation_id')
        .onRef('subscription.id', '=', 'delivery.subscription_id'),
    )
    .where('delivery.organisation_id', '=', tx.organisationId)
    .where('subscription.organisation_id', '=', tx.organisationId)
    .select(shown);
}

export async function getBody(tx: Tx, id: Id<'Delivery'>): Promise<Buffer> {
  const row = await tx.db
    .selectFrom('webhooks.delivery')
    .select('body')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.body;
}

/** The last attempts, oldest first. */
export async function listAttempts(tx: Tx, delivery: Id<'Delivery'>, limit: number): Promise<AttemptRow[]> {
  const rows = await tx.db
    .selectFrom('webhooks.attempt')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('delivery_id', '=', delivery)
    .orderBy('number', 'desc')
    .limit(limit)
    .execute();
  return rows.reverse().map(asAttempt);
}

/** What of a subscription is told in figures. */
export interface FiguresRow {
  readonly delivered: number;
  readonly failed: number;
  readonly attemptsFailed: number;
  readonly waiting: number;
  readonly oldestWaitingAt: Date | null;
  readonly medianMs: number | null;
}

/** @param since from when on; what waits is counted whatever its age */
export async function readFigures(tx: Tx, subscription: Id<'Subscription'>, since: Date): Promise<FiguresRow> {
  const of = sql<SqlBool>`organisation_id = ${tx.organisationId} and subscription_id = ${subscription}`;
  const { rows } = await sql<{
    delivered: number;
    failed: number;
    attempts_failed: number;
    waiting: number;
    oldest: Date | null;
    median: number | null;
  }>`
    select
      (select count(*)::integer from webhooks.delivery
        where ${of} and state = 'delivered' and settled_at >= ${since} and kind is not null) as delivered,
      (select count(*)::integer from webhooks.delivery
        where ${of} and state = 'failed' and settled_at >= ${since} and kind is not null) as failed,
      (select count(*)::integer from webhooks.attempt
        where ${of} and started_at >= ${since} and outcome <> 'accepted') as attempts_failed,
      (select count(*)::integer from webhooks.delivery where ${of} and state = 'waiting') as waiting,
      (select queued_at from webhooks.delivery where ${of} and state = 'waiting' order by sequence limit 1) as oldest,
      (select percentile_disc(0.5) within group (order by duration_ms) from (
        select duration_ms from webhooks.attempt
        where ${of} and started_at >= ${since} and outcome = 'accepted' order by started_at desc limit 1000
      ) as newest) as median
  `.execute(tx.db);
  const row = rows[0];
  if (row === undefined) throw new Error('figures are one row');
  const { delivered, failed, waiting, median } = row;
  return {
    delivered,
    failed,
    attemptsFailed: row.attempts_failed,
    waiting,
    oldestWaitingAt: row.oldest,
    medianMs: median,
  };
}

/** Up to `limit` deliveries that wait become skipped. @returns how many */
export async function skipWaiting(tx: Tx, subscription: Id<'Subscription'>, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update webhooks.delivery set state = 'skipped', due_at = null, settled_at = ${tx.at}
    where organisation_id = ${tx.organisationId} and id = any(array(
      select id from webhooks.delivery
      where organisation_id = ${tx.organisationId} and subscription_id = ${subscription} and state = 'waiting'
      order by sequence limit ${limit}))
  `.execute(tx.db);
  return Number(numAffectedRows ?? 0);
}

/** What of a range is replayed. */
export interface ReplayRange {
  readonly subscription: Id<'Subscription'>;
  readonly since: Date;
  readonly until: Date;
  readonly kinds: readonly EntryKind[] | null;
  readonly states: readonly ('delivered' | 'failed' | 'skipped')[];
}

/** How many deliveries a replay would send, counted up to `limit`. */
export async function countRange(tx: Tx, range: ReplayRange, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from (select 1 from webhooks.delivery where ${inRange(tx, range)} limit ${limit}) as found
  `.execute(tx.db);
  return rows[0]?.count ?? 0;
}

/**
 * Puts up to `limit` of them into the queue again, from the oldest on.
 * @param after the last one that was: it may be delivered again already, and is not taken twice
 */
export async function requeueRange(
  tx: Tx,
  range: ReplayRange,
  after: Id<'Delivery'> | null,
  limit: number,
): Promise<{ readonly count: number; readonly last: Id<'Delivery'> | null }> {
  const { rows } = await sql<{ id: string }>`
    update webhooks.delivery set ${requeued(tx)}
    where organisation_id = ${tx.organisationId} and id = any(array(
      select id from webhooks.delivery where ${inRange(tx, range)} ${after === null ? sql`` : sql`and id > ${after}`}
      order by id limit ${limit}))
    returning id
  `.execute(tx.db);
  const last = rows
    .map(({ id }) => id)
    .sort()
    .at(-1);
  return { count: rows.length, last: last === undefined ? null : brand<'Delivery'>(last) };
}

/** One that waits goes on with its attempts, but now. */
export async function requeueDelivery(tx: Tx, id: Id<'Delivery'>): Promise<void> {
  const { numAffectedRows } = await sql`
    update webhooks.delivery set ${requeued(tx)}
    where organisation_id = ${tx.organisationId} and id = ${id} and state <> 'waiting'
  `.execute(tx.db);
  if (numAffectedRows === 1n) return;
  await tx.db
    .updateTable('webhooks.delivery')
    .set({ due_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

function requeued(tx: Tx) {
  return sql`state = 'waiting', round_attempts = 0, round_started_at = null, queued_at = ${tx.at}, due_at = ${tx.at},
    settled_at = null`;
}

function inRange(tx: Tx, range: ReplayRange) {
  return sql<SqlBool>`organisation_id = ${tx.organisationId} and subscription_id = ${range.subscription}
    and id >= ${firstIdAt(range.since)}::uuid and id < ${firstIdAt(range.until)}::uuid and kind is not null
    and state = any(${[...range.states]}::webhooks.delivery_state[])
    ${range.kinds === null ? sql`` : sql`and kind = any(${[...range.kinds]}::ledger.entry_kind[])`}`;
}

/** The least UUIDv7 of a millisecond. */
export function firstIdAt(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

function asDelivery(row: {
  id: string;
  subscription_id: string;
  name: string;
  kind: EntryKind | null;
  entry_id: string | null;
  state: DeliveryState;
  attempts: number;
  last_outcome: AttemptOutcome | null;
  last_status: number | null;
  created_at: Date;
  due_at: Date | null;
  settled_at: Date | null;
}): DeliveryRow {
  return {
    id: brand<'Delivery'>(row.id),
    subscription: brand<'Subscription'>(row.subscription_id),
    subscriptionName: row.name,
    kind: row.kind,
    entry: row.entry_id === null ? null : brand<'Entry'>(row.entry_id),
    state: row.state,
    attempts: row.attempts,
    lastOutcome: row.last_outcome,
    lastStatus: row.last_status,
    createdAt: row.created_at,
    dueAt: row.due_at,
    settledAt: row.settled_at,
  };
}

const storedHeaders = z.array(z.object({ name: z.string(), value: z.string() }));

function asAttempt(row: {
  number: number;
  started_at: Date;
  duration_ms: number;
  outcome: AttemptOutcome;
  url: string;
  request_headers: unknown;
  status: number | null;
  response_headers: unknown;
  response_body: Buffer | null;
  response_cut: boolean | null;
}): AttemptRow {
  const { status, response_body: body, response_cut: isCut } = row;
  const answered = status !== null && body !== null && isCut !== null;
  return {
    number: row.number,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    url: row.url,
    requestHeaders: storedHeaders.parse(row.request_headers),
    answer: answered ? { status, headers: storedHeaders.parse(row.response_headers), body, isCut } : null,
  };
}

/** An attempt as it left. */
export interface Sent {
  readonly delivery: Id<'Delivery'>;
  readonly subscription: Id<'Subscription'>;
  readonly startedAt: Date;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

/** The newest attempts since an instant, with what was sent. */
export async function listSentSince(tx: Tx, since: Date, limit: number): Promise<Sent[]> {
  const rows = await tx.db
    .selectFrom('webhooks.attempt as attempt')
    .innerJoin('webhooks.delivery as delivery', (join) =>
      join
        .onRef('delivery.organisation_id', '=', 'attempt.organisation_id')
        .onRef('delivery.id', '=', 'attempt.delivery_id'),
    )
    .select(['attempt.delivery_id', 'attempt.subscription_id', 'attempt.started_at', 'attempt.request_headers'])
    .select('delivery.body')
    .where('attempt.organisation_id', '=', tx.organisationId)
    .where('delivery.organisation_id', '=', tx.organisationId)
    .where('attempt.started_at', '>=', since)
    .orderBy('attempt.started_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    delivery: brand<'Delivery'>(row.delivery_id),
    subscription: brand<'Subscription'>(row.subscription_id),
    startedAt: row.started_at,
    headers: storedHeaders.parse(row.request_headers),
    body: row.body,
  }));
}

/** Subscriptions that have no secret to sign with. */
export async function countUnsigned(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from webhooks.subscription s
    where organisation_id = ${tx.organisationId} and state <> 'removed' and not exists (
      select from webhooks.subscription_secret k
      where k.organisation_id = ${tx.organisationId} and k.subscription_id = s.id and k.expires_at is null)
  `.execute(tx.db);
  return rows[0]?.count ?? 0;
}
