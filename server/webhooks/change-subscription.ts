import { isDeepStrictEqual } from 'node:util';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { lockSubscription } from './show-subscription.ts';
import { type SubscriptionRow, updateSettings } from './subscription-store.ts';

/**
 * Changes what a subscription is; what waits already goes to the new address.
 * @param wanted its address was admitted (`admit-receiver.ts`)
 * @throws Failure `subscription-not-found`
 */
export async function changeSubscription(
  tx: Tx,
  id: Id<'Subscription'>,
  wanted: Pick<SubscriptionRow, 'name' | 'url' | 'kinds' | 'ordered'>,
  by: Actor,
): Promise<void> {
  const before = await lockSubscription(tx, id);
  const settings = ['name', 'url', 'kinds', 'ordered'] as const;
  const fields = settings.filter((field) => !isDeepStrictEqual(before[field], wanted[field]));
  if (fields.length === 0) return;
  const { name, url, kinds, ordered } = wanted;
  await updateSettings(tx, id, { name, url, kinds, ordered });
  await recordEntry(tx, {
    kind: 'webhooks.subscription-changed',
    actor: by,
    body: { subscription: id, act: 'changed', fields },
  });
}
