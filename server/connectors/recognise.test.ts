import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { holdsForbidden, isHash } from './recognise.ts';

test('card numbers are found however they are written, and nothing else is taken for one', () => {
  // Test numbers of the card schemes; none was ever issued.
  for (const text of [
    '4111111111111111',
    'x 4111 1111 1111 1111 y',
    '5555-5555-5555-4444',
    '378282246310005',
    '3782 822463 10005',
    '2223003122003222',
  ])
    assert.ok(holdsForbidden(text, ['payment-card']), text);
  for (const text of [
    '4111111111111112',
    '2026-11-20T12:00:00.000Z',
    '1763640000000',
    '019a0000-0000-7000-8000-000000000001',
    '4111111111111111a',
    'R-2026-0042',
    '+55 11 91234-5678',
    'GET /v1/policy/promises/:promise',
  ])
    assert.ok(!holdsForbidden(text, ['payment-card']), text);
});

test('secrets in clear are found by how they announce themselves', () => {
  for (const text of [
    'Authorization: Bearer abcdefghijklmnop1234',
    'password: hunter2hunter2',
    '-----BEGIN EC PRIVATE KEY-----',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x',
    'ghp_abcdefghijklmnopqrstuv',
  ])
    assert.ok(holdsForbidden(text, ['secret-in-clear']), text);
  for (const text of ['Firefox on Linux', 'Your password was changed', 'GET /v1/access/own/password', 'Ana Sintética'])
    assert.ok(!holdsForbidden(text, ['secret-in-clear']), text);
});

test('a hash is one of the accepted kinds, and a token in clear is none', () => {
  const argon = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$5vjQpUoXJAgjkJ0m9X0vFDYX4dLDL5xhZ4gkMuJMPr0';
  assert.ok(isHash(argon, ['argon2id']));
  assert.ok(!isHash(argon, ['bcrypt']));
  assert.ok(isHash(`$2b$12$${'a'.repeat(53)}`, ['argon2id', 'bcrypt']));
  assert.ok(!isHash(`$2b$06$${'a'.repeat(53)}`, ['bcrypt']), 'a cost that is guessed fast');
  const digest = createHash('sha256').update('token').digest();
  assert.ok(isHash(digest, ['sha-256']));
  assert.ok(isHash(digest.toString('hex'), ['sha-256']));
  assert.ok(!isHash(Buffer.from('q2cVd8r0yB9nG5mW1xL7tZ4pK6sJ3hFa'), ['sha-256']), '32 readable octets');
  assert.ok(!isHash('hunter2', ['argon2id', 'bcrypt', 'sha-256']));
});
