import { endOfLog } from '../ledger/read-placed.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { askForDispatch } from './dispatch.ts';
import { feedDeliveries } from './feed-deliveries.ts';
import { lockSubscription } from './show-subscription.ts';
import { skipAll } from './skip-deliveries.ts';
import { updateCursor, updateState } from './subscription-store.ts';
import { subscriptionProblems } from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);

/**
 * Lets a subscription go on that was paused (`resumed`) or disabled by Kept (`enabled`).
 * @param from `catch-up`: with what waits and all that happened since; `skip`: with what happens from now on
 * @throws Failure `subscription-not-found` or `subscription-state`
 */
export async function continueSubscription(
  platform: Platform,
  organisation: OrganisationId,
  id: Id<'Subscription'>,
  how: { readonly act: 'resumed' | 'enabled'; readonly from: 'catch-up' | 'skip' },
  by: Actor,
): Promise<void> {
  const { act, from } = how;
  const needed = act === 'resumed' ? 'paused' : 'disabled';
  const check = (state: string) => {
    if (state !== needed) throw fail('subscription-state', `Only what is ${needed} can be ${act}.`);
  };
  await platform.db.transaction(organisation, async (tx) => check((await lockSubscription(tx, id)).state));
  // It is stopped, so nobody adds to what waits.
  if (from === 'skip') await skipAll(platform, organisation, id);
  await platform.db.transaction(organisation, async (tx) => {
    check((await lockSubscription(tx, id)).state);
    if (from === 'skip') await updateCursor(tx, id, await endOfLog(tx));
    await updateState(tx, id, 'active');
    await recordEntry(tx, {
      kind: 'webhooks.subscription-changed',
      actor: by,
      body: { subscription: id, act, fields: [] },
    });
    await askForDispatch(tx, id, tx.at);
  });
  await feedDeliveries(platform, organisation);
}
