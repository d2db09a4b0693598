import { createHmac, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { failuresOf } from '../platform/failure.ts';
import { plainAddress } from '../platform/origin.ts';
import { accessProblems } from './contract.ts';
import type { Allowance } from './rate-limit-store.ts';

const fail = failuresOf(accessProblems);

/** So many at once, then one more for every so many seconds. */
interface Rule {
  readonly burst: number;
  readonly everySeconds: number;
}

/**
 * All limits there are. A rule's name says what is counted, then by what.
 *
 * Guessing passwords is bounded three ways: an address that tries one account, an address that tries many, and an
 * account tried from many addresses. Only the last could keep the rightful person out, so it merely slows down, and who
 * comes with the mark of a browser in which they signed in before is counted apart.
 */
export const rules = {
  'sign-in/address+account': { burst: 5, everySeconds: 60 },
  'sign-in/address': { burst: 40, everySeconds: 10 },
  'sign-in/account': { burst: 20, everySeconds: 60 },
  'sign-in/known-browser': { burst: 10, everySeconds: 30 },
  // Of a million codes three are right at a time: who knows the password finds one within a year with a chance of 15 %,
  // in full view of the trail. The rightful person types theirs in a browser that is known, and is counted apart.
  'second-factor/person': { burst: 8, everySeconds: 600 },
  'second-factor/known-browser': { burst: 8, everySeconds: 60 },
  'mail/address+account': { burst: 3, everySeconds: 300 },
  'mail/address': { burst: 30, everySeconds: 60 },
  // Apart, so that nobody who invites an address, or wants it for themselves, uses up the resets of its person.
  'reset/account': { burst: 5, everySeconds: 600 },
  'mail/account': { burst: 5, everySeconds: 600 },
  'invitation/organisation': { burst: 100, everySeconds: 60 },
  // Tokens cannot be guessed; this keeps the database from being asked too much.
  'link/address': { burst: 60, everySeconds: 2 },
  'call/key+address': { burst: 600, everySeconds: 0.02 },
  'call/session+address': { burst: 600, everySeconds: 0.02 },
  'call/stranger': { burst: 600, everySeconds: 0.05 },
  // Platforms send from few addresses, and much at a time when they send again what was not taken.
  'inbound/address': { burst: 2_000, everySeconds: 0.005 },
  'inbound/endpoint': { burst: 2_000, everySeconds: 0.01 },
} as const satisfies Readonly<Record<string, Rule>>;
export type RuleName = keyof typeof rules;

/** One count to take from: a rule, and whom it counts. */
export interface Count {
  readonly rule: RuleName;
  readonly values: readonly string[];
}

/**
 * The bucket of a count. Its key hides what is counted, so that the table tells of no address and no account, not even
 * whether one it knows was there.
 */
export function allowanceOf(key: Buffer, { rule, values }: Count): Allowance {
  const hash = createHmac('sha256', key);
  for (const part of [rule, ...values]) hash.update(`${Buffer.byteLength(part)}:${part}`);
  const { burst, everySeconds } = rules[rule];
  return { bucket: hash.digest(), burst, intervalMs: everySeconds * 1000 };
}

/** What counts as one address: networks give a household or a server a whole /64 of IPv6. */
export function countedAddress(text: string): string {
  const address = plainAddress(text);
  if (!address.includes(':')) return address;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`)}/64`;
}

/** @param waitMs how long until one more is allowed */
export function tooMany(waitMs: number) {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return fail('too-many-attempts', `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`, {
    retryAfterSeconds: seconds,
  });
}

/** The cookie that marks a browser in which somebody signed in before; out of reach of scripts. */
export const browserCookie = 'kept_browser';
/** How long a browser is known, in seconds. */
export const browserSeconds = 180 * 24 * 3_600;

/** Marks a browser as one in which this account signed in. It opens nothing; it only counts attempts apart. */
export function writeBrowserMark(key: Buffer, account: string, nonce: string, at: Date): string {
  const issued = Math.floor(at.getTime() / 1000).toString(36);
  return `${nonce}.${issued}.${sign(key, account, nonce, issued)}`;
}

/** @returns the browser's own name; null where the mark is another account's, forged or too old */
export function readBrowserMark(key: Buffer, account: string, mark: string | undefined, at: Date): string | null {
  const [nonce = '', issued = '', signature = '', ...rest] = (mark ?? '').slice(0, 200).split('.');
  if (nonce === '' || rest.length > 0) return null;
  const given = Buffer.from(signature);
  const expected = Buffer.from(sign(key, account, nonce, issued));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const ageSeconds = at.getTime() / 1000 - Number.parseInt(issued, 36);
  return ageSeconds >= -60 && ageSeconds <= browserSeconds ? nonce : null;
}

function sign(key: Buffer, account: string, nonce: string, issued: string): string {
  return createHmac('sha256', key).update(`browser\0${nonce}\0${issued}\0${account}`).digest('base64url');
}
