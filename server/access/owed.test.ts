import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Method, methodSchema, roleSchema } from './contract.ts';
import { owedBy, type Shown } from './owed.ts';
import { privilegedRoles } from './permissions.ts';
import { limitsFrom, mayEnter } from './session.ts';

const complete: Shown = {
  methods: ['password'],
  isThroughProvider: false,
  hasFactor: false,
  isEmailVerified: true,
  role: 'agent',
  demandsSecondFactor: false,
  demandsSingleSignOn: false,
};

test('what is owed comes in order: who it is, whether mail reaches them, where, and what is asked there', () => {
  const nothing: Shown = { ...complete, hasFactor: true, isEmailVerified: false, role: null };
  assert.equal(owedBy(nothing), 'second-factor');
  assert.equal(owedBy({ ...nothing, methods: ['password', 'totp'] }), 'email-verification');
  assert.equal(owedBy({ ...nothing, methods: ['passkey'], isEmailVerified: true }), 'organisation');
  assert.equal(owedBy({ ...complete, role: 'owner' }), 'second-factor-enrolment');
  assert.equal(owedBy({ ...complete, demandsSecondFactor: true }), 'second-factor-enrolment');
  assert.equal(owedBy(complete), null);
});

test('a passkey is both factors at once; a password, a link and a provider are one', () => {
  const owing = (method: Method) => owedBy({ ...complete, role: 'owner', hasFactor: true, methods: [method] });
  assert.equal(owing('passkey'), null);
  for (const method of ['password', 'link', 'provider'] as const) assert.equal(owing(method), 'second-factor', method);
});

test('the provider answers for the factors only where the organisation demands it, and never for who decides', () => {
  const through: Shown = {
    ...complete,
    role: 'engineer',
    hasFactor: true,
    methods: ['provider'],
    isThroughProvider: true,
  };
  assert.equal(owedBy(through), 'second-factor');
  assert.equal(owedBy({ ...through, demandsSingleSignOn: true }), null);
  assert.equal(owedBy({ ...through, demandsSingleSignOn: true, isThroughProvider: false }), 'second-factor');
  for (const role of privilegedRoles) {
    assert.equal(owedBy({ ...through, demandsSingleSignOn: true, role }), 'second-factor', role);
    const bare = { ...through, demandsSingleSignOn: true, role, hasFactor: false };
    assert.equal(owedBy(bare), 'second-factor-enrolment', role);
  }
});

const shown: fc.Arbitrary<Shown> = fc.record({
  methods: fc.uniqueArray(fc.constantFrom(...methodSchema.options)),
  isThroughProvider: fc.boolean(),
  hasFactor: fc.boolean(),
  isEmailVerified: fc.boolean(),
  role: fc.option(fc.constantFrom(...roleSchema.options)),
  demandsSecondFactor: fc.boolean(),
  demandsSingleSignOn: fc.boolean(),
});

test('however somebody came in, nothing opens without a verified address, an organisation, and a privileged role’s factor', () => {
  fc.assert(
    fc.property(shown, (given) => {
      if (owedBy(given) !== null) return;
      assert.ok(given.isEmailVerified && given.role !== null);
      const isPrivileged = privilegedRoles.includes(given.role);
      const isVouchedFor = given.isThroughProvider && given.demandsSingleSignOn && !isPrivileged;
      const hasShown = given.methods.some((method) => ['totp', 'recovery-code', 'passkey'].includes(method));
      if (given.hasFactor) assert.ok(hasShown || isVouchedFor);
      if (isPrivileged || given.demandsSecondFactor) assert.ok(given.hasFactor || isVouchedFor);
    }),
    { numRuns: 2_000 },
  );
});

test('to show more never makes owe more', () => {
  fc.assert(
    fc.property(shown, fc.constantFrom(...methodSchema.options), (given, method) => {
      if (owedBy(given) === null) assert.equal(owedBy({ ...given, methods: [...given.methods, method] }), null);
    }),
    { numRuns: 2_000 },
  );
});

test('the provider of one organisation does not speak for another, and where it is demanded nothing else does', () => {
  const open = { demandsSingleSignOn: false, isBreakGlass: false };
  const strict = { demandsSingleSignOn: true, isBreakGlass: false };
  const password = { isThroughProvider: false, isOfProvider: false, hasOwnMethod: true };
  const own = { isThroughProvider: true, isOfProvider: true, hasOwnMethod: false };
  const foreign = { isThroughProvider: true, isOfProvider: false, hasOwnMethod: false };
  assert.deepEqual([mayEnter(password, open), mayEnter(password, strict)], [true, false]);
  assert.deepEqual([mayEnter(own, open), mayEnter(own, strict)], [true, true]);
  assert.deepEqual([mayEnter(foreign, open), mayEnter(foreign, strict)], [false, false]);
  assert.ok(mayEnter(password, { ...strict, isBreakGlass: true }));
  assert.ok(!mayEnter(foreign, { ...strict, isBreakGlass: true }));
});

test('the idle limit moves on with use, but never past the absolute one', () => {
  const start = new Date('2026-11-20T12:00:00Z');
  const limits = { idleMinutes: 60, sessionHours: 2 };
  const at = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
  assert.deepEqual(limitsFrom(start, start, limits), { idleAt: at(60), expiresAt: at(120) });
  assert.deepEqual(limitsFrom(start, at(90), limits), { idleAt: at(120), expiresAt: at(120) });
  assert.deepEqual(limitsFrom(start, start, null), { idleAt: at(60), expiresAt: at(720) });
});
