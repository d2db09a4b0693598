import type { z } from 'zod';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { webhookIdOf } from './attempt-delivery.ts';
import {
  type AttemptRow,
  type DeliveryRow,
  findDeliveryRow,
  getBody,
  listAttempts,
  listDeliveryRows,
} from './delivery-store.ts';
import {
  type Attempt,
  type Delivery,
  type DeliveryState,
  type deliveryTypeSchema,
  subscriptionProblems,
  TEST_TYPE,
} from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);

const MOST_ATTEMPTS = 100;

/** A page of deliveries, newest first; `next` is the `after` of the following page. */
export async function listDeliveries(
  tx: Tx,
  query: {
    readonly limit: number;
    readonly after?: Id<'Delivery'> | undefined;
    readonly subscription?: Id<'Subscription'> | undefined;
    readonly state?: DeliveryState | undefined;
    readonly type?: z.infer<typeof deliveryTypeSchema> | undefined;
    readonly entry?: Id<'Entry'> | undefined;
    readonly since?: string | undefined;
    readonly until?: string | undefined;
  },
): Promise<{ readonly items: Delivery[]; readonly next: string | null }> {
  const { type, since, until, limit, ...rest } = query;
  const rows = await listDeliveryRows(tx, {
    ...rest,
    limit: limit + 1,
    kind: type === TEST_TYPE ? 'test' : type,
    since: since === undefined ? undefined : new Date(since),
    until: until === undefined ? undefined : new Date(until),
  });
  const page = rows.slice(0, limit);
  return { items: page.map(showDelivery), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** @throws Failure `delivery-not-found` */
export async function getDeliveryRow(tx: Tx, id: Id<'Delivery'>): Promise<DeliveryRow> {
  const row = await findDeliveryRow(tx, id);
  if (row === undefined) throw fail('delivery-not-found', 'Deliveries are kept for 90 days; this one is not there.');
  return row;
}

/** @throws Failure `delivery-not-found` */
export async function getDelivery(
  tx: Tx,
  id: Id<'Delivery'>,
): Promise<Delivery & { readonly body: string; readonly attemptLog: Attempt[] }> {
  const row = await getDeliveryRow(tx, id);
  const body = (await getBody(tx, id)).toString('utf8');
  const attempts = await listAttempts(tx, id, MOST_ATTEMPTS);
  return { ...showDelivery(row), body, attemptLog: attempts.map((attempt) => showAttempt(attempt, body)) };
}

export function showDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    webhookId: webhookIdOf(row.id),
    subscription: row.subscription,
    subscriptionName: row.subscriptionName,
    type: row.kind ?? TEST_TYPE,
    entry: row.entry,
    state: row.state,
    attempts: row.attempts,
    lastOutcome: row.lastOutcome,
    lastStatus: row.lastStatus,
    createdAt: row.createdAt.toISOString(),
    nextAttemptAt: row.dueAt?.toISOString() ?? null,
    settledAt: row.settledAt?.toISOString() ?? null,
  };
}

function showAttempt(row: AttemptRow, body: string): Attempt {
  const { number, startedAt, durationMs, outcome, url, requestHeaders, answer } = row;
  return {
    number,
    startedAt: startedAt.toISOString(),
    durationMs,
    outcome,
    request: { url, headers: [...requestHeaders], body },
    response:
      answer === null
        ? null
        : {
            status: answer.status,
            headers: [...answer.headers],
            body: answer.body.toString('utf8'),
            isCut: answer.isCut,
          },
  };
}
