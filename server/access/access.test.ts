import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { generateSync } from 'otplib';
import { fixedClock } from '../platform/clock.ts';
import { sessionSchema } from './contract.ts';
import { openTestAccess } from './test-access.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const kept = await openTestAccess({ clock });
after(() => kept.close());

test('the operator makes an owner, who signs in with password and authenticator', async () => {
  const email = 'ana@example.com';
  const made = await kept.call('POST', '/v1/access/owners', kept.keyOf(), {
    organisation: kept.slug,
    name: 'Ana',
    email,
    password: 'um barco de papel azul',
    language: 'pt-BR',
  });
  assert.equal(made.status, 201, made.text);
  const { totp } = made.json();
  const half = await kept.call('POST', '/v1/access/sign-in', {}, { email, password: 'um barco de papel azul' });
  assert.equal(half.status, 200, half.text);
  assert.equal(half.json().owes, 'second-factor');
  assert.deepEqual(half.json().permissions, ['access:begin']);
  assert.equal((await kept.call('GET', '/v1/access/organisations', half.cookie)).status, 403);
  const code = generateSync({ secret: totp.secret, epoch: clock.now().getTime() / 1000 });
  const whole = await kept.call('POST', '/v1/access/session/second-factor', half.cookie, { code });
  assert.equal(whole.status, 200, whole.text);
  const session = sessionSchema.parse(whole.json());
  assert.equal(session.owes, null);
  assert.equal(session.organisation?.slug, kept.slug);
  assert.equal((await kept.call('GET', '/v1/access/session', half.cookie)).status, 401, 'the token changed');
  assert.equal((await kept.call('GET', '/v1/access/organisations', whole.cookie)).status, 200);
});

test('each role gets what the table gives it', async () => {
  for (const role of ['owner', 'admin', 'dpo', 'engineer', 'agent', 'auditor'] as const) {
    const answer = await kept.call('GET', '/v1/access/session', role);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json().role, role);
    assert.equal(answer.json().owes, null);
  }
});
