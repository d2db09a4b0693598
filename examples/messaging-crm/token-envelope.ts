import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

/**
 * How the product seals a secret: `enc:v1:KEY:IV:CIPHERTEXT`, AES-256-GCM (NIST SP 800-38D) with a 96-bit
 * nonce, the tag behind the ciphertext, both base64url.
 */
export const envelopePrefix = 'enc:v1:';

/** @param nonce 12 bytes, never used twice with one key */
export function seal(secret: Buffer | string, keyId: string, key: KeyObject, nonce: Buffer): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return `${envelopePrefix}${keyId}:${nonce.toString('base64url')}:${sealed.toString('base64url')}`;
}

/** @throws Error when the key is another one or the envelope was changed */
export function unseal(envelope: string, key: KeyObject): Buffer {
  const [, , , nonce, sealed] = envelope.split(':');
  if (!envelope.startsWith(envelopePrefix) || nonce === undefined || sealed === undefined)
    throw new Error('this is not a sealed secret');
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]);
}

/** The key of a row of `token_key`, opened with the master key. */
export function unwrapKey(wrapped: string, master: KeyObject): KeyObject {
  return createSecretKey(unseal(wrapped, master));
}
