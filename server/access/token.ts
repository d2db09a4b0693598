import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret with 256 random bits, shown once; only its hash is kept. */
export interface Token {
  readonly text: string;
  readonly hash: Buffer;
}

export function newToken(): Token {
  const text = randomBytes(32).toString('base64url');
  return { text, hash: hashToken(text) };
}

/** SHA-256 suffices: a token of 256 random bits cannot be guessed, so slowness would add nothing. */
export function hashToken(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares in constant time. */
export function sameHash(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
