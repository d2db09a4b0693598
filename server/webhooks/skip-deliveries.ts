import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { skipWaiting } from './delivery-store.ts';

/** The task that `subscription-tasks.ts` defines: `{ organisation, subscription }`. */
export const SKIP = 'webhooks.skip';

const AT_ONCE = 5_000;

/** Whatever waits for a subscription is not sent; in many small transactions, since it may be a million. */
export async function skipAll(
  platform: Platform,
  organisation: OrganisationId,
  subscription: Id<'Subscription'>,
  signal?: AbortSignal,
): Promise<void> {
  for (let skipped = AT_ONCE; skipped === AT_ONCE; ) {
    signal?.throwIfAborted();
    skipped = await platform.db.transaction(organisation, (tx) => skipWaiting(tx, subscription, AT_ONCE));
  }
}
