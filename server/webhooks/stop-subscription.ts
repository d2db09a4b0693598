import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { readFigures } from './delivery-store.ts';
import { lockSubscription } from './show-subscription.ts';
import { SKIP } from './skip-deliveries.ts';
import { deleteSecretsOf, updateState } from './subscription-store.ts';
import { subscriptionProblems } from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);

/**
 * Sends nothing more until somebody resumes it. The cursor stands still and what waits keeps waiting.
 * @throws Failure `subscription-not-found` or `subscription-state`
 */
export async function pauseSubscription(tx: Tx, id: Id<'Subscription'>, by: Actor): Promise<void> {
  const { state } = await lockSubscription(tx, id);
  if (state !== 'active') throw fail('subscription-state', 'Only what is active can be paused.');
  await updateState(tx, id, 'paused');
  await recordEntry(tx, {
    kind: 'webhooks.subscription-changed',
    actor: by,
    body: { subscription: id, act: 'paused', fields: [] },
  });
}

/**
 * Ends a subscription for good: its secrets go at once, what waits is skipped. The log of its deliveries stays.
 * @throws Failure `subscription-not-found`
 */
export async function removeSubscription(
  { tasks }: Pick<Platform, 'tasks'>,
  tx: Tx,
  id: Id<'Subscription'>,
  by: Actor,
): Promise<void> {
  await lockSubscription(tx, id);
  const { waiting } = await readFigures(tx, id, tx.at);
  await updateState(tx, id, 'removed');
  await deleteSecretsOf(tx, id);
  await recordEntry(tx, {
    kind: 'webhooks.subscription-removed',
    actor: by,
    body: { subscription: id, skipped: waiting },
  });
  if (waiting > 0)
    await tasks.enqueue(tx, SKIP, { organisation: tx.organisationId, subscription: id }, { singletonKey: id });
}
