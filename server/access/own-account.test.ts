import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { generateSync } from 'otplib';
import { fixedClock } from '../platform/clock.ts';
import { openTestAccess, type TestPerson, testPassword } from './test-access.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const kept = await openTestAccess({ clock });
after(() => kept.close());

const MINUTE = 60_000;
const newPassword = 'a kettle on the windowsill';

function newMember(role: 'owner' | 'agent' = 'owner') {
  return kept.addPerson({ organisationId: kept.organisationId, role });
}

function signIn({ email }: TestPerson, password: string) {
  return kept.call('POST', '/v1/access/sign-in', {}, { email, password });
}

test('a person sees their own account and changes name and language', async () => {
  const person = await newMember();
  const cookie = await kept.cookieOf(person);
  const account = (await kept.call('GET', '/v1/access/own', cookie)).json();
  assert.deepEqual([account.id, account.email, account.hasPassword], [person.id, person.email, true]);
  assert.equal(account.totpSince, clock.now().toISOString());
  const changed = await kept.call('PUT', '/v1/access/own', cookie, { name: 'Another name', language: 'es' });
  assert.deepEqual([changed.json().name, changed.json().language], ['Another name', 'es']);
  const session = (await kept.call('GET', '/v1/access/session', cookie)).json();
  assert.deepEqual([session.person.name, session.language], ['Another name', 'es']);
  await kept.call('PUT', '/v1/access/own', cookie, { name: 'Another name', language: 'en' });
  await kept.call('PUT', '/v1/access/own', cookie, { name: 'Another name', language: 'en' });
  const entries = (await kept.entriesOf('access.account-changed')).filter(({ actor }) => actor.id === person.id);
  assert.deepEqual(
    entries.map(({ body }) => body),
    [
      { person: person.id, fields: ['name', 'language'] },
      { person: person.id, fields: ['language'] },
    ],
    'what was changed, not to what, and nothing where nothing was',
  );
});

test('a key has no account', async () => {
  const answer = await kept.call('GET', '/v1/access/own', kept.keyOf());
  assert.deepEqual([answer.status, answer.json().code], [403, 'not-permitted']);
});

test('a changed password ends every other session at once, and the old one no longer signs in', async () => {
  const person = await newMember();
  const [here, elsewhere] = [await kept.cookieOf(person), await kept.cookieOf(person)];
  const change = (current: string | undefined, password: string) =>
    kept.call('PUT', '/v1/access/own/password', here, { ...(current !== undefined && { current }), password });
  assert.equal((await change('wrong password', newPassword)).status, 401);
  assert.equal((await change(undefined, newPassword)).status, 401);
  assert.equal((await kept.call('GET', '/v1/access/session', elsewhere)).status, 200);
  const changed = await change(testPassword, newPassword);
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await kept.call('GET', '/v1/access/session', elsewhere)).status, 401);
  assert.equal((await kept.call('GET', '/v1/access/session', here)).status, 401, 'this one has another token');
  assert.equal((await kept.call('GET', '/v1/access/session', changed.cookie)).status, 200);
  assert.equal((await signIn(person, testPassword)).status, 401);
  assert.equal((await signIn(person, newPassword)).status, 200);
  const [entry] = (await kept.entriesOf('access.password-changed')).filter(({ body }) => body['person'] === person.id);
  assert.deepEqual(entry?.body, { person: person.id, how: 'changed' });
  const ended = (await kept.entriesOf('access.sessions-ended')).filter(({ body }) => body['person'] === person.id);
  assert.deepEqual(
    ended.map(({ body }) => [body['sessions'], body['reason']]),
    [[1, 'password-changed']],
  );
});

test('passwords that are short, common, or hold the address or the organisation are refused', async () => {
  const person = await kept.addPerson({
    organisationId: kept.organisationId,
    role: 'owner',
    email: 'marguerite@example.com',
  });
  const cookie = await kept.cookieOf(person);
  const change = async (password: string) => {
    const body = { current: testPassword, password };
    const answer = await kept.call('PUT', '/v1/access/own/password', cookie, body);
    return answer.json().code;
  };
  assert.equal(await change('short'), 'invalid-input');
  for (const weak of ['Password1234', 'qwertyuiop123', 'aaaaaaaaaaaaaaaa', 'i am MARGUERITE now', `x ${kept.slug} x`])
    assert.equal(await change(weak), 'password-too-weak', weak);
  assert.equal((await signIn(person, testPassword)).status, 200);
});

test('whoever sits at an open browser cannot guess the password, nor act without the second factor', async () => {
  const person = await newMember();
  const stale = await kept.cookieOf(person, { fresh: false });
  const body = { current: testPassword, password: newPassword };
  assert.equal((await kept.call('PUT', '/v1/access/own/password', stale, body)).json().code, 'second-factor-needed');
  const cookie = await kept.cookieOf(person);
  let last = 0;
  for (let tries = 0; tries < 30 && last !== 429; tries += 1) {
    const guess = { current: `guess number ${tries}`, password: newPassword };
    last = (await kept.call('PUT', '/v1/access/own/password', cookie, guess)).status;
  }
  assert.equal(last, 429);
  const rightful = await kept.call('PUT', '/v1/access/own/password', cookie, body);
  assert.equal(rightful.status, 429);
  assert.match(rightful.headers.get('retry-after') ?? '', /^\d+$/);
});

test('a new authenticator counts from its first code; until then the one before does', async () => {
  const person = await newMember();
  const cookie = await kept.cookieOf(person);
  const { secret } = (await kept.call('POST', '/v1/access/own/totp', cookie)).json();
  const show = (code: string, as = cookie) => kept.call('POST', '/v1/access/session/second-factor', as, { code });
  const old = await show(kept.codeOf(person, -1));
  assert.equal(old.status, 200);
  const code = generateSync({ secret, epoch: clock.now().getTime() / 1000 });
  const confirmed = await kept.call('POST', '/v1/access/own/totp/confirmation', old.cookie, { code });
  assert.equal(confirmed.status, 200, confirmed.text);
  assert.deepEqual(confirmed.json().recoveryCodes, [], 'there was a second factor before, so its codes stay');
  clock.advance(MINUTE);
  assert.equal((await show(kept.codeOf(person), confirmed.cookie)).status, 401);
  const next = generateSync({ secret, epoch: clock.now().getTime() / 1000 });
  assert.equal((await show(next, confirmed.cookie)).status, 200);
});

test('a confirmation without an enrolment is refused', async () => {
  const cookie = await kept.cookieOf('agent');
  const answer = await kept.call('POST', '/v1/access/own/totp/confirmation', cookie, { code: '123456' });
  assert.equal(answer.json().code, 'factor-not-found');
});

test('the last second factor of a privileged role stays; anybody else may remove theirs, and the codes go with it', async () => {
  const owner = await newMember();
  const kept409 = await kept.call('DELETE', '/v1/access/own/totp', await kept.cookieOf(owner));
  assert.equal(kept409.json().code, 'last-factor');
  const agent = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent', totp: true });
  const cookie = await kept.cookieOf(agent);
  await kept.call('POST', '/v1/access/own/recovery-codes', cookie);
  assert.equal((await kept.call('GET', '/v1/access/own', cookie)).json().recoveryCodesLeft, 10);
  assert.equal((await kept.call('DELETE', '/v1/access/own/totp', cookie)).status, 204);
  const account = (await kept.call('GET', '/v1/access/own', cookie)).json();
  assert.deepEqual([account.totpSince, account.recoveryCodesLeft], [null, 0]);
  assert.equal((await signIn(agent, testPassword)).json().owes, null);
});

test('a person sees where they are signed in and ends that at once, one or all others', async () => {
  const person = await newMember();
  const other = await kept.cookieOf('agent');
  const signed = await kept.call(
    'POST',
    '/v1/access/sign-in',
    { 'user-agent': firefox },
    {
      email: person.email,
      password: person.password,
    },
  );
  const [here, third] = [await kept.cookieOf(person), await kept.cookieOf(person)];
  const list = async () => (await kept.call('GET', '/v1/access/own/sessions', here)).json().items;
  const items: { id: string; device: string; isThis: boolean; address: string | null }[] = await list();
  assert.equal(items.length, 3);
  assert.equal(items.filter(({ isThis }) => isThis).length, 1);
  const inFirefox = items.find(({ device }) => device === 'Firefox on Linux');
  assert.equal(inFirefox?.address, '127.0.0.1');
  assert.equal((await kept.call('DELETE', `/v1/access/own/sessions/${inFirefox?.id}`, other)).status, 404);
  assert.equal((await kept.call('DELETE', `/v1/access/own/sessions/${inFirefox?.id}`, here)).status, 204);
  assert.equal((await kept.call('GET', '/v1/access/session', signed.cookie)).status, 401);
  const ended = await kept.call('DELETE', '/v1/access/own/sessions', here);
  assert.deepEqual(ended.json(), { ended: 1 });
  assert.equal((await kept.call('GET', '/v1/access/session', third)).status, 401);
  assert.deepEqual((await list()).length, 1);
  assert.equal((await kept.call('GET', '/v1/access/session', other)).status, 200, 'others stay signed in');
});

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
