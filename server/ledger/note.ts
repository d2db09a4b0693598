import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { type Bytes, keyId, parseVerifierKey, toBase64, type VerifierKey } from './proof.ts';
import { sha256 } from './tree.ts';

/** Signature type of C2SP signed-note for Ed25519; a second algorithm adds its own line to the same note. */
const ed25519 = 1;

/** Who signs a log: the name in its notes and the private key. */
export interface Signer {
  /** Origin of the log. */
  readonly name: string;
  readonly privateKey: KeyObject;
}

/** The text that a checkpoint signs (C2SP tlog-checkpoint): no time, so the same tree always has the same note. */
export function checkpointText(origin: string, size: number, root: Uint8Array): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * Signs a text (C2SP signed-note). Ed25519 is deterministic: signing again gives the same octets.
 * @param text ends with a newline
 */
export async function signNote(text: string, signer: Signer): Promise<string> {
  const id = await keyId(signer.name, keyOctets(rawPublicKey(signer.privateKey)), sha256);
  const signature = sign(null, Buffer.from(text, 'utf8'), signer.privateKey);
  return `${text}\n— ${signer.name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`;
}

/** The verifier key under which a log's notes open: `name+hash+base64`. */
export async function verifierKey(name: string, publicKey: Uint8Array): Promise<string> {
  const octets = keyOctets(publicKey);
  return `${name}+${await keyId(name, octets, sha256)}+${toBase64(octets)}`;
}

/** The same, read. */
export async function verifierOf(name: string, publicKey: Uint8Array): Promise<VerifierKey> {
  return parseVerifierKey(await verifierKey(name, publicKey), sha256);
}

/** The 32 octets of an Ed25519 public key (RFC 8032). */
export function rawPublicKey(key: KeyObject): Bytes {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) throw new Error('an Ed25519 key has a public part');
  return new Uint8Array(Buffer.from(x, 'base64url'));
}

/** A private key from its 32-octet seed (RFC 8032), as other implementations of signed-note write it down. */
export function privateKeyFromSeed(seed: Uint8Array): KeyObject {
  // PKCS #8 of RFC 8410 around the seed.
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
}

function keyOctets(publicKey: Uint8Array): Bytes {
  const octets = new Uint8Array(1 + publicKey.length);
  octets[0] = ed25519;
  octets.set(publicKey, 1);
  return octets;
}
