import { sql } from 'kysely';
import type { EntryKind } from '../ledger/kinds-contract.ts';
import type { Place } from '../ledger/read-placed.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Health } from './delivery-schedule.ts';
import type { DisabledReason, SignatureScheme, SubscriptionState } from './subscriptions-contract.ts';

/** A subscription as it is stored; one that was removed is found by nobody. */
export interface SubscriptionRow {
  readonly id: Id<'Subscription'>;
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly EntryKind[] | null;
  readonly ordered: boolean;
  readonly state: SubscriptionState;
  readonly disabledReason: DisabledReason | null;
  readonly stoppedAt: Date | null;
  /** The next entry to look at. */
  readonly cursor: Place;
  readonly nextSequence: number;
  readonly health: Health;
  readonly createdAt: Date;
}

export interface SecretRow {
  readonly id: Id<'WebhookSecret'>;
  readonly subscription: Id<'Subscription'>;
  readonly scheme: SignatureScheme;
  readonly sealed: Buffer;
  readonly lastFour: string | null;
  readonly publicKey: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

// Arrays of an enum come as text unless they are told to be arrays of text.
const kindsOf = sql<EntryKind[] | null>`kinds::text[]`.as('kinds');
const columns = [
  'id',
  'name',
  'url',
  'ordered',
  'state',
  'disabled_reason',
  'stopped_at',
  'log_number',
  'next_index',
  'next_sequence',
  'failing_since',
  'failures',
  'hold_until',
  'created_at',
] as const;

export async function insertSubscription(
  tx: Tx,
  subscription: Pick<SubscriptionRow, 'id' | 'name' | 'url' | 'kinds' | 'ordered' | 'cursor'>,
): Promise<void> {
  const { id, name, url, kinds, ordered, cursor } = subscription;
  await tx.db
    .insertInto('webhooks.subscription')
    .values({
      organisation_id: tx.organisationId,
      id,
      name,
      url,
      kinds: kinds === null ? null : [...kinds],
      ordered,
      state: 'active',
      log_number: cursor.log,
      next_index: String(cursor.index),
      next_sequence: '0',
      created_at: tx.at,
    })
    .execute();
}

export async function countSubscriptions(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('webhooks.subscription')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '<>', 'removed')
    .executeTakeFirstOrThrow();
  return row.count;
}

export async function findSubscriptionRow(
  tx: Tx,
  id: Id<'Subscription'>,
  options: { readonly lock?: boolean } = {},
): Promise<SubscriptionRow | undefined> {
  let query = tx.db
    .selectFrom('webhooks.subscription')
    .select(columns)
    .select(kindsOf)
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '<>', 'removed');
  if (options.lock === true) query = query.forUpdate();
  const row = await query.executeTakeFirst();
  return row && asSubscription(row);
}

export async function listSubscriptionRows(
  tx: Tx,
  query: {
    readonly limit: number;
    readonly after?: Id<'Subscription'> | undefined;
    readonly state?: SubscriptionState | undefined;
    readonly kind?: EntryKind | undefined;
  },
): Promise<SubscriptionRow[]> {
  let rows = tx.db
    .selectFrom('webhooks.subscription')
    .select(columns)
    .select(kindsOf)
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '<>', 'removed')
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.after !== undefined) rows = rows.where('id', '<', query.after);
  if (query.state !== undefined) rows = rows.where('state', '=', query.state);
  const { kind } = query;
  if (kind !== undefined)
    rows = rows.where((is) =>
      is.or([is('kinds', 'is', null), is(sql<EntryKind>`${kind}::ledger.entry_kind`, '=', sql<EntryKind>`any(kinds)`)]),
    );
  return (await rows.execute()).map(asSubscription);
}

/** Those that entries are to be delivered to. */
export async function listActiveIds(tx: Tx): Promise<Id<'Subscription'>[]> {
  const rows = await tx.db
    .selectFrom('webhooks.subscription')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '=', 'active')
    .orderBy('id')
    .execute();
  return rows.map((row) => brand<'Subscription'>(row.id));
}

export async function updateSettings(
  tx: Tx,
  id: Id<'Subscription'>,
  settings: Pick<SubscriptionRow, 'name' | 'url' | 'kinds' | 'ordered'>,
): Promise<void> {
  await tx.db
    .updateTable('webhooks.subscription')
    .set({ ...settings, kinds: settings.kinds === null ? null : [...settings.kinds] })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** Changes its state; whoever begins anew begins with a clean sheet. */
export async function updateState(
  tx: Tx,
  id: Id<'Subscription'>,
  state: SubscriptionState | 'removed',
  disabledReason: DisabledReason | null = null,
): Promise<void> {
  await tx.db
    .updateTable('webhooks.subscription')
    .set({
      state,
      disabled_reason: disabledReason,
      stopped_at: state === 'active' ? null : tx.at,
      ...(state === 'active' && { failing_since: null, failures: 0, hold_until: null }),
      // What is left of it needs no address, which may hold a token.
      ...(state === 'removed' && { url: '' }),
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function updateHealth(tx: Tx, id: Id<'Subscription'>, health: Health): Promise<void> {
  await tx.db
    .updateTable('webhooks.subscription')
    .set({ failing_since: health.failingSince, failures: health.failures, hold_until: health.holdUntil })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '=', 'active')
    .execute();
}

/** Until when its receiver is left alone. */
export async function updateHold(tx: Tx, id: Id<'Subscription'>, holdUntil: Date | null): Promise<void> {
  await tx.db
    .updateTable('webhooks.subscription')
    .set({ hold_until: holdUntil })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function updateCursor(
  tx: Tx,
  id: Id<'Subscription'>,
  cursor: Place,
  nextSequence?: number,
): Promise<void> {
  await tx.db
    .updateTable('webhooks.subscription')
    .set({
      log_number: cursor.log,
      next_index: String(cursor.index),
      ...(nextSequence !== undefined && { next_sequence: String(nextSequence) }),
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/* ── secrets ───────────────────────────────────────────────────────────────────────────────────────────────── */

export async function insertSecret(tx: Tx, secret: Omit<SecretRow, 'createdAt' | 'expiresAt'>): Promise<void> {
  await tx.db
    .insertInto('webhooks.subscription_secret')
    .values({
      organisation_id: tx.organisationId,
      id: secret.id,
      subscription_id: secret.subscription,
      scheme: secret.scheme,
      sealed: secret.sealed,
      last_four: secret.lastFour,
      public_key: secret.publicKey,
      created_at: tx.at,
      expires_at: null,
    })
    .execute();
}

/** Of these subscriptions, newest first; without those whose overlap has ended. */
export async function listSecrets(tx: Tx, subscriptions: readonly Id<'Subscription'>[]): Promise<SecretRow[]> {
  if (subscriptions.length === 0) return [];
  return readSecrets(tx, subscriptions);
}

/** Of all subscriptions of the organisation. */
export async function listSecretsOfAll(tx: Tx): Promise<SecretRow[]> {
  return readSecrets(tx, null);
}

async function readSecrets(tx: Tx, subscriptions: readonly Id<'Subscription'>[] | null): Promise<SecretRow[]> {
  let query = tx.db
    .selectFrom('webhooks.subscription_secret')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', tx.at)]))
    .orderBy('id', 'desc');
  if (subscriptions !== null) query = query.where('subscription_id', 'in', [...subscriptions]);
  const rows = await query.execute();
  return rows.map((row) => ({
    id: brand<'WebhookSecret'>(row.id),
    subscription: brand<'Subscription'>(row.subscription_id),
    scheme: row.scheme,
    sealed: row.sealed,
    lastFour: row.last_four,
    publicKey: row.public_key,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }));
}

/** Those that were to stay end then. */
export async function endSecretsAt(tx: Tx, subscription: Id<'Subscription'>, at: Date): Promise<void> {
  await tx.db
    .updateTable('webhooks.subscription_secret')
    .set({ expires_at: at })
    .where('organisation_id', '=', tx.organisationId)
    .where('subscription_id', '=', subscription)
    .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', at)]))
    .execute();
}

export async function deleteSecret(tx: Tx, id: Id<'WebhookSecret'>): Promise<void> {
  await tx.db
    .deleteFrom('webhooks.subscription_secret')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function deleteSecretsOf(tx: Tx, subscription: Id<'Subscription'>): Promise<void> {
  await tx.db
    .deleteFrom('webhooks.subscription_secret')
    .where('organisation_id', '=', tx.organisationId)
    .where('subscription_id', '=', subscription)
    .execute();
}

/** Nothing is signed with them any more. */
export async function deleteEndedSecrets(tx: Tx): Promise<void> {
  await tx.db
    .deleteFrom('webhooks.subscription_secret')
    .where('organisation_id', '=', tx.organisationId)
    .where('expires_at', '<=', tx.at)
    .execute();
}

function asSubscription(row: {
  id: string;
  name: string;
  url: string;
  kinds: EntryKind[] | null;
  ordered: boolean;
  state: SubscriptionState | 'removed';
  disabled_reason: DisabledReason | null;
  stopped_at: Date | null;
  log_number: number;
  next_index: string;
  next_sequence: string;
  failing_since: Date | null;
  failures: number;
  hold_until: Date | null;
  created_at: Date;
}): SubscriptionRow {
  if (row.state === 'removed') throw new Error('a subscription that was removed is not read');
  return {
    id: brand<'Subscription'>(row.id),
    name: row.name,
    url: row.url,
    kinds: row.kinds,
    ordered: row.ordered,
    state: row.state,
    disabledReason: row.disabled_reason,
    stoppedAt: row.stopped_at,
    cursor: { log: row.log_number, index: Number(row.next_index) },
    nextSequence: Number(row.next_sequence),
    health: { failingSince: row.failing_since, failures: row.failures, holdUntil: row.hold_until },
    createdAt: row.created_at,
  };
}
