import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash as bcryptHash } from 'bcryptjs';
import { Failure } from '../platform/failure.ts';
import { bareCode, hashRecoveryCode, newRecoveryCodes, newTotpSecret, totpStep, totpUri } from './one-time-code.ts';
import { hashPassword, needsRehash, verifyPassword } from './password-hash.ts';
import { refuseWeakPassword } from './weak-password.ts';

test('a password is stored as argon2id with a salt of its own, and only it fits', async () => {
  const [one, other] = await Promise.all([hashPassword('a b c d e f'), hashPassword('a b c d e f')]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(one, other);
  assert.ok(await verifyPassword(one, 'a b c d e f'));
  assert.ok(!(await verifyPassword(one, 'a b c d e g')));
  assert.ok(!needsRehash(one));
  const composed = await hashPassword('señal única');
  assert.ok(await verifyPassword(composed, 'señal única'.normalize('NFD')), 'however the keyboard writes it');
});

test('an argon2id hash from elsewhere verifies, and is found too weak to stay', async () => {
  // From the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 24
  const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.ok(await verifyPassword(stored, 'password'));
  assert.ok(!(await verifyPassword(stored, 'passwort')));
  assert.ok(needsRehash(stored));
});

test('a bcrypt hash verifies in every dialect; nobody’s password fits nothing; another form is an error', async () => {
  const bcrypt = await bcryptHash('imported', 4);
  for (const dialect of ['$2a$', '$2b$', '$2y$'])
    assert.ok(await verifyPassword(bcrypt.replace(/^\$2.\$/, dialect), 'imported'));
  assert.ok(!(await verifyPassword(bcrypt, 'imporTed')));
  assert.ok(needsRehash(bcrypt));
  assert.equal(await verifyPassword(null, ''), false);
  await assert.rejects(verifyPassword('{SHA}xyz', 'x'), /form that Kept does not know/);
});

test('codes are those of RFC 6238, with half a minute of leeway', () => {
  // The test key of its appendix B, whose codes have eight digits there.
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  for (const [seconds, code] of [
    [59, '287082'],
    [1111111109, '081804'],
    [1234567890, '005924'],
    [20000000000, '353130'],
  ] as const) {
    const step = Math.floor(seconds / 30);
    const at = (later: number) => new Date((seconds + later) * 1000);
    assert.equal(totpStep(secret, code, at(0)), step);
    assert.equal(totpStep(secret, code, at(30)), step);
    assert.equal(totpStep(secret, code, at(-30)), step);
    assert.equal(totpStep(secret, code, at(90)), undefined);
    if (seconds > 90) assert.equal(totpStep(secret, code, at(-90)), undefined);
  }
  for (const bad of ['', '28708', '2870820', '28708a', ' 287082'])
    assert.equal(totpStep(secret, bad, new Date(59_000)), undefined);
});

test('secrets are random and fit authenticator apps', () => {
  const secret = newTotpSecret();
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.notEqual(newTotpSecret(), secret);
  const uri = new URL(totpUri(secret, 'a+b@example.com'));
  assert.equal(uri.searchParams.get('secret'), secret);
  assert.equal(decodeURIComponent(uri.pathname).replace(/^\/+(totp\/)?/, ''), 'Kept:a+b@example.com');
});

test('recovery codes are read as people write them', () => {
  const codes = newRecoveryCodes();
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
  const hash = hashRecoveryCode('p', '01AB-CDEF-GHJK-MNPQ');
  for (const written of ['01abcdefghjkmnpq', 'O1AB CDEF GHJK MNPQ', 'oIab-cdef-ghjk-mnpq', 'olab cdef ghjkmnpq'])
    assert.deepEqual(hashRecoveryCode('p', written), hash, written);
  assert.notDeepEqual(hashRecoveryCode('q', '01AB-CDEF-GHJK-MNPQ'), hash, 'another person’s is another');
  assert.equal(bareCode('123 456'), '123456');
});

test('weak passwords are told from others', () => {
  const about = ['joão.silva@example.com', 'Maré Alta'];
  const isWeak = (password: string) => {
    try {
      refuseWeakPassword(password, about);
      return false;
    } catch (error) {
      assert.ok(error instanceof Failure && error.code === 'password-too-weak');
      return true;
    }
  };
  for (const weak of [
    'Password-1234',
    'QWERTYUIOP123',
    'abababababab',
    'JOAO.SILVA 1234',
    'eu sou joaosilva',
    'marealta 2026 x',
  ])
    assert.ok(isWeak(weak), weak);
  for (const strong of ['a kettle on the sill', 'vento norte 1987 azul', 'xK9#mQ2$vL5n'])
    assert.ok(!isWeak(strong), strong);
});
