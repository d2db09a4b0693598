import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import { Failure } from '../platform/failure.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { openLimits } from './limit-attempts.ts';
import { countedAddress, readBrowserMark, rules, writeBrowserMark } from './rate-limit.ts';
import { deleteFullBuckets } from './rate-limit-store.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const { platform, adminUrl, openAnother, close } = await openTestPlatform({ clock });
const key = randomBytes(32);
const limits = openLimits(platform, key);
const admin = new pg.Client(adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await close();
});

/** Whether it was let through; otherwise how many seconds to wait. */
async function passes(work: Promise<unknown>): Promise<true | number> {
  try {
    await work;
    return true;
  } catch (error) {
    assert.ok(error instanceof Failure && error.code === 'too-many-attempts', String(error));
    assert.equal(error.status, 429);
    assert.ok(error.retryAfterSeconds !== null);
    return error.retryAfterSeconds;
  }
}

async function countLet(tries: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let through = 0;
  for (let index = 0; index < tries; index += 1) if ((await passes(work(index))) === true) through += 1;
  return through;
}

let people = 0;
function newcomer() {
  people += 1;
  return { email: `p${people}@example.com`, address: `198.51.100.${people}`, mark: undefined };
}

test('so many are let through at once, then one per interval, and the refusal says when', async () => {
  const who = newcomer();
  const { burst, everySeconds } = rules['sign-in/address+account'];
  assert.equal(await countLet(20, () => limits.signIn(who)), burst);
  assert.equal(await passes(limits.signIn(who)), everySeconds);
  clock.advance((everySeconds - 1) * 1000);
  assert.equal(await passes(limits.signIn(who)), 1);
  clock.advance(1000);
  assert.equal(await passes(limits.signIn(who)), true);
  assert.equal(await passes(limits.signIn(who)), everySeconds);
});

test('of tries at the same time, on two nodes, no more are let through than one after the other', async () => {
  const who = newcomer();
  const other = openLimits(await openAnother(), key);
  const tries = Array.from({ length: 30 }, (_, index) => passes((index % 2 === 0 ? limits : other).signIn(who)));
  const through = (await Promise.all(tries)).filter((outcome) => outcome === true);
  assert.equal(through.length, rules['sign-in/address+account'].burst);
});

test('what was rightful is given back', async () => {
  const who = newcomer();
  const tries = await countLet(50, async () => (await limits.signIn(who)).giveBack());
  assert.equal(tries, 50);
});

test('what was refused counts nowhere, so an attack on an account does not use up what others have', async () => {
  const attacker = newcomer();
  await countLet(500, () => limits.signIn(attacker));
  const elsewhere = { ...attacker, address: '203.0.113.1' };
  assert.equal(await passes(limits.signIn(elsewhere)), true, 'the account has taken 5 of its 20');
  const neighbour = { ...newcomer(), address: attacker.address };
  assert.equal(await passes(limits.signIn(neighbour)), true, 'the address has taken 5 of its 40');
});

test('one address that tries many accounts, and one account tried from many addresses, are slowed down, too', async () => {
  const spraying = newcomer();
  assert.equal(
    await countLet(100, (index) => limits.signIn({ ...spraying, email: `spray-${index}@example.com` })),
    rules['sign-in/address'].burst,
  );
  const victim = newcomer();
  assert.equal(
    await countLet(100, (index) => limits.signIn({ ...victim, address: `192.0.2.${index}` })),
    rules['sign-in/account'].burst,
  );
});

test('who comes with the browser they signed in with before is counted apart', async () => {
  const victim = newcomer();
  await countLet(100, (index) => limits.signIn({ ...victim, address: `192.0.2.${index}` }));
  assert.notEqual(await passes(limits.signIn(victim)), true);
  const mark = limits.markBrowser(victim.email.toUpperCase(), clock.now());
  assert.equal(await passes(limits.signIn({ ...victim, mark })), true);
  assert.equal(await countLet(100, () => limits.signIn({ ...victim, mark })), rules['sign-in/known-browser'].burst - 1);
  assert.equal(await passes(limits.secondFactor({ person: 'x', email: victim.email, mark })), true);
});

test('a mark is of one account, ends, and cannot be made up', () => {
  const at = clock.now();
  const mark = writeBrowserMark(key, 'a@example.com', 'nonce', at);
  assert.equal(readBrowserMark(key, 'a@example.com', mark, at), 'nonce');
  const later = new Date(at.getTime() + 181 * 86_400_000);
  assert.equal(readBrowserMark(key, 'a@example.com', mark, later), null);
  assert.equal(readBrowserMark(key, 'b@example.com', mark, at), null);
  assert.equal(readBrowserMark(randomBytes(32), 'a@example.com', mark, at), null);
  const [, issued, signature] = mark.split('.');
  const forged = [undefined, '', '..', `other.${issued}.${signature}`, `nonce.zzzz.${signature}`, `${mark}.x`];
  for (const text of forged) assert.equal(readBrowserMark(key, 'a@example.com', text, at), null, text);
});

test('mails are limited by the mailbox they go to, whoever asks', async () => {
  const { email } = newcomer();
  const order = (index: number) => limits.mail({ email, address: `192.0.2.${index}` });
  assert.equal(await countLet(50, order), rules['mail/account'].burst);
  assert.notEqual(await passes(limits.invitation({ organisation: 'o', email })), true);
  const reset = (index: number) => limits.reset({ email, address: `198.51.100.${index}` });
  assert.equal(
    await countLet(50, reset),
    rules['reset/account'].burst,
    'what others want of the address does not count',
  );
});

test('calls are counted by who makes them from where; several nodes together allow no more', async () => {
  const { burst, everySeconds } = rules['call/key+address'];
  const nodes = [limits, openLimits(await openAnother(), key)];
  const call = (index: number) => nodes[index % 2]?.call({ kind: 'key', id: 'k' }, '192.0.2.1') ?? assert.fail();
  const calls = await Promise.all(Array.from({ length: 2 * burst }, (_, index) => passes(call(index))));
  const through = calls.filter((outcome) => outcome === true).length;
  assert.ok(through <= burst && through >= burst - 50, `${through} of ${burst}`);
  assert.equal(await passes(limits.call({ kind: 'key', id: 'k' }, '192.0.2.2')), true);
  assert.equal(await passes(limits.call({ kind: 'session', id: 'k' }, '192.0.2.1')), true);
  clock.advance(everySeconds * 1000);
  assert.equal(await passes(limits.call({ kind: 'key', id: 'k' }, '192.0.2.1')), true);
});

test('a burst of calls is written down a few times, not each time', async () => {
  let transactions = 0;
  const counting: typeof platform.db.globalTransaction = (work, options) => {
    transactions += 1;
    return platform.db.globalTransaction(work, options);
  };
  const own = openLimits({ ...platform, db: { ...platform.db, globalTransaction: counting } }, key);
  for (let index = 0; index < 100; index += 1) await own.call({ kind: 'session', id: 'quiet' }, '192.0.2.9');
  assert.equal(transactions, 4);
});

test('an IPv6 caller is counted by the network a household has', () => {
  assert.equal(countedAddress('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(countedAddress('2001:db8:1:2:ffff::1'), countedAddress('2001:db8:1:2::9'));
  assert.equal(countedAddress('::ffff:192.0.2.1'), '192.0.2.1');
});

test('the table names neither address nor account, and forgets what is over', async () => {
  const { rows } = await admin.query<{ bucket: Buffer; row: string }>(
    'select bucket, r::text as row from access.rate_limit r',
  );
  assert.ok(rows.length > 20);
  for (const { bucket, row } of rows) {
    assert.equal(bucket.length, 32);
    assert.doesNotMatch(row, /example|192\.0|198\.51/);
  }
  clock.advance(24 * 3_600_000);
  const forget = () => platform.db.globalTransaction((tx) => deleteFullBuckets(tx, 10));
  assert.equal(await forget(), 10);
  while ((await forget()) > 0);
  const { rowCount } = await admin.query('select from access.rate_limit');
  assert.equal(rowCount, 0);
});
