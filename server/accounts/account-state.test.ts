import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accountAfter, type Happening, isNews, type Standing } from './account-state.ts';

const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const active: Standing = { state: 'active', cancelledAt: null, endedAt: null };
const cancelled: Standing = { state: 'cancelled', cancelledAt: day(3), endedAt: null };
const ended: Standing = { state: 'ended', cancelledAt: day(3), endedAt: day(9) };
const observe = (state: Standing['state'], cancelledAt: Date | null = null): Happening => ({
  kind: 'observe',
  state,
  cancelledAt,
  at: day(20),
});

const table: readonly [
  promise: string,
  before: Standing | null,
  happening: Happening,
  after: Standing | string,
  entry?: string,
][] = [
  [
    'an unknown account is cancelled by an event',
    null,
    { kind: 'cancel', at: day(5) },
    { ...cancelled, cancelledAt: day(5) },
    'accounts.cancelled',
  ],
  [
    'an active account is cancelled',
    active,
    { kind: 'cancel', at: day(5) },
    { ...cancelled, cancelledAt: day(5) },
    'accounts.cancelled',
  ],
  ['cancelling twice keeps the first instant', cancelled, { kind: 'cancel', at: day(5) }, cancelled],
  ['an ended account cannot be cancelled again', ended, { kind: 'cancel', at: day(5) }, ended],
  ['reactivation makes an unknown account known', null, { kind: 'reactivate' }, active],
  ['reactivating an active account changes nothing', active, { kind: 'reactivate' }, active],
  ['a cancelled account comes back', cancelled, { kind: 'reactivate' }, active, 'accounts.reactivated'],
  ['an ended account does not come back', ended, { kind: 'reactivate' }, 'account-ended'],
  ['an unknown account cannot end', null, { kind: 'end', at: day(9) }, 'account-not-found'],
  ['an active account cannot end', active, { kind: 'end', at: day(9) }, 'account-not-cancelled'],
  ['a cancelled account ends', cancelled, { kind: 'end', at: day(9) }, ended],
  ['ending twice keeps the first instant', ended, { kind: 'end', at: day(12) }, ended],
  ['a new account is seen', null, observe('active'), active],
  ['a new account is seen cancelled', null, observe('cancelled', day(3)), cancelled, 'accounts.cancelled'],
  [
    'a cancellation without an instant counts from now',
    null,
    observe('cancelled'),
    { ...cancelled, cancelledAt: day(20) },
    'accounts.cancelled',
  ],
  ['a new account is seen ended', null, observe('ended', day(3)), { ...ended, endedAt: day(20) }, 'accounts.cancelled'],
  ['an active account is still active', active, observe('active'), active],
  ['an active account is seen cancelled', active, observe('cancelled', day(3)), cancelled, 'accounts.cancelled'],
  ['a cancelled account is seen active', cancelled, observe('active'), active, 'accounts.reactivated'],
  [
    'grace runs from the later cancellation',
    cancelled,
    observe('cancelled', day(8)),
    { ...cancelled, cancelledAt: day(8) },
    'accounts.cancelled',
  ],
  ['an earlier cancellation does not shorten grace', cancelled, observe('cancelled', day(1)), cancelled],
  ['a cancelled account is seen ended', cancelled, observe('ended', day(1)), { ...ended, endedAt: day(20) }],
  ['an ended account is not cancelled again', ended, observe('cancelled', day(8)), ended],
  ['an ended account stays ended', ended, observe('ended', day(8)), ended],
  ['a customer who is active again has a contract', ended, observe('active'), active, 'accounts.reactivated'],
];

for (const [promise, before, happening, after, entry] of table)
  test(promise, () => {
    const outcome = accountAfter(before, happening);
    if (typeof after === 'string') assert.deepEqual(outcome, { refused: after });
    else assert.deepEqual(outcome, { standing: after, entry: entry ?? null });
  });

test('only a change of what the database says is news', () => {
  assert.equal(isNews({ state: 'active', cancelledAt: null }, { state: 'active', cancelledAt: null }), false);
  assert.equal(isNews({ state: 'active', cancelledAt: null }, { state: 'cancelled', cancelledAt: day(3) }), true);
  assert.equal(isNews({ state: 'cancelled', cancelledAt: day(3) }, { state: 'cancelled', cancelledAt: day(3) }), false);
  assert.equal(isNews({ state: 'cancelled', cancelledAt: day(3) }, { state: 'cancelled', cancelledAt: day(8) }), true);
  assert.equal(
    isNews(null, { state: 'active', cancelledAt: null }),
    false,
    'an event knows better than a first reading',
  );
});

const instant = fc.date({ min: day(1), max: day(28), noInvalidDate: true });
const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('cancel' as const), at: instant }),
  fc.record({ kind: fc.constant('reactivate' as const) }),
  fc.record({ kind: fc.constant('end' as const), at: instant }),
  fc.record({
    kind: fc.constant('observe' as const),
    state: fc.constantFrom('active' as const, 'cancelled' as const, 'ended' as const),
    cancelledAt: fc.option(instant),
    at: instant,
  }),
);

test('whatever happens, the instants fit the state, and no account ends without having been cancelled', () => {
  fc.assert(
    fc.property(fc.array(anyHappening, { maxLength: 12 }), (happenings) => {
      let standing: Standing | null = null;
      for (const happening of happenings) {
        const before: Standing | null = standing;
        const outcome = accountAfter(before, happening);
        if ('refused' in outcome) continue;
        standing = outcome.standing;
        assert.equal(standing.cancelledAt === null, standing.state === 'active');
        assert.equal(standing.endedAt === null, standing.state !== 'ended');
        assert.deepEqual(accountAfter(standing, happening), { standing, entry: null }, 'twice changes nothing');
      }
    }),
  );
});
