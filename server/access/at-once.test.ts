import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import { deleteTotp } from './factor-store.ts';
import { settleRemovedFactor } from './last-factor.ts';
import { hashPassword } from './password-hash.ts';
import { updatePassword } from './person-store.ts';
import { deleteSessionsOf } from './session-store.ts';
import { openTestAccess, testPassword } from './test-access.ts';

/** What one request does while another is about to commit. */
const clock = fixedClock('2026-11-20T12:00:00Z');
const kept = await openTestAccess({ clock });
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
});
const { db } = kept.platform;

/** Until a request has its answer, or waits for the transaction that is under way. */
async function asFarAsItGets(request: Promise<unknown>): Promise<void> {
  let isAnswered = false;
  void request.then(() => {
    isAnswered = true;
  });
  const started = performance.now();
  while (!isAnswered) {
    const { rows } = await admin.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows.length > 0) return;
    assert.ok(performance.now() - started < 10_000, 'the request neither ends nor waits');
    await sleep(20);
  }
}

test('who knows the password from before does not slip in while it is changed', async () => {
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent' });
  clock.advance(60_000);
  const hash = await hashPassword('an umbrella without rain');
  const request = await db.globalTransaction(async (tx) => {
    await updatePassword(tx, person.id, hash);
    await deleteSessionsOf(tx, person.id);
    const body = { email: person.email, password: testPassword };
    const signIn = kept.call('POST', '/v1/access/sign-in', {}, body);
    await asFarAsItGets(signIn);
    return { signIn };
  });
  const answer = await request.signIn;
  assert.deepEqual([answer.status, answer.json().code, answer.cookie], [401, 'sign-in-refused', undefined]);
  const { rows } = await admin.query('select 1 from access.session where person_id = $1', [person.id]);
  assert.equal(rows.length, 0);
});

test('of two second factors that are removed at once, the last one stays', async () => {
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'owner' });
  await admin.query(
    `insert into access.passkey (credential_id, person_id, public_key, counter, transports, name, backed_up, created_at)
     values ('\\x0102', $1, '\\x00', 0, '{}', 'Key', false, now())`,
    [person.id],
  );
  const cookie = await kept.cookieOf(person);
  const passkey = Buffer.from([1, 2]).toString('base64url');
  const request = await db.globalTransaction(async (tx) => {
    assert.ok(await deleteTotp(tx, person.id));
    await settleRemovedFactor(tx, person.id, true);
    const removal = kept.call('DELETE', `/v1/access/own/passkeys/${passkey}`, cookie);
    await asFarAsItGets(removal);
    return { removal };
  });
  const answer = await request.removal;
  assert.deepEqual([answer.status, answer.json().code], [409, 'last-factor']);
});
