import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { Failure } from '../platform/failure.ts';
import { openHttp } from '../platform/http.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import type { InboundEvent } from '../webhooks/contract.ts';
import { receiveEvent } from '../webhooks/receive-event.ts';
import { cancelAccount } from './cancel-account.ts';
import { endAccount } from './end-account.ts';
import { findAccount, findAccountById } from './find-account.ts';
import { forgetOwner } from './forget-owner.ts';
import { listAccounts } from './list-accounts.ts';
import { type ObservedAccount, observeAccounts } from './observe-accounts.ts';
import { reactivateAccount } from './reactivate-account.ts';
import { registerAccountsRoutes } from './routes.ts';
import { registerAccountsTasks } from './tasks.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const { platform, adminUrl, newOrganisation, close } = await openTestPlatform({ clock });
const admin = new pg.Client(adminUrl);
await admin.connect();
registerAccountsTasks(platform);
await platform.tasks.start();

let organisation: OrganisationId;
const http = openHttp(platform, async () => ({
  organisationId: organisation,
  actor: { kind: 'person', id: 'p' },
  language: 'en',
}));
registerAccountsRoutes(http, platform);
after(async () => {
  await http.close();
  await admin.end();
  await close();
});
beforeEach(async () => {
  organisation = await newOrganisation();
});

const within = <T>(work: (tx: Tx) => Promise<T>) => platform.db.transaction(organisation, work);
const observe = (...rows: (Partial<ObservedAccount> & { account: string })[]) =>
  within((tx) =>
    observeAccounts(
      tx,
      rows.map((row) => ({ state: 'active', cancelledAt: null, ownerEmail: `${row.account}@example.org`, ...row })),
    ),
  );
const find = async (account: string) => {
  const found = await within((tx) => findAccount(tx, account));
  assert.ok(found !== undefined, `${account} is not known`);
  return found;
};
const refused = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;

async function recorded(): Promise<{ kind: string; body: { account: string; cancelledAt?: string } }[]> {
  const { rows } = await admin.query<{ leaf: string }>(
    'select leaf from ledger.pending where organisation_id = $1 order by entry_id',
    [organisation],
  );
  for (const { leaf } of rows) assert.doesNotMatch(leaf, /@example\.org/);
  return rows.map(({ leaf }) => JSON.parse(leaf)).map(({ kind, body }) => ({ kind, body }));
}

/** An event as the organisation's system sends it, worked through by the listener. */
async function send(id: string, event: InboundEvent): Promise<void> {
  await within((tx) => receiveEvent(tx, { id, event }, { kind: 'key', id: 'k' }));
  await platform.tasks.settled();
}

test('accounts are taken in, and only cancelled ones are recorded, under an id of our own', async () => {
  const cancelledAt = new Date('2026-11-01T00:00:00Z');
  await observe({ account: 'a' }, { account: 'b', state: 'cancelled', cancelledAt });
  assert.equal((await find('a')).state, 'active');
  const b = await find('b');
  assert.deepEqual([b.state, b.cancelledAt, b.ownerEmail], ['cancelled', cancelledAt, 'b@example.org']);
  const body = { account: b.id, cancelledAt: cancelledAt.toISOString() };
  assert.deepEqual(await recorded(), [{ kind: 'accounts.cancelled', body }]);
  assert.deepEqual(await within((tx) => findAccountById(tx, b.id)), b);
});

test('the same reading again changes nothing but when it was read', async () => {
  await observe({ account: 'a', state: 'cancelled' });
  const first = await find('a');
  clock.advance(60_000);
  await observe({ account: 'a', state: 'cancelled' });
  assert.deepEqual(await find('a'), { ...first, observedAt: clock.now() });
  assert.equal((await recorded()).length, 1);
});

test('a change of state in the database cancels and reactivates, each recorded', async () => {
  await observe({ account: 'a' });
  await observe({ account: 'a', state: 'cancelled' });
  await observe({ account: 'a', state: 'active' });
  assert.equal((await find('a')).state, 'active');
  assert.deepEqual(
    (await recorded()).map(({ kind }) => kind),
    ['accounts.cancelled', 'accounts.reactivated'],
  );
});

test('an event counts although the database has not learned of it', async () => {
  await observe({ account: 'a' });
  await send('e-1', { type: 'account.cancelled', account: 'a', at: '2026-11-10T00:00:00Z' });
  assert.deepEqual((await find('a')).cancelledAt, new Date('2026-11-10T00:00:00Z'));
  await observe({ account: 'a' });
  assert.equal((await find('a')).state, 'cancelled', 'the database repeats what it said before the event');
  await send('e-2', { type: 'account.reactivated', account: 'a' });
  assert.equal((await find('a')).state, 'active');
});

test('an event may come before the account is known, and a first reading does not undo it', async () => {
  await send('e-1', { type: 'account.cancelled', account: 'new' });
  assert.equal((await find('new')).ownerEmail, null);
  await observe({ account: 'new' });
  const known = await find('new');
  assert.deepEqual([known.state, known.ownerEmail], ['cancelled', 'new@example.org']);
});

test('an older event that is worked through later does not count', async () => {
  const receivedAt = clock.now();
  clock.advance(60_000);
  await within((tx) => cancelAccount(tx, 'a', tx.at));
  await within((tx) => reactivateAccount(tx, 'a'));
  await within((tx) => cancelAccount(tx, 'a', receivedAt, receivedAt));
  assert.equal((await find('a')).state, 'active');
});

test('an account ends after its cancellation only, and then stays ended', async () => {
  await observe({ account: 'a' });
  await assert.rejects(
    within((tx) => endAccount(tx, 'a', tx.at)),
    refused('account-not-cancelled'),
  );
  await assert.rejects(
    within((tx) => endAccount(tx, 'nobody', tx.at)),
    refused('account-not-found'),
  );
  await observe({ account: 'a', state: 'cancelled' });
  await within((tx) => endAccount(tx, 'a', tx.at));
  const endedAt = clock.now();
  clock.advance(60_000);
  await within((tx) => endAccount(tx, 'a', tx.at));
  assert.deepEqual((await find('a')).endedAt, endedAt);
  await observe({ account: 'a', state: 'cancelled' });
  await observe({ account: 'a', state: 'cancelled', cancelledAt: clock.now() });
  assert.equal((await find('a')).state, 'ended');
  await assert.rejects(
    within((tx) => reactivateAccount(tx, 'a')),
    refused('account-ended'),
  );
  await send('too-late', { type: 'account.reactivated', account: 'a' });
  assert.equal((await find('a')).state, 'ended');
});

test('a forgotten owner stays forgotten, whatever the database still says', async () => {
  await observe({ account: 'a', state: 'cancelled' });
  await within((tx) => endAccount(tx, 'a', tx.at));
  assert.equal((await find('a')).ownerEmail, 'a@example.org', 'the end is still to be confirmed');
  await within((tx) => forgetOwner(tx, 'a'));
  await observe({ account: 'a', state: 'cancelled' });
  await observe({ account: 'a', state: 'ended' });
  const { ownerEmail, ownerForgottenAt } = await find('a');
  assert.deepEqual([ownerEmail, ownerForgottenAt], [null, clock.now()]);
});

test('a customer who is active again is one, address and all, so that its data is not disposed of', async () => {
  await observe({ account: 'a', state: 'cancelled' });
  await within((tx) => endAccount(tx, 'a', tx.at));
  await within((tx) => forgetOwner(tx, 'a'));
  await observe({ account: 'a', state: 'active' });
  const again = await find('a');
  assert.deepEqual([again.state, again.endedAt, again.ownerEmail], ['active', null, 'a@example.org']);
});

test('a new address replaces the old one without an entry', async () => {
  await observe({ account: 'a', ownerEmail: 'old@example.org' });
  await observe({ account: 'a', ownerEmail: 'new@example.org' });
  assert.equal((await find('a')).ownerEmail, 'new@example.org');
  assert.deepEqual(await recorded(), []);
});

test('many learn of the same accounts at once, and each is recorded once', async () => {
  const rows = Array.from({ length: 50 }, (_, at) => ({ account: `a${at}`, state: 'cancelled' as const }));
  await Promise.all([
    observe(...rows),
    observe(...rows.toReversed()),
    ...rows.slice(0, 5).map(({ account }) => within((tx) => cancelAccount(tx, account, tx.at))),
  ]);
  const entries = await recorded();
  assert.equal(entries.length, 50);
  const ids = await within((tx) => listAccounts(tx, { limit: 100 }));
  assert.deepEqual(entries.map(({ body }) => body.account).sort(), ids.items.map(({ id }) => id).sort());
});

test('2,500 accounts are taken in by one call and listed page by page, each once', async () => {
  const rows = Array.from({ length: 2500 }, (_, at) => ({ account: `k${at}` }));
  await observe(...rows, { account: 'k7', state: 'cancelled' });
  assert.equal((await find('k7')).state, 'cancelled', 'the last row of a key counts');
  const seen: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await within((tx) => listAccounts(tx, { state: 'active', after, limit: 1000 }));
    seen.push(...page.items.map(({ account }) => account));
    if (page.next === null) break;
    after = page.next;
  }
  assert.equal(seen.length, 2499);
  assert.equal(new Set(seen).size, 2499);
});

test('over HTTP accounts are listed without addresses, and another organisation’s are not', async () => {
  await observe({ account: 'a', state: 'cancelled', cancelledAt: clock.now() }, { account: 'b', ownerEmail: null });
  const get = (query: string) => http.fastify.inject({ url: `/v1/accounts${query}` });
  const all = await get('');
  assert.equal(all.statusCode, 200, all.body);
  assert.doesNotMatch(all.body, /example\.org/);
  const { items, next } = all.json();
  assert.equal(next, null);
  assert.deepEqual(
    items.map((item: Record<string, unknown>) => [item['account'], item['state'], item['ownerReachable']]),
    [
      ['a', 'cancelled', true],
      ['b', 'active', false],
    ],
  );
  assert.deepEqual((await get('?limit=1')).json().next, 'a');
  assert.deepEqual((await get('?state=active')).json().items.length, 1);
  assert.equal((await get('?state=gone')).statusCode, 400);
  organisation = await newOrganisation();
  assert.deepEqual((await get('')).json(), { items: [], next: null });
});
