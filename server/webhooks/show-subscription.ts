import type { EntryKind } from '../ledger/kinds-contract.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { readFigures } from './delivery-store.ts';
import {
  findSubscriptionRow,
  listSecrets,
  listSubscriptionRows,
  type SecretRow,
  type SubscriptionRow,
} from './subscription-store.ts';
import {
  type Subscription,
  type SubscriptionState,
  subscriptionProblems,
  type WebhookSecret,
} from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);
const DAY_MS = 86_400_000;

/** @throws Failure `subscription-not-found` */
export async function lockSubscription(tx: Tx, id: Id<'Subscription'>): Promise<SubscriptionRow> {
  return found(await findSubscriptionRow(tx, id, { lock: true }));
}

/** @throws Failure `subscription-not-found` */
export async function getSubscriptionRow(tx: Tx, id: Id<'Subscription'>): Promise<SubscriptionRow> {
  return found(await findSubscriptionRow(tx, id));
}

/** A subscription with its secrets and figures. @throws Failure `subscription-not-found` */
export async function getSubscription(tx: Tx, id: Id<'Subscription'>): Promise<Subscription> {
  return show(tx, await getSubscriptionRow(tx, id), await listSecrets(tx, [id]));
}

/** A page of them, newest first; `next` is the `after` of the following page. */
export async function listSubscriptions(
  tx: Tx,
  query: {
    readonly limit: number;
    readonly after?: Id<'Subscription'> | undefined;
    readonly state?: SubscriptionState | undefined;
    readonly kind?: EntryKind | undefined;
  },
): Promise<{ readonly items: Subscription[]; readonly next: string | null }> {
  const rows = await listSubscriptionRows(tx, { ...query, limit: query.limit + 1 });
  const page = rows.slice(0, query.limit);
  const secrets = await listSecrets(
    tx,
    page.map(({ id }) => id),
  );
  const items: Subscription[] = [];
  for (const row of page)
    items.push(
      await show(
        tx,
        row,
        secrets.filter(({ subscription }) => subscription === row.id),
      ),
    );
  return { items, next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null };
}

async function show(tx: Tx, row: SubscriptionRow, secrets: readonly SecretRow[]): Promise<Subscription> {
  const figures = await readFigures(tx, row.id, new Date(tx.at.getTime() - DAY_MS));
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    kinds: row.kinds === null ? null : [...row.kinds],
    ordered: row.ordered,
    state: row.state,
    disabledReason: row.disabledReason,
    stoppedAt: row.stoppedAt?.toISOString() ?? null,
    failingSince: row.health.failingSince?.toISOString() ?? null,
    secrets: secrets.map(showSecret),
    figures: { ...figures, oldestWaitingAt: figures.oldestWaitingAt?.toISOString() ?? null },
    createdAt: row.createdAt.toISOString(),
  };
}

function showSecret({ id, scheme, lastFour, publicKey, createdAt, expiresAt }: SecretRow): WebhookSecret {
  return {
    id,
    scheme,
    lastFour,
    publicKey,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

function found(row: SubscriptionRow | undefined): SubscriptionRow {
  if (row === undefined) throw fail('subscription-not-found', 'There is no such subscription in this organisation.');
  return row;
}
