import type { Id } from '../platform/contract.ts';
import type { Seal } from '../platform/seal.ts';
import { readSecret, type SigningKey } from './delivery-signature.ts';
import type { SecretRow } from './subscription-store.ts';

/** What secrets are sealed for, see `platform/seal.ts`. */
const PURPOSE = 'webhook-secret';

export function sealSecret(seal: Seal, id: Id<'WebhookSecret'>, text: string): Buffer {
  return seal.close(text, PURPOSE, id);
}

/** @throws Failure `sealing-key-unusable` */
export function openSecret(seal: Seal, secret: SecretRow): SigningKey {
  return readSecret(seal.open(secret.sealed, PURPOSE, secret.id));
}
