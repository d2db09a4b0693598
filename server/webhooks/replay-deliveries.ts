import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { countRange, type ReplayRange, requeueDelivery, requeueRange } from './delivery-store.ts';
import { askForDispatch } from './dispatch.ts';
import { getDeliveryRow } from './show-deliveries.ts';
import { getSubscriptionRow } from './show-subscription.ts';
import { findSubscriptionRow, updateHold } from './subscription-store.ts';
import { subscriptionProblems } from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);

const MOST = 100_000;
const AT_ONCE = 5_000;

/**
 * Sends a delivery again, with the same id, whatever became of it. One that waits is tried now. Of a subscription that
 * is stopped it waits until that goes on.
 * @throws Failure `delivery-not-found` or `delivery-not-repeatable`
 */
export async function replayDelivery(tx: Tx, id: Id<'Delivery'>, by: Actor): Promise<void> {
  const { subscription, kind } = await getDeliveryRow(tx, id);
  if (kind === null) throw fail('delivery-not-repeatable', 'A test is sent once: send another one.');
  if ((await findSubscriptionRow(tx, subscription)) === undefined)
    throw fail('delivery-not-repeatable', 'Its subscription was removed.');
  await requeueDelivery(tx, id);
  await recordEntry(tx, { kind: 'webhooks.replayed', actor: by, body: { subscription, deliveries: 1 } });
  await updateHold(tx, subscription, null);
  await askForDispatch(tx, subscription, tx.at);
}

/**
 * Sends deliveries of a time again, with their ids; in order where the subscription is ordered.
 * @returns how many
 * @throws Failure `subscription-not-found` or `range-too-large`
 */
export async function replayRange(
  platform: Platform,
  organisation: OrganisationId,
  range: ReplayRange,
  by: Actor,
): Promise<number> {
  const count = await platform.db.transaction(organisation, async (tx) => {
    await getSubscriptionRow(tx, range.subscription);
    return countRange(tx, range, MOST + 1);
  });
  if (count > MOST)
    throw fail('range-too-large', `At most ${MOST} deliveries at once: choose a shorter time or fewer kinds.`);
  let deliveries = 0;
  for (let after: Id<'Delivery'> | null = null, isEnd = false; !isEnd; ) {
    const step = await platform.db.transaction(organisation, (tx) => replaySome(tx, range, after, by));
    deliveries += step.count;
    after = step.last;
    isEnd = step.count < AT_ONCE;
  }
  return deliveries;
}

async function replaySome(tx: Tx, range: ReplayRange, after: Id<'Delivery'> | null, by: Actor) {
  const step = await requeueRange(tx, range, after, AT_ONCE);
  if (step.count === 0) return step;
  const { subscription } = range;
  await recordEntry(tx, { kind: 'webhooks.replayed', actor: by, body: { subscription, deliveries: step.count } });
  await updateHold(tx, subscription, null);
  await askForDispatch(tx, subscription, tx.at);
  return step;
}
