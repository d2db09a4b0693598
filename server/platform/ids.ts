import { randomFillSync } from 'node:crypto';
import type { Id } from './contract.ts';

/**
 * A new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits, so that keys sort by age.
 * @param at the instant it carries
 */
export function newId<Kind extends string>(at: Date): Id<Kind> {
  const bytes = randomFillSync(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  const ms = at.getTime();
  view.setUint16(0, Math.floor(ms / 2 ** 32));
  view.setUint32(2, ms % 2 ** 32);
  view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x70);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const hex = Buffer.from(bytes).toString('hex');
  const text = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return brand<Kind>(text);
}

/** Marks a string that was parsed or read from the database as an id of this kind. */
export function brand<Kind extends string>(text: string): Id<Kind> {
  return text as Id<Kind>;
}
