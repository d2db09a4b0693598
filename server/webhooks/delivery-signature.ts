import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { SignatureScheme } from './subscriptions-contract.ts';

/** What deliveries are signed with, ready for use. */
export interface SigningKey {
  readonly scheme: SignatureScheme;
  /** Signs with it, or compares. For Ed25519 the private key, for HMAC the octets. */
  readonly key: KeyObject | Buffer;
}

/** A secret as it is made: `text` is sealed, and shown once where it is shared. */
export interface NewSecret {
  readonly text: string;
  readonly lastFour: string | null;
  readonly publicKey: string | null;
}

// A private key of Ed25519 in PKCS #8 and a public one in SPKI are these octets, then 32 of the key (RFC 8410).
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Makes a secret of 32 random octets: `whsec_…`, or `whsk_…` with its `whpk_…`. */
export function makeSecret(scheme: SignatureScheme): NewSecret {
  if (scheme === 'hmac-sha256') {
    const text = `whsec_${randomBytes(32).toString('base64')}`;
    return { text, lastFour: text.slice(-4), publicKey: null };
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
  const open = publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
  return { text: `whsk_${seed.toString('base64')}`, lastFour: null, publicKey: `whpk_${open.toString('base64')}` };
}

/** @throws Error when it is none of ours */
export function readSecret(text: string): SigningKey {
  if (text.startsWith('whsec_')) return { scheme: 'hmac-sha256', key: Buffer.from(text.slice(6), 'base64') };
  if (!text.startsWith('whsk_')) throw new Error('a secret of webhooks begins with whsec_ or whsk_');
  const der = Buffer.concat([PKCS8, Buffer.from(text.slice(5), 'base64')]);
  return { scheme: 'ed25519', key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
}

/**
 * The header `webhook-signature` (Standard Webhooks 1.0): a signature per key, over `id.timestamp.body`.
 * @param seconds when the attempt is made, in seconds since 1970
 */
export function signDelivery(keys: readonly SigningKey[], id: string, seconds: number, body: Uint8Array): string {
  const content = contentOf(id, seconds, body);
  return keys.map((key) => signatureWith(key, content)).join(' ');
}

/** Whether one of the signatures in the header was made with this key. */
export function isSignedWith(
  key: SigningKey,
  header: string,
  signed: { readonly id: string; readonly seconds: number; readonly body: Uint8Array },
): boolean {
  const content = contentOf(signed.id, signed.seconds, signed.body);
  return header.split(' ').some((signature) => matches(key, signature, content));
}

function contentOf(id: string, seconds: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${seconds}.`), body]);
}

function signatureWith({ key }: SigningKey, content: Buffer): string {
  if (Buffer.isBuffer(key)) return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return `v1a,${sign(null, content, key).toString('base64')}`;
}

function matches({ key }: SigningKey, signature: string, content: Buffer): boolean {
  const [version, value = ''] = signature.split(',');
  const given = Buffer.from(value, 'base64');
  if (Buffer.isBuffer(key)) {
    const wanted = createHmac('sha256', key).update(content).digest();
    return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
  }
  return (
    version === 'v1a' && verify(null, content, createPublicKey(key.export({ format: 'pem', type: 'pkcs8' })), given)
  );
}
