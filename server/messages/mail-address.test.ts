import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailAddress } from './mail-address.ts';

const good = [
  'ana@example.org',
  'ana.souza+kept@mail.example.org',
  'a@localhost',
  "o'hara@example.org",
  'joão@exemplo.com.br',
  'ana@münchen.example',
  'ana@xn--mnchen-3ya.example',
];
const bad = [
  '',
  'ana',
  '@example.org',
  'ana@',
  'ana@@example.org',
  'ana@example.org, eve@example.org',
  'ana@example.org\r\nBcc: eve@example.org',
  'ana@example.org\nBcc: eve@example.org',
  'ana@example.org\u2028Bcc: eve@example.org',
  'ana@example.org\u0000',
  'Ana <ana@example.org>',
  'ana@example.org>',
  '"ana"@example.org',
  'ana @example.org',
  '.ana@example.org',
  'ana.@example.org',
  'a..na@example.org',
  'ana@-example.org',
  'ana@example..org',
  'ana@[127.0.0.1]',
  'ana;eve@example.org',
  '\u202eana@example.org',
  '\ud800@example.org',
  `${'a'.repeat(65)}@example.org`,
  `ana@${'a'.repeat(64)}.example`,
  `ana@${'abcdefgh.'.repeat(30)}org`,
];

for (const address of good) test(`mail can be sent to ${address}`, () => assert.equal(isMailAddress(address), true));
for (const address of bad)
  test(`mail cannot be sent to ${JSON.stringify(address).slice(0, 60)}`, () =>
    assert.equal(isMailAddress(address), false));
