import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { referencesOf, registerAudience } from '../messages/notice-audiences.ts';
import { fixedClock } from '../platform/clock.ts';
import { brand } from '../platform/ids.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { accountOwners } from './account-owners.ts';
import { findAccount } from './find-account.ts';
import { observeAccounts } from './observe-accounts.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const { platform, organisationId, close } = await openTestPlatform({ clock });
after(close);
registerAudience(accountOwners);

test('owners of accounts are an audience: named by our own id, as of the announcement, in pages', async () => {
  const at = clock.now();
  const see = (account: string, state: 'active' | 'cancelled' | 'ended', ownerEmail: string | null) =>
    platform.db.transaction(organisationId, (tx) =>
      observeAccounts(tx, [{ account, state, cancelledAt: null, ownerEmail }]),
    );
  await see('ana-shop', 'active', 'ana@example.org');
  await see('bea-shop', 'cancelled', null);
  await see('carl-shop', 'ended', 'carl@example.org');
  clock.advance(1_000);
  await see('late-shop', 'active', 'late@example.org');
  const query = { notice: brand<'Notice'>('01932b5e-7c00-7000-8000-0000000000b2'), asOf: at };
  await platform.db.transaction(organisationId, async (tx) => {
    const ana = await findAccount(tx, 'ana-shop');
    const everybody = await accountOwners.list(tx, { ...query, only: [], after: null, limit: 10 });
    assert.deepEqual(everybody.map(({ email }) => email).sort(), ['ana@example.org', null]);
    const active = await accountOwners.list(tx, { ...query, only: ['active'], after: null, limit: 10 });
    assert.deepEqual(active, [{ reference: ana?.id, email: 'ana@example.org', language: null }]);
    const [first] = await accountOwners.list(tx, { ...query, only: [], after: null, limit: 1 });
    const rest = await accountOwners.list(tx, { ...query, only: [], after: first?.reference ?? null, limit: 10 });
    assert.equal(rest.length, 1);
    const shares = await accountOwners.count(tx, { ...query, only: [] });
    assert.deepEqual(
      shares.toSorted((one, other) => Number(one.hasAddress) - Number(other.hasAddress)),
      [
        { language: null, hasAddress: false, count: 1 },
        { language: null, hasAddress: true, count: 1 },
      ],
    );
    // A token for the account opens what was told to its owner.
    assert.deepEqual(await referencesOf(tx, 'ana-shop'), ['ana-shop', ana?.id]);
    assert.deepEqual(await referencesOf(tx, 'nobody'), ['nobody']);
  });
});
