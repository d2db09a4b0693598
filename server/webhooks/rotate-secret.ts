import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Seal } from '../platform/seal.ts';
import { addSecret } from './create-subscription.ts';
import { lockSubscription } from './show-subscription.ts';
import { deleteEndedSecrets, deleteSecret, endSecretsAt, listSecrets } from './subscription-store.ts';
import { type SignatureScheme, subscriptionProblems } from './subscriptions-contract.ts';

const fail = failuresOf(subscriptionProblems);

const HOUR_MS = 3_600_000;
/** Each of them is a signature in the header of every delivery. */
const MOST = 5;

/**
 * Gives a subscription a new secret. Until the overlap ends, deliveries are signed with the earlier ones as well, so
 * that receivers can change over when they like.
 * @returns the shared secret, which nobody can read afterwards; null for Ed25519
 * @throws Failure `subscription-not-found` or `secrets-limit`
 */
export async function rotateSecret(
  tx: Tx,
  seal: Seal,
  id: Id<'Subscription'>,
  wanted: { readonly scheme: SignatureScheme; readonly overlapHours: number },
  by: Actor,
): Promise<string | null> {
  const { scheme, overlapHours } = wanted;
  await lockSubscription(tx, id);
  await endSecretsAt(tx, id, new Date(tx.at.getTime() + overlapHours * HOUR_MS));
  if (overlapHours === 0) await deleteEndedSecrets(tx);
  if ((await listSecrets(tx, [id])).length >= MOST)
    throw fail('secrets-limit', `At most ${MOST} secrets at once: end an earlier one first.`);
  const { id: secret, shown } = await addSecret(tx, seal, id, scheme);
  await recordEntry(tx, {
    kind: 'webhooks.secret-rotated',
    actor: by,
    body: { subscription: id, secret, scheme, overlapHours },
  });
  return shown;
}

/**
 * Ends the overlap of an earlier secret at once.
 * @throws Failure `subscription-not-found`, `secret-not-found` or `secret-needed`
 */
export async function endSecret(tx: Tx, id: Id<'Subscription'>, secret: Id<'WebhookSecret'>, by: Actor): Promise<void> {
  await lockSubscription(tx, id);
  const found = (await listSecrets(tx, [id])).find((candidate) => candidate.id === secret);
  if (found === undefined) throw fail('secret-not-found', 'This subscription has no such secret.');
  if (found.expiresAt === null) throw fail('secret-needed', 'Rotate it instead: deliveries are always signed.');
  await deleteSecret(tx, secret);
  await recordEntry(tx, { kind: 'webhooks.secret-ended', actor: by, body: { subscription: id, secret } });
}
