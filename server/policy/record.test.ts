import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPolicy } from './check-policy.ts';
import { ruleOf, rulesOf } from './parse-policy.ts';
import { policyJsonSchema } from './schema-document.ts';

const frame = (promise: string) => `kept: 1
organisation: { name: Foz, country: BR, time-zone: UTC, regimes: [lgpd], languages: [en], contact: dpo@foz.example }
subjects:
  person: { en: people }
data:
  account: { of: person, role: controller, holds: [identification] }
purposes:
  service: { basis: { lgpd: 7-V }, data: account }
promises:
  it:
    ${promise}
    says: { en: We promise it. }
`;

const check = (promise: string) => {
  const { document, findings } = checkPolicy(frame(promise), '2026-11-21');
  const codes = findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code);
  const written = document?.promises['it'];
  return { codes, findings, rule: written === undefined ? undefined : ruleOf(written) };
};

test('what is recorded, and what never is, is a rule of its own', () => {
  const { rule } = check('record: { data: account, facts: [name, email], never: [payment-card] }');
  assert.deepEqual(rule, {
    verb: 'record',
    data: ['account'],
    facts: ['name', 'email'],
    never: ['payment-card'],
    each: null,
    within: 'P1D',
  });
});

test('a record of nothing is refused, and so is what nobody can recognise', () => {
  assert.ok(check('record: { data: account }').codes.includes('record-of-nothing'));
  const { findings } = check('record: { data: account, never: [payment-cards] }');
  assert.match(findings[0]?.remedy.en ?? '', /payment-card/);
  assert.ok(check('record: { data: acount, facts: [name] }').codes.includes('unknown-reference'));
});

test('measures of the server name no data, those of data do', () => {
  for (const measure of [
    'second-factor',
    'least-privilege',
    'sign-in-limits',
    'encrypted-in-transit',
    'session-cookies',
    'sealed-secrets',
    'dpo-channel',
    'signed-webhooks',
  ])
    assert.ok(!check(`protect: { measure: ${measure} }`).codes.includes('measure-without-data'), measure);
  assert.ok(check('protect: { measure: hashed-secrets }').codes.includes('measure-without-data'));
});

test('an account that goes when its person deletes it has its period', () => {
  const erased = 'erase: { data: account, on: account-deleted, within: PT1M }';
  assert.deepEqual(check(erased).codes, []);
  assert.ok(check(erased.replace('account-deleted', 'deleted-elsewhere')).codes.includes('data-without-rule'));
});

test('editors are told of it', () => {
  const schema = JSON.stringify(policyJsonSchema());
  for (const word of ['payment-card', 'hashed-secrets', 'account-deleted', 'Facts that every record has'])
    assert.ok(schema.includes(word), word);
  const { document } = checkPolicy(frame('record: { data: account, facts: [name] }'), '2026-11-21');
  assert.equal(document === undefined ? 0 : rulesOf(document).length, 1);
});
