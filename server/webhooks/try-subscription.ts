import type { Id, OrganisationId } from '../platform/contract.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { attemptDelivery } from './attempt-delivery.ts';
import { bodyOfTest } from './delivery-body.ts';
import { insertTest } from './delivery-store.ts';
import { openSecret } from './open-secrets.ts';
import { getSubscriptionRow } from './show-subscription.ts';
import { listSecrets } from './subscription-store.ts';

/**
 * Sends a test delivery at once and waits for what comes of it, in whatever state the subscription is: whoever mends a
 * receiver wants to know before enabling it. It is tried once and changes nothing else.
 * @throws Failure `subscription-not-found`
 */
export async function trySubscription(
  platform: Platform,
  organisation: OrganisationId,
  subscription: Id<'Subscription'>,
): Promise<Id<'Delivery'>> {
  const { url, keys, at } = await platform.db.transaction(organisation, async (tx) => {
    const found = await getSubscriptionRow(tx, subscription);
    const secrets = await listSecrets(tx, [subscription]);
    return { url: found.url, keys: secrets.map((secret) => openSecret(platform.seal, secret)), at: tx.at };
  });
  const id = newId<'Delivery'>(at);
  const body = bodyOfTest(at);
  const attempt = await attemptDelivery(platform, { id, number: 1, url, body: Buffer.from(body), keys });
  await platform.db.transaction(organisation, (tx) => insertTest(tx, { id, subscription, body, attempt }));
  return id;
}
