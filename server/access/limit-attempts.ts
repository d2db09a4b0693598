import { randomBytes } from 'node:crypto';
import type { Platform } from '../platform/platform.ts';
import {
  allowanceOf,
  type Count,
  countedAddress,
  type RuleName,
  readBrowserMark,
  tooMany,
  writeBrowserMark,
} from './rate-limit.ts';
import { returnToBuckets, takeFromBuckets } from './rate-limit-store.ts';

/** An attempt that was counted. */
export interface Attempt {
  /** It was rightful: it does not count, so that nobody is slowed down by signing in. */
  giveBack(): Promise<void>;
}

/**
 * The limits of a server, kept in its database and so shared by its nodes. Each throws Failure `too-many-attempts`,
 * which says when to come again, and then has counted nothing; so an attack that is refused does not prolong itself.
 * Ask before anything is looked up or hashed: a refusal then costs little and tells nothing.
 */
export interface Limits {
  /**
   * A password is tried, for an account that may not exist.
   * @param email as it was given; counted in lower case
   * @param mark what the browser sent as `browserCookie`
   */
  signIn(attempt: { email: string; address: string; mark: string | undefined }): Promise<Attempt>;
  /** A code is tried, for a person whose password was right. */
  secondFactor(attempt: { person: string; email: string; mark: string | undefined }): Promise<Attempt>;
  /** A link for a new password is asked for. */
  reset(order: { email: string; address: string }): Promise<void>;
  /** Another mail is asked for: verification. */
  mail(order: { email: string; address: string }): Promise<void>;
  /** Somebody is invited, in the name of an organisation. */
  invitation(order: { organisation: string; email: string }): Promise<void>;
  /** A token of a link or a challenge is presented or asked for. */
  link(attempt: { address: string }): Promise<void>;
  /** An ordinary call, by who makes it; `null` where nobody is known. */
  call(caller: { kind: 'key' | 'session'; id: string } | null, address: string): Promise<void>;
  /** A webhook is sent here, rightly or not. */
  inboundFrom(address: string): Promise<void>;
  /** A webhook whose signature is right, to one endpoint. */
  inboundTo(endpoint: string): Promise<void>;
  /** The mark for a browser in which somebody has just signed in, or has just shown that the mailbox is theirs. */
  markBrowser(email: string, at: Date): string;
  /** Whether a browser carries the mark of this account. */
  knowsBrowser(email: string, mark: string | undefined): boolean;
}

/** Calls that a node takes at once, to write once for all of them. Those it does not need are lost. */
const LEASE = 25;
const LEASE_MS = 5_000;
/** More callers than this at the same time lose their leases, and merely write more often. */
const MOST_LEASES = 50_000;

/** @param key 32 octets, the same on all nodes: `platform.seal.derive('rate-limit')` */
export function openLimits(platform: Platform, key: Buffer): Limits {
  /** All or none: what was taken goes back with the transaction. */
  async function take(counts: readonly Count[]): Promise<Attempt> {
    const allowances = counts.map((count) => allowanceOf(key, count));
    await platform.db.globalTransaction(async (tx) => {
      const waitMs = await takeFromBuckets(tx, allowances, 1);
      if (waitMs !== null) throw tooMany(waitMs);
    });
    return {
      giveBack: () => platform.db.globalTransaction((tx) => returnToBuckets(tx, allowances)),
    };
  }

  const leased = openLeases(platform, key);
  const browserOf = (email: string, mark: string | undefined) =>
    readBrowserMark(key, accountOf(email), mark, platform.clock.now());

  return {
    signIn({ email, address, mark }) {
      const browser = browserOf(email, mark);
      const account = accountOf(email);
      if (browser !== null) return take([{ rule: 'sign-in/known-browser', values: [browser, account] }]);
      const from = countedAddress(address);
      return take([
        { rule: 'sign-in/address+account', values: [from, account] },
        { rule: 'sign-in/address', values: [from] },
        { rule: 'sign-in/account', values: [account] },
      ]);
    },
    secondFactor({ person, email, mark }) {
      const browser = browserOf(email, mark);
      if (browser !== null) return take([{ rule: 'second-factor/known-browser', values: [browser, person] }]);
      return take([{ rule: 'second-factor/person', values: [person] }]);
    },
    async reset(order) {
      await take(mailCounts(order, 'reset/account'));
    },
    async mail(order) {
      await take(mailCounts(order, 'mail/account'));
    },
    async invitation({ organisation, email }) {
      await take([
        { rule: 'mail/account', values: [accountOf(email)] },
        { rule: 'invitation/organisation', values: [organisation] },
      ]);
    },
    async link({ address }) {
      await take([{ rule: 'link/address', values: [countedAddress(address)] }]);
    },
    async call(caller, address) {
      const from = countedAddress(address);
      if (caller === null) await leased('call/stranger', [from]);
      else await leased(`call/${caller.kind}+address`, [caller.id, from]);
    },
    inboundFrom: (address) => leased('inbound/address', [countedAddress(address)]),
    inboundTo: (endpoint) => leased('inbound/endpoint', [endpoint]),
    knowsBrowser: (email, mark) => browserOf(email, mark) !== null,
    markBrowser: (email, at) => writeBrowserMark(key, accountOf(email), randomBytes(16).toString('base64url'), at),
  };
}

/**
 * Counts calls without writing at each: a node takes several at once and hands them out. Together the nodes never
 * allow more than the rule; a caller who comes rarely loses what a lease had left, which the rules leave room for.
 */
function openLeases(platform: Platform, key: Buffer) {
  const leases = new Map<string, { left: number; readonly untilMs: number }>();
  const filling = new Map<string, Promise<void>>();

  async function fill(name: string, count: Count): Promise<void> {
    const allowance = allowanceOf(key, count);
    const taken = await platform.db.globalTransaction(async (tx) => {
      if ((await takeFromBuckets(tx, [allowance], LEASE)) === null) return LEASE;
      const waitMs = await takeFromBuckets(tx, [allowance], 1);
      if (waitMs !== null) throw tooMany(waitMs);
      return 1;
    });
    if (leases.size >= MOST_LEASES) leases.clear();
    leases.set(name, { left: taken, untilMs: platform.clock.now().getTime() + LEASE_MS });
  }

  return async (rule: RuleName, values: readonly string[]): Promise<void> => {
    const name = JSON.stringify([rule, ...values]);
    for (;;) {
      const lease = leases.get(name);
      if (lease !== undefined && lease.left > 0 && platform.clock.now().getTime() < lease.untilMs) {
        lease.left -= 1;
        return;
      }
      // Those that come at the same time wait for one lease instead of taking one each.
      const known = filling.get(name);
      const filled = known ?? fill(name, { rule, values }).finally(() => filling.delete(name));
      if (known === undefined) filling.set(name, filled);
      await filled;
    }
  };
}

function mailCounts(
  { email, address }: { readonly email: string; readonly address: string },
  rule: 'reset/account' | 'mail/account',
): Count[] {
  const from = countedAddress(address);
  const account = accountOf(email);
  return [
    { rule: 'mail/address+account', values: [from, account] },
    { rule: 'mail/address', values: [from] },
    { rule, values: [account] },
  ];
}

function accountOf(email: string): string {
  return email.trim().toLowerCase();
}
