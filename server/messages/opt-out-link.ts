import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Language } from '../access/contract.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Database } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { keyOf } from './recipient-key.ts';

/** Where the page stands that takes such a link. */
export const OPT_OUT_PATH = '/opt-out';

/** Whom a link is about. */
export interface OptOutSubject {
  readonly organisationId: OrganisationId;
  readonly recipientKey: Buffer;
}

const addresses = new WeakMap<Database, { at: string }>();

/** Where this server is reached, until it listens: what its configuration says. */
export function linksLeadTo(platform: Platform): { at: string } {
  const { publicUrl, host, port } = platform.config;
  const place = addresses.get(platform.db) ?? { at: publicUrl ?? `http://${host}:${port}` };
  addresses.set(platform.db, place);
  return place;
}

/**
 * The link of a recipient: it needs no sign-in, works for ever, and can be neither guessed nor made to mean somebody
 * else. It holds no address.
 */
export function optOutLink(database: Database, subject: OptOutSubject, language: Language): string {
  const place = addresses.get(database);
  if (place === undefined) throw new Error('an announcement is queued before messages are put together');
  return `${place.at}${OPT_OUT_PATH}/${optOutToken(database, subject)}?language=${language}`;
}

// organisation (16) ‖ recipient key (32) ‖ authentication (32)
const KEY_AT = 16;
const MAC_AT = 48;
const LENGTH = 80;

export function optOutToken(database: Database, { organisationId, recipientKey }: OptOutSubject): string {
  const subject = Buffer.concat([Buffer.from(organisationId.replaceAll('-', ''), 'hex'), recipientKey]);
  return Buffer.concat([subject, authenticate(database, subject)]).toString('base64url');
}

/** Whom a token is about; undefined when it is not one of ours. Asks no database. */
export function readOptOutToken(database: Database, token: string): OptOutSubject | undefined {
  const octets = Buffer.from(token, 'base64url');
  // Base64 has several spellings of the same octets; one is ours.
  if (octets.length !== LENGTH || octets.toString('base64url') !== token) return undefined;
  const subject = octets.subarray(0, MAC_AT);
  if (!timingSafeEqual(octets.subarray(MAC_AT), authenticate(database, subject))) return undefined;
  const hex = octets.subarray(0, KEY_AT).toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { organisationId: brand<'Organisation'>(id), recipientKey: octets.subarray(KEY_AT, MAC_AT) };
}

function authenticate(database: Database, subject: Buffer): Buffer {
  return createHmac('sha256', keyOf(database, 'opt-out-link')).update(subject).digest();
}
