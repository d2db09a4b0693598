import { createHmac } from 'node:crypto';
import { domainToASCII } from 'node:url';
import type { Database, Tx } from '../platform/database.ts';
import { sealOf } from './seal-content.ts';

/**
 * What an opt-out is kept as: a keyed hash of the address, 32 octets. Who reads the database, or a copy of it, cannot
 * tell whose it is nor try addresses, since the key is not in it; and organisations cannot be compared with one
 * another. One mailbox has one key, however its address is spelt.
 */
export function recipientKeyOf(tx: Pick<Tx, 'database' | 'organisationId'>, address: string): Buffer {
  return createHmac('sha256', keyOf(tx.database, 'opt-out'))
    .update(`${tx.organisationId}\0${oneSpelling(address)}`)
    .digest();
}

/** Letters as one case, accents as one character, a domain as the letters that it is registered with. */
function oneSpelling(address: string): string {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).normalize('NFC').toLowerCase();
  const domain = address.slice(at + 1).toLowerCase();
  return `${local}@${domainToASCII(domain) || domain}`;
}

const keys = new WeakMap<Database, Map<string, Buffer>>();

/** A key that no table holds; derived once, since that costs. */
export function keyOf(database: Database, purpose: string): Buffer {
  const known = keys.get(database) ?? new Map<string, Buffer>();
  keys.set(database, known);
  const key = known.get(purpose) ?? sealOf(database).derive(purpose);
  known.set(purpose, key);
  return key;
}
