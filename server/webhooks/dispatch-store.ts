import { sql } from 'kysely';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { type AttemptRow, insertAttempts } from './delivery-store.ts';
import type { DeliveryState } from './subscriptions-contract.ts';

/** A delivery to be tried now. */
export interface DueDelivery {
  readonly id: Id<'Delivery'>;
  readonly sequence: number;
  readonly body: Buffer;
  readonly attempts: number;
  readonly roundAttempts: number;
  readonly roundStartedAt: Date | null;
}

export interface DueSubscription {
  readonly organisationId: OrganisationId;
  readonly subscription: Id<'Subscription'>;
}

/** What came of an attempt, and what follows from it. */
export interface AttemptResult {
  readonly delivery: Id<'Delivery'>;
  readonly subscription: Id<'Subscription'>;
  readonly attempt: AttemptRow;
  readonly state: Extract<DeliveryState, 'waiting' | 'delivered' | 'failed'>;
  readonly roundAttempts: number;
  readonly roundStartedAt: Date;
  /** When it is tried next, where it waits. */
  readonly dueAt: Date | null;
}

/** Says that a subscription has something to send from an instant on. */
export async function wakeSubscription(tx: Tx, subscription: Id<'Subscription'>, dueAt: Date): Promise<void> {
  await sql`
    insert into webhooks.due (organisation_id, subscription_id, due_at)
    values (${tx.organisationId}, ${subscription}, ${dueAt})
    on conflict (organisation_id, subscription_id) do update set due_at = least(due.due_at, excluded.due_at)
  `.execute(tx.db);
}

/** Which subscriptions have something to send now, over all organisations; those that waited longest first. */
export async function listDueSubscriptions(
  tx: GlobalTx,
  options: {
    readonly except: readonly Id<'Subscription'>[];
    readonly exceptOrganisations: readonly OrganisationId[];
    readonly limit: number;
  },
): Promise<DueSubscription[]> {
  const { rows } = await sql<{ organisation_id: string; subscription_id: string }>`
    select organisation_id, subscription_id from webhooks.due
    where due_at <= ${tx.at} and subscription_id <> all(${[...options.except]}::uuid[])
      and organisation_id <> all(${[...options.exceptOrganisations]}::uuid[])
    order by due_at limit ${options.limit}
  `.execute(tx.db);
  return rows.map((row) => ({
    organisationId: brand<'Organisation'>(row.organisation_id),
    subscription: brand<'Subscription'>(row.subscription_id),
  }));
}

/** When the next one is due that is not yet. */
export async function nextDueAt(tx: GlobalTx): Promise<Date | null> {
  const row = await tx.db
    .selectFrom('webhooks.due')
    .select('due_at')
    .where('due_at', '>', tx.at)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at ?? null;
}

/** What of a subscription can be tried now; of an ordered one its oldest, one after the other. */
export async function listDueDeliveries(
  tx: Tx,
  options: {
    readonly subscription: Id<'Subscription'>;
    readonly ordered: boolean;
    /** Under way already. */
    readonly except: readonly Id<'Delivery'>[];
    readonly limit: number;
  },
): Promise<DueDelivery[]> {
  const { subscription, ordered, except, limit } = options;
  const { rows } = await sql<{
    id: string;
    sequence: string;
    body: Buffer;
    attempts: number;
    round_attempts: number;
    round_started_at: Date | null;
    is_due: boolean;
  }>`
    select id, sequence, body, attempts, round_attempts, round_started_at, due_at <= ${tx.at} as is_due
    from webhooks.delivery
    where organisation_id = ${tx.organisationId} and subscription_id = ${subscription} and state = 'waiting'
      and id <> all(${[...except]}::uuid[]) ${ordered ? sql`` : sql`and due_at <= ${tx.at}`}
    order by ${ordered ? sql`sequence` : sql`due_at, sequence`} limit ${limit}
  `.execute(tx.db);
  // In order, nothing passes one that is to be tried again later.
  const later = rows.findIndex((row) => !row.is_due);
  return rows.slice(0, later === -1 ? rows.length : later).map((row) => ({
    id: brand<'Delivery'>(row.id),
    sequence: Number(row.sequence),
    body: row.body,
    attempts: row.attempts,
    roundAttempts: row.round_attempts,
    roundStartedAt: row.round_started_at,
  }));
}

/**
 * Writes what came of attempts: the deliveries, and beside them the log. A delivery that is not waiting any more was
 * concluded by somebody else, and stays.
 */
export async function writeResults(tx: Tx, results: readonly AttemptResult[]): Promise<void> {
  const column = <T>(pick: (result: AttemptResult) => T) => results.map(pick);
  await sql`
    update webhooks.delivery as delivery set
      state = made.state,
      attempts = delivery.attempts + 1,
      round_attempts = made.round_attempts,
      round_started_at = made.round_started_at,
      last_outcome = made.outcome,
      last_status = coalesce(made.status, delivery.last_status),
      due_at = made.due_at,
      settled_at = case when made.state = 'waiting' then null else ${tx.at}::timestamptz end
    from unnest(
      ${column(({ delivery }) => delivery)}::uuid[], ${column(({ state }) => state)}::webhooks.delivery_state[],
      ${column(({ roundAttempts }) => roundAttempts)}::integer[],
      ${column(({ roundStartedAt }) => roundStartedAt)}::timestamptz[],
      ${column(({ attempt }) => attempt.outcome)}::webhooks.attempt_outcome[],
      ${column(({ attempt }) => attempt.answer?.status ?? null)}::smallint[],
      ${column(({ dueAt }) => dueAt)}::timestamptz[])
      as made (id, state, round_attempts, round_started_at, outcome, status, due_at)
    where delivery.organisation_id = ${tx.organisationId} and delivery.id = made.id and delivery.state = 'waiting'
  `.execute(tx.db);
  await insertAttempts(tx, results);
}

/**
 * Writes when a subscription next has something to send, or that it has nothing. The row is locked before the
 * deliveries are read: who adds one either did so before, and it is seen, or wakes the subscription after.
 * @param notBefore until when its receiver is left alone
 */
export async function settleSubscription(
  tx: Tx,
  options: {
    readonly subscription: Id<'Subscription'>;
    readonly isActive: boolean;
    readonly ordered: boolean;
    readonly notBefore: Date | null;
  },
): Promise<void> {
  const { subscription, isActive, ordered, notBefore } = options;
  const row = await tx.db
    .selectFrom('webhooks.due')
    .select('due_at')
    .where('organisation_id', '=', tx.organisationId)
    .where('subscription_id', '=', subscription)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return;
  const next = isActive ? await nextDeliveryAt(tx, subscription, ordered) : null;
  if (next === null) {
    await tx.db
      .deleteFrom('webhooks.due')
      .where('organisation_id', '=', tx.organisationId)
      .where('subscription_id', '=', subscription)
      .execute();
    return;
  }
  await tx.db
    .updateTable('webhooks.due')
    .set({ due_at: notBefore !== null && notBefore > next ? notBefore : next })
    .where('organisation_id', '=', tx.organisationId)
    .where('subscription_id', '=', subscription)
    .execute();
}

async function nextDeliveryAt(tx: Tx, subscription: Id<'Subscription'>, ordered: boolean): Promise<Date | null> {
  const row = await tx.db
    .selectFrom('webhooks.delivery')
    .select('due_at')
    .where('organisation_id', '=', tx.organisationId)
    .where('subscription_id', '=', subscription)
    .where('state', '=', 'waiting')
    .orderBy(ordered ? 'sequence' : 'due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at ?? null;
}
