import { readPlaced } from '../ledger/read-placed.ts';
import type { Id, Json, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { bodyOfEntry } from './delivery-body.ts';
import { insertDeliveries } from './delivery-store.ts';
import { askForDispatch } from './dispatch.ts';
import { findSubscriptionRow, listActiveIds, updateCursor } from './subscription-store.ts';

/** Places looked at in one transaction. */
const WINDOW = 1_000;

/**
 * Makes deliveries of the ledger's new entries, for every active subscription of an organisation. Each subscription
 * keeps a cursor into the log; deliveries and cursor are written together, so whatever is killed when, an entry becomes
 * one delivery, and their order is the log's.
 */
export async function feedDeliveries(
  platform: Platform,
  organisation: OrganisationId,
  signal?: AbortSignal,
): Promise<number> {
  let made = 0;
  const subscriptions = await platform.db.transaction(organisation, listActiveIds);
  for (const subscription of subscriptions) {
    for (let isEnd = false; !isEnd; ) {
      signal?.throwIfAborted();
      const step = await platform.db.transaction(organisation, (tx) => feedSubscription(tx, subscription));
      made += step.made;
      isEnd = step.isEnd;
    }
  }
  return made;
}

async function feedSubscription(
  tx: Tx,
  id: Id<'Subscription'>,
): Promise<{ readonly made: number; readonly isEnd: boolean }> {
  const found = await findSubscriptionRow(tx, id, { lock: true });
  if (found === undefined || found.state !== 'active') return { made: 0, isEnd: true };
  const { cursor, kinds, nextSequence } = found;
  const { entries, next, isEnd } = await readPlaced(tx, { from: cursor, window: WINDOW, kinds });
  // A subscription is not told what happens to itself: disabling it would be news for it, and that news again.
  const told = entries.filter(({ kind, body }) => !(kind.startsWith('webhooks.') && isAbout(body, id)));
  if (told.length > 0) {
    const deliveries = told.map((entry) => ({
      id: newId<'Delivery'>(tx.at),
      entry: entry.id,
      kind: entry.kind,
      body: bodyOfEntry(entry),
    }));
    await insertDeliveries(tx, id, nextSequence, deliveries);
    await askForDispatch(tx, id, tx.at);
  }
  if (next.log !== cursor.log || next.index !== cursor.index)
    await updateCursor(tx, id, next, nextSequence + told.length);
  return { made: told.length, isEnd };
}

function isAbout(body: Json, subscription: Id<'Subscription'>): boolean {
  return typeof body === 'object' && body !== null && 'subscription' in body && body.subscription === subscription;
}
