import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixedClock } from '../platform/clock.ts';
import { openTestAccess, type TestAccess } from './test-access.ts';
import { type Challenge, type How, openAuthenticator, type TestAuthenticator } from './test-authenticator.ts';

// Passkeys are bound to a name, so the server is called by its name here.
const clock = fixedClock(new Date());
let server: TestAccess;
let origin: string;

before(async () => {
  server = await openTestAccess({ clock });
  origin = server.address.replace('127.0.0.1', 'localhost');
});
after(() => server.close());

/** A page of the console in one browser: it keeps the cookies of session and challenge. */
function openPage(cookie?: string) {
  const cookies = new Map<string, string>();
  if (cookie !== undefined) keep(cookies, cookie);
  return {
    cookies,
    async call(method: string, path: string, body?: unknown) {
      const sent = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(`${origin}${path}`, {
        method,
        headers: {
          'sec-fetch-site': 'same-origin',
          ...(sent !== '' && { cookie: sent }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      for (const line of answer.headers.getSetCookie()) keep(cookies, line.split(';')[0] ?? '');
      const text = await answer.text();
      return { status: answer.status, text, json: () => JSON.parse(text) };
    },
  };
}
type Page = ReturnType<typeof openPage>;

function keep(cookies: Map<string, string>, pair: string): void {
  const name = pair.slice(0, pair.indexOf('='));
  const value = pair.slice(pair.indexOf('=') + 1);
  if (value === '') cookies.delete(name);
  else cookies.set(name, value);
}

async function register(page: Page, authenticator: TestAuthenticator, how: Partial<How> = {}) {
  const asked = await page.call('POST', '/v1/access/own/passkeys/challenges');
  assert.equal(asked.status, 201, asked.text);
  const response = authenticator.create(asked.json(), { origin, ...how });
  return page.call('POST', '/v1/access/own/passkeys', { name: 'Notebook', response });
}

async function show(page: Page, authenticator: TestAuthenticator, how: Partial<How> = {}) {
  const asked = await page.call('POST', '/v1/access/passkeys/challenges');
  assert.equal(asked.status, 200, asked.text);
  authenticator.counter += 1;
  const response = authenticator.get(asked.json(), { origin, ...how });
  return page.call('POST', '/v1/access/passkeys/sign-in', { response });
}

/** Somebody with a passkey. */
async function withPasskey(options: Parameters<TestAccess['addPerson']>[0] = {}) {
  const person = await server.addPerson({
    organisationId: server.organisationId,
    role: 'engineer',
    totp: false,
    ...options,
  });
  const authenticator = openAuthenticator();
  const page = openPage(await server.cookieOf(person));
  const made = await register(page, authenticator);
  assert.equal(made.status, 201, made.text);
  return { person, authenticator, page, recoveryCodes: made.json().recoveryCodes };
}

async function signedIn(page: Page): Promise<string | null> {
  const answer = await page.call('GET', '/v1/access/session');
  return answer.status === 200 ? answer.json().person.id : null;
}

test('a passkey is registered with recovery codes, and signs in by itself as both factors', async () => {
  const { person, authenticator, page, recoveryCodes } = await withPasskey();
  assert.ok(recoveryCodes.length >= 8);
  assert.equal((await page.call('GET', '/v1/access/session')).json().freshUntil !== null, true);
  const other = openPage();
  const answer = await show(other, authenticator);
  assert.equal(answer.status, 200, answer.text);
  const session = answer.json();
  assert.deepEqual([session.owes, session.person.id, session.factors], [null, person.id, ['passkey', 'recovery-code']]);
  assert.ok(session.freshUntil !== null, 'who was asked for by the device is fresh');
  const own = (await other.call('GET', '/v1/access/own')).json();
  assert.deepEqual(
    own.passkeys.map(({ id, name }: { id: string; name: string }) => [id, name]),
    [[authenticator.id, 'Notebook']],
  );
  assert.ok(own.passkeys[0].lastUsedAt !== null);
});

test('a passkey completes a sign-in with password, and makes a session fresh again', async () => {
  const { person, authenticator } = await withPasskey();
  const page = openPage();
  await page.call('POST', '/v1/access/sign-in', { email: person.email, password: person.password });
  assert.equal((await page.call('GET', '/v1/access/session')).json().owes, 'second-factor');
  const before = page.cookies.get('kept_session');
  const completed = await show(page, authenticator);
  assert.equal(completed.json().owes, null, completed.text);
  assert.notEqual(page.cookies.get('kept_session'), before, 'the token changes with what was shown');
  clock.advance(11 * 60_000);
  assert.equal((await page.call('GET', '/v1/access/session')).json().freshUntil, null);
  assert.ok((await show(page, authenticator)).json().freshUntil !== null);
});

test('whoever knows the password only cannot give themselves a passkey', async () => {
  const { person } = await withPasskey();
  const page = openPage();
  await page.call('POST', '/v1/access/sign-in', { email: person.email, password: person.password });
  assert.equal((await page.call('POST', '/v1/access/own/passkeys/challenges')).json().code, 'not-permitted');
  // Nor in a session that was left open: the factor has to be shown anew.
  const stale = openPage(await server.cookieOf('owner', { fresh: false }));
  assert.equal((await stale.call('POST', '/v1/access/own/passkeys/challenges')).json().code, 'second-factor-needed');
});

test('an answer from another site, for another name, without the person or by another key is refused', async () => {
  const { authenticator } = await withPasskey();
  const lies: Record<string, Partial<How>> = {
    'another origin': { origin: 'https://kept.evil.example' },
    'another port': { origin: 'http://localhost:1' },
    'another relying party': { rpId: 'evil.example' },
    'nobody asked for': { isUserVerified: false },
    'a forged signature': { isForged: true },
    'another challenge': { challenge: Buffer.from('another').toString('base64url') },
    'the answer of a registration': { type: 'webauthn.create' },
    'another owner': { userHandle: Buffer.from(server.people.owner.id).toString('base64url') },
  };
  for (const [name, how] of Object.entries(lies)) {
    const page = openPage();
    const answer = await show(page, authenticator, how);
    assert.equal(answer.json().code, 'sign-in-refused', name);
    assert.equal(await signedIn(page), null, name);
  }
  assert.equal((await show(openPage(), authenticator)).status, 200);
});

test('a registration that lies is refused likewise', async () => {
  const person = await server.addPerson({ organisationId: server.organisationId, role: 'agent', totp: false });
  const lies: Partial<How>[] = [
    { origin: 'https://kept.evil.example' },
    { rpId: 'evil.example' },
    { isUserVerified: false },
    { challenge: Buffer.from('another').toString('base64url') },
    { type: 'webauthn.get' },
  ];
  for (const how of lies) {
    const answer = await register(openPage(await server.cookieOf(person)), openAuthenticator(), how);
    assert.equal(answer.json().code, 'code-refused', JSON.stringify(how));
  }
});

test('a challenge is answered once, in time, and by the browser that was asked', async () => {
  const { authenticator } = await withPasskey();
  const page = openPage();
  const asked: Challenge = (await page.call('POST', '/v1/access/passkeys/challenges')).json();
  const cookies = new Map(page.cookies);
  authenticator.counter += 1;
  const response = authenticator.get(asked, { origin });
  const elsewhere = await openPage().call('POST', '/v1/access/passkeys/sign-in', { response });
  assert.equal(elsewhere.json().code, 'sign-in-refused');
  assert.equal((await page.call('POST', '/v1/access/passkeys/sign-in', { response })).status, 200);
  const again = openPage();
  for (const [name, value] of cookies) again.cookies.set(name, value);
  assert.equal((await again.call('POST', '/v1/access/passkeys/sign-in', { response })).json().code, 'sign-in-refused');
  const late = openPage();
  const slow: Challenge = (await late.call('POST', '/v1/access/passkeys/challenges')).json();
  clock.advance(5 * 60_000 + 1_000);
  authenticator.counter += 1;
  const answer = await late.call('POST', '/v1/access/passkeys/sign-in', {
    response: authenticator.get(slow, { origin }),
  });
  assert.equal(answer.json().code, 'sign-in-refused');
});

test('a copy of an authenticator is noticed by its counter', async () => {
  const { authenticator } = await withPasskey();
  assert.equal((await show(openPage(), authenticator)).status, 200);
  authenticator.counter -= 2;
  assert.equal((await show(openPage(), authenticator)).json().code, 'sign-in-refused');
  authenticator.counter += 1;
  assert.equal((await show(openPage(), authenticator)).status, 200);
});

test('a passkey of somebody else makes no session fresh', async () => {
  const other = await withPasskey();
  const own = await withPasskey();
  const page = openPage(await server.cookieOf(own.person, { fresh: false }));
  const answer = await show(page, other.authenticator);
  assert.equal(answer.json().code, 'sign-in-refused');
  // A challenge of a registration signs nobody in.
  const asked: Challenge = (await other.page.call('POST', '/v1/access/own/passkeys/challenges')).json();
  other.authenticator.counter += 1;
  const response = other.authenticator.get({ ...asked, rpId: 'localhost' }, { origin });
  assert.equal(
    (await other.page.call('POST', '/v1/access/passkeys/sign-in', { response })).json().code,
    'sign-in-refused',
  );
});

test('a passkey is removed with a fresh factor, and not the last one where the role demands one', async () => {
  const { authenticator, page } = await withPasskey();
  assert.equal((await page.call('DELETE', `/v1/access/own/passkeys/${authenticator.id}`)).status, 204);
  assert.equal((await show(openPage(), authenticator)).json().code, 'sign-in-refused');
  const dpo = await withPasskey({ role: 'dpo' });
  const last = await dpo.page.call('DELETE', `/v1/access/own/passkeys/${dpo.authenticator.id}`);
  assert.equal(last.json().code, 'last-factor');
  const second = openAuthenticator();
  assert.equal((await register(dpo.page, second)).status, 201);
  assert.equal((await dpo.page.call('DELETE', `/v1/access/own/passkeys/${dpo.authenticator.id}`)).status, 204);
  const foreign = await dpo.page.call('DELETE', `/v1/access/own/passkeys/${authenticator.id}`);
  assert.equal(foreign.json().code, 'factor-not-found');
});

test('the demand of any organisation counts, not only that of the one being looked at', async () => {
  const { person, authenticator, page } = await withPasskey();
  const other = await server.newOrganisation();
  await server.platform.db.globalTransaction(({ db, at }) =>
    db
      .insertInto('access.membership')
      .values({ organisation_id: other, person_id: person.id, role: 'admin', created_at: at })
      .execute(),
  );
  const last = await page.call('DELETE', `/v1/access/own/passkeys/${authenticator.id}`);
  assert.equal(last.json().code, 'last-factor');
});

test('under a bare network address there are no passkeys, and the refusal says why', async () => {
  const answer = await server.call('POST', '/v1/access/passkeys/challenges');
  assert.equal(answer.json().code, 'passkey-unavailable');
  assert.match(answer.json().detail, /localhost/);
});

test('a passkey is no way around single sign-on', async () => {
  const organisationId = await server.newOrganisation();
  const { authenticator } = await withPasskey({ organisationId });
  await server.platform.db.globalTransaction(({ db }) =>
    db
      .updateTable('access.organisation')
      .set({ demands_single_sign_on: true })
      .where('id', '=', organisationId)
      .execute(),
  );
  const page = openPage();
  assert.equal((await show(page, authenticator)).json().code, 'single-sign-on-needed');
  assert.equal(await signedIn(page), null);
});
