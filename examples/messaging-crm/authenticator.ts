import { createHmac } from 'node:crypto';

/** Seconds that a code is shown. */
const STEP_SECONDS = 30;

/** The step of 30 seconds that an instant lies in. */
export const stepAt = (at: Date): number => Math.floor(at.getTime() / 1000 / STEP_SECONDS);

/**
 * What an authenticator app shows during a step (RFC 6238 with SHA-1 and six digits, as the apps have it).
 * @param secret Base32, as it is typed into the app
 */
export function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/** Base32 (RFC 4648), without padding and in groups if need be. */
function bytesOf(secret: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const digits = [...secret.replaceAll(/[\s=-]/g, '').toUpperCase()].map((letter) => alphabet.indexOf(letter));
  if (digits.includes(-1)) throw new Error('a secret is written in Base32');
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/[01]{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
