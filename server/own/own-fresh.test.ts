import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { sessionSchema } from '../access/contract.ts';
import { openSession } from '../access/open-session.ts';
import { openTestAccess, type TestPerson } from '../access/test-access.ts';
import { fixedClock } from '../platform/clock.ts';
import { registerOwnDataRoutes } from './routes.ts';

/** CF-21: taking one's data along and going ask nobody to enrol a second factor first. */
const clock = fixedClock('2026-11-20T12:00:00Z');
const server = await openTestAccess({
  clock,
  register: (http, _platform, access) => registerOwnDataRoutes(http, access),
});
const { call, cookieOf, organisationId } = server;
const admin = new pg.Client(server.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await server.close();
});

const MINUTE = 60_000;
const newEngineer = (more: { passwordHash?: null; totp?: true } = {}) =>
  server.addPerson({ organisationId, role: 'engineer', ...more });
const exportData = (cookie: string | undefined) => call('GET', '/v1/access/own/data', cookie);
const leave = (cookie: string | undefined, { email }: TestPerson) =>
  call('POST', '/v1/access/own/deletion', cookie, { email });
const show = (cookie: string | undefined, password: string) =>
  call('POST', '/v1/access/session/password', cookie, { password });
const stateOf = async (cookie: string | undefined) =>
  sessionSchema.parse((await call('GET', '/v1/access/session', cookie)).json());

test('whoever has no second factor shows the password, which counts for ten minutes', async () => {
  const person = await newEngineer();
  const cookie = await cookieOf(person);
  const signedIn = await stateOf(cookie);
  assert.deepEqual([signedIn.ownFreshBy, signedIn.ownFreshUntil], ['password', '2026-11-20T12:10:00.000Z']);
  assert.equal(signedIn.freshUntil, null);
  clock.advance(10 * MINUTE - 1);
  assert.equal((await exportData(cookie)).status, 200);
  clock.advance(1);
  for (const stale of [await exportData(cookie), await leave(cookie, person)])
    assert.deepEqual([stale.status, stale.json().code], [403, 'password-needed']);
  assert.equal((await stateOf(cookie)).ownFreshUntil, null);

  const shown = await show(cookie, person.password);
  assert.equal(shown.status, 200, shown.text);
  assert.equal(shown.json().ownFreshUntil, new Date(clock.now().getTime() + 10 * MINUTE).toISOString());
  assert.ok(shown.cookie !== undefined && shown.cookie !== cookie, 'the token changes');
  assert.equal((await exportData(cookie)).status, 401, 'the old token opens nothing');
  assert.equal((await exportData(shown.cookie)).status, 200);
  assert.equal((await leave(shown.cookie, person)).status, 204);
  assert.equal((await admin.query('select 1 from access.person where id = $1', [person.id])).rowCount, 0);
});

test('it counts for nothing else, and not for who has a second factor', async () => {
  const person = await newEngineer();
  const { cookie } = await show(await cookieOf(person), person.password);
  const email = await call('PUT', '/v1/access/own/email', cookie, { email: 'else@example.com' });
  assert.equal(email.json().code, 'second-factor-needed');

  const careful = await newEngineer({ totp: true });
  const shown = await show(await cookieOf(careful, { fresh: false }), careful.password);
  assert.equal(shown.status, 200, shown.text);
  assert.deepEqual([shown.json().ownFreshBy, shown.json().ownFreshUntil], ['second-factor', null]);
  for (const refused of [await exportData(shown.cookie), await leave(shown.cookie, careful)])
    assert.equal(refused.json().code, 'second-factor-needed');
  const code = server.codeOf(careful);
  const proved = await call('POST', '/v1/access/session/second-factor', shown.cookie, { code });
  assert.equal((await exportData(proved.cookie)).status, 200);
});

test('a wrong password is refused, recorded, and tried no more often than at the sign-in', async () => {
  const person = await newEngineer();
  const cookie = await cookieOf(person, { fresh: false });
  const wrong = await show(cookie, 'not the password');
  assert.deepEqual([wrong.status, wrong.json().code], [401, 'sign-in-refused']);
  assert.deepEqual(wrong.headers.getSetCookie(), [], 'the session goes on');
  const [refusal] = await server.entriesOf('access.sign-in-refused');
  assert.deepEqual(refusal?.body, { method: 'password', reason: 'sign-in-refused' });
  let attempts = 1;
  while ((await show(cookie, 'not the password')).status === 401 && attempts < 30) attempts += 1;
  assert.ok(attempts < 25, `${attempts} attempts`);
  assert.equal((await show(cookie, person.password)).json().code, 'too-many-attempts');
  assert.equal((await exportData(cookie)).json().code, 'password-needed');
  assert.equal((await call('POST', '/v1/access/session/password', server.keyOf(), { password: 'x' })).status, 403);
});

test('who has neither password nor second factor signs in anew', async () => {
  const person = await newEngineer({ passwordHash: null });
  const { token } = await openSession(server.access, { personId: person.id, methods: ['link'] });
  const cookie = `kept_session=${token}`;
  const { ownFreshBy, ownFreshUntil } = await stateOf(cookie);
  assert.deepEqual(
    [ownFreshBy, ownFreshUntil],
    ['sign-in', new Date(clock.now().getTime() + 10 * MINUTE).toISOString()],
  );
  assert.equal((await exportData(cookie)).status, 200);
  clock.advance(10 * MINUTE);
  assert.equal((await show(cookie, 'any password')).json().code, 'sign-in-refused');
  assert.equal((await exportData(cookie)).json().code, 'second-factor-needed');
});

test('a first second factor is enrolled by who showed the password of late, not by whoever has got hold of a session', async () => {
  const person = await newEngineer();
  const cookie = await cookieOf(person);
  clock.advance(11 * MINUTE);
  const stale = await call('POST', '/v1/access/own/totp', cookie);
  assert.deepEqual([stale.status, stale.json().code], [403, 'password-needed']);
  const shown = await show(cookie, person.password);
  assert.equal((await call('POST', '/v1/access/own/totp', shown.cookie)).status, 201);
});

test('whoever still owes the enrolment can show the password for it, too', async () => {
  const owner = await server.addPerson({ organisationId, role: 'owner', totp: false });
  const cookie = await cookieOf(owner, { fresh: false });
  assert.equal((await stateOf(cookie)).owes, 'second-factor-enrolment');
  clock.advance(11 * MINUTE);
  assert.equal((await call('POST', '/v1/access/own/totp', cookie)).json().code, 'password-needed');
  const shown = await show(cookie, owner.password);
  assert.equal(shown.json().owes, 'second-factor-enrolment');
  assert.equal((await call('POST', '/v1/access/own/totp', shown.cookie)).status, 201);
});

test('whoever was removed from their last organisation can still take their data along and go', async () => {
  const person = await newEngineer({ totp: true });
  await admin.query('delete from access.membership where person_id = $1', [person.id]);
  const cookie = await cookieOf(person);
  const state = await stateOf(cookie);
  assert.deepEqual([state.owes, state.permissions], ['organisation', ['access:begin', 'access:leave']]);
  assert.equal((await call('GET', '/v1/access/own/sessions', cookie)).status, 403);
  const exported = await exportData(cookie);
  assert.equal(exported.status, 200, exported.text);
  assert.match(exported.json().content, new RegExp(person.email));
  assert.equal((await call('GET', '/v1/access/own/deletion', cookie)).status, 200);
  assert.equal((await leave(cookie, person)).status, 204);
  assert.equal((await admin.query('select 1 from access.person where id = $1', [person.id])).rowCount, 0);
});
