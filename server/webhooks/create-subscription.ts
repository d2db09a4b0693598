import { endOfLog } from '../ledger/read-placed.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Seal } from '../platform/seal.ts';
import { makeSecret } from './delivery-signature.ts';
import { sealSecret } from './open-secrets.ts';
import { countSubscriptions, insertSecret, insertSubscription, type SubscriptionRow } from './subscription-store.ts';
import { type SignatureScheme, subscriptionProblems } from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);

/** More would be a mistake: each of them is sent every entry. */
const MOST = 200;

/**
 * Subscribes an address, from the next entry of the ledger on.
 * @param wanted its address was admitted (`admit-receiver.ts`)
 * @returns its id and the shared secret, which nobody can read afterwards; null for Ed25519
 * @throws Failure `subscription-limit`
 */
export async function createSubscription(
  tx: Tx,
  seal: Seal,
  wanted: Pick<SubscriptionRow, 'name' | 'url' | 'kinds' | 'ordered'> & { readonly scheme: SignatureScheme },
  by: Actor,
): Promise<{ readonly id: Id<'Subscription'>; readonly secret: string | null }> {
  const { scheme, kinds, ordered } = wanted;
  if ((await countSubscriptions(tx)) >= MOST)
    throw fail('subscription-limit', `An organisation has at most ${MOST} subscriptions.`);
  const id = newId<'Subscription'>(tx.at);
  await insertSubscription(tx, { ...wanted, id, cursor: await endOfLog(tx) });
  const secret = await addSecret(tx, seal, id, scheme);
  await recordEntry(tx, {
    kind: 'webhooks.subscription-created',
    actor: by,
    body: { subscription: id, kinds, ordered, scheme },
  });
  return { id, secret: secret.shown };
}

/** Makes a secret for a subscription; `shown` is what is told once. */
export async function addSecret(
  tx: Tx,
  seal: Seal,
  subscription: Id<'Subscription'>,
  scheme: SignatureScheme,
): Promise<{ readonly id: Id<'WebhookSecret'>; readonly shown: string | null }> {
  const { text, lastFour, publicKey } = makeSecret(scheme);
  const id = newId<'WebhookSecret'>(tx.at);
  await insertSecret(tx, { id, subscription, scheme, sealed: sealSecret(seal, id, text), lastFour, publicKey });
  return { id, shown: scheme === 'hmac-sha256' ? text : null };
}
