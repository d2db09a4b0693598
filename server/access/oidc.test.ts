import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { openTestAccess, type TestAccess } from './test-access.ts';
import { type LyingOidcProvider, startLyingProvider, startOidcProvider, type TestOidcProvider } from './test-oidc.ts';
import { openBrowser, proveTestDomain, startNameServer, type TestNameServer } from './test-provider-server.ts';

let server: TestAccess;
let names: TestNameServer;
let idp: TestOidcProvider;
let liar: LyingOidcProvider;
let honest: Setup;
let lying: Setup;

/** A provider as Kept knows it. */
interface Setup {
  readonly id: string;
  readonly begin: string;
  readonly answer: string;
}

before(async () => {
  names = await startNameServer();
  idp = await startOidcProvider();
  liar = await startLyingProvider();
  server = await openTestAccess({
    environment: { KEPT_OUTBOUND_ALLOW: '127.0.0.1', KEPT_DNS_SERVERS: names.address },
  });
  honest = await setUp({ settings: { issuer: idp.issuer, clientId: idp.clientId }, secret: idp.secret });
  idp.register(honest.answer);
  lying = await setUp({ settings: { issuer: liar.issuer, clientId: 'kept' }, secret: 'whatever' });
  const admin = await server.cookieOf('admin');
  await proveTestDomain(server, names, admin, 'corp.example', null);
  idp.accounts.set('rui', { email: 'rui@corp.example', email_verified: true, name: 'Rui Prado' });
  idp.accounts.set('eva', { email: 'eva@corp.example', email_verified: false, name: 'Eva' });
  idp.accounts.set('ivo', { email: 'ivo@elsewhere.example', email_verified: true });
  idp.accounts.set('own', { email: server.people.owner.email, email_verified: true });
});
beforeEach(() => {
  liar.lies = {};
  server.access.discoveries.forget();
});
after(async () => {
  await server.close();
  await idp.close();
  await liar.close();
  await names.close();
});

async function setUp(changes: object): Promise<Setup> {
  const made = await server.call('POST', '/v1/access/providers', 'admin', {
    kind: 'oidc',
    name: 'Corp',
    defaultRole: 'engineer',
    admits: true,
    enabled: true,
    ...changes,
  });
  assert.equal(made.status, 201, made.text);
  const { id, register, hasSecret } = made.json();
  assert.equal(hasSecret, true);
  assert.ok(!made.text.includes(idp.secret), 'secrets never come out');
  return { id, begin: `/sign-in/providers/${id}`, answer: register.redirectUrl };
}

/** Signs somebody in at the certified provider. @returns where the browser ends, and the browser */
async function signInAs(account: string, change = (address: string) => address) {
  idp.signedIn = account;
  const browser = openBrowser(server);
  const sent = await browser.get(honest.begin);
  assert.equal(sent.status, 303, sent.text);
  const back = await idp.follow(sent.headers.get('location') ?? '');
  const answer = await browser.get(change(back));
  return { browser, back, target: answer.headers.get('location'), answer };
}

/** The same at the lying one, with the answer as its page would make it. */
async function signInAtLiar(more: Record<string, string> = {}) {
  const browser = openBrowser(server);
  const sent = new URL((await browser.get(lying.begin)).headers.get('location') ?? '');
  liar.nonce = sent.searchParams.get('nonce') ?? '';
  const query = new URLSearchParams({ code: 'a-code', state: sent.searchParams.get('state') ?? '', ...more });
  const answer = await browser.get(`${lying.answer}?${query}`);
  return { target: answer.headers.get('location'), sent, answer };
}

test('code flow with PKCE, state and nonce signs in, and makes a member', async () => {
  const { target, browser } = await signInAs('rui');
  assert.equal(target, '/');
  const seen = (await browser.get('/v1/access/session')).json();
  assert.deepEqual([seen.owes, seen.role, seen.person.name], [null, 'engineer', 'Rui Prado']);
});

test('the browser is sent with S256, state and nonce, each fresh', async () => {
  const one = (await openBrowser(server).get(honest.begin)).headers.get('location') ?? '';
  const other = (await openBrowser(server).get(honest.begin)).headers.get('location') ?? '';
  for (const name of ['state', 'nonce', 'code_challenge']) {
    const values = [one, other].map((address) => new URL(address).searchParams.get(name) ?? '');
    assert.ok(values.every((value) => value.length >= 32));
    assert.notEqual(values[0], values[1]);
  }
  assert.equal(new URL(one).searchParams.get('code_challenge_method'), 'S256');
});

test('an answer is refused in another browser, a second time, and with another state', async () => {
  const { browser, back, target } = await signInAs('rui');
  assert.equal(target, '/');
  const again = await browser.get(back);
  assert.equal(again.headers.get('location'), '/enter?refused=dialogue-lost');
  const elsewhere = await openBrowser(server).get(back);
  assert.equal(elsewhere.headers.get('location'), '/enter?refused=dialogue-lost');
  const other = await signInAs('rui', (address) => address.replace(/state=[^&]+/, 'state=another'));
  assert.equal(other.target, '/enter?refused=answer-not-trusted');
  // An attacker's answer in the browser of somebody who has begun a dialogue of their own.
  idp.signedIn = 'rui';
  const attacker = await idp.follow((await openBrowser(server).get(honest.begin)).headers.get('location') ?? '');
  const victim = openBrowser(server);
  await victim.get(honest.begin);
  assert.equal((await victim.get(attacker)).headers.get('location'), '/enter?refused=answer-not-trusted');
});

test('an answer of one provider is not taken for that of another', async () => {
  const browser = openBrowser(server);
  await browser.get(lying.begin);
  idp.signedIn = 'rui';
  const back = await idp.follow((await openBrowser(server).get(honest.begin)).headers.get('location') ?? '');
  const mixed = back.replace(honest.answer, lying.answer);
  assert.equal((await browser.get(mixed)).headers.get('location'), '/enter?refused=answer-not-trusted');
});

test('an address that is not verified, not of a proved domain, or of somebody who is no member is refused', async () => {
  assert.equal((await signInAs('eva')).target, '/enter?refused=email-not-verified');
  assert.equal((await signInAs('ivo')).target, '/enter?refused=domain-not-proved');
  assert.equal((await signInAs('own')).target, '/enter?refused=domain-not-proved', 'a member, but not of this domain');
});

test('what the provider refuses is told as its refusal', async () => {
  const refusal = (address: string) =>
    address.replace(
      /\?.*/,
      (query) =>
        `?${new URLSearchParams({ error: 'access_denied', state: new URLSearchParams(query).get('state') ?? '' })}`,
    );
  const { target } = await signInAs('rui', (address) => {
    const url = new URL(refusal(address));
    url.searchParams.set('iss', idp.issuer);
    return url.href;
  });
  assert.equal(target, '/enter?refused=provider-refused');
});

test('an ID token that is not exactly ours is refused', async () => {
  assert.equal((await signInAtLiar()).target, '/');
  const hour = 3_600;
  const now = Math.floor(Date.now() / 1000);
  const cases = {
    'another audience': { claims: { aud: 'another' } },
    'two audiences and another authorised party': { claims: { aud: ['kept', 'another'], azp: 'another' } },
    'another issuer': { claims: { iss: 'https://elsewhere.example' } },
    'another nonce': { claims: { nonce: 'another' } },
    'no nonce': { claims: { nonce: undefined } },
    'expired two minutes ago': { claims: { exp: now - 120 } },
    'issued in an hour': { claims: { iat: now + hour, nbf: now + hour, exp: now + 2 * hour } },
    'another key': { otherKey: true },
    'no signature': { unsigned: true },
    'the algorithm of another kind of key': { header: { alg: 'HS256' } },
  };
  for (const [name, lies] of Object.entries(cases)) {
    liar.lies = lies;
    assert.equal((await signInAtLiar()).target, '/enter?refused=answer-not-trusted', name);
  }
  liar.lies = { claims: { name: null, hd: null, email_verified: 'true' } };
  assert.equal((await signInAtLiar()).target, '/', 'not every provider writes claims alike');
  liar.lies = { claims: { exp: now - 30 } };
  assert.equal((await signInAtLiar()).target, '/', 'clocks may be a minute apart');
  assert.equal(liar.lastRequest().get('grant_type'), 'authorization_code');
  assert.ok((liar.lastRequest().get('code_verifier') ?? '').length >= 43);
});

test('an answer that names another issuer is refused (RFC 9207)', async () => {
  liar.lies = { metadata: { authorization_response_iss_parameter_supported: true } };
  assert.equal((await signInAtLiar({ iss: 'https://elsewhere.example' })).target, '/enter?refused=answer-not-trusted');
  assert.equal((await signInAtLiar()).target, '/enter?refused=answer-not-trusted');
  assert.equal((await signInAtLiar({ iss: liar.issuer })).target, '/');
});

test('a provider that describes itself as another one is refused, and so are addresses within the network', async () => {
  liar.lies = { metadata: { issuer: 'https://elsewhere.example' } };
  const sent = await openBrowser(server).get(lying.begin);
  assert.equal(sent.headers.get('location'), '/enter?refused=answer-not-trusted');
  server.access.discoveries.forget();
  liar.lies = { metadata: { token_endpoint: 'http://169.254.169.254/token' } };
  assert.match((await signInAtLiar()).target ?? '', /provider-unavailable|answer-not-trusted/);
  server.access.discoveries.forget();
  liar.lies = { metadata: { authorization_endpoint: 'http://elsewhere.example/authorise' } };
  const away = await openBrowser(server).get(lying.begin);
  assert.equal(away.headers.get('location'), '/enter?refused=answer-not-trusted');
});

test('whoever calls the sign-in address does not make Kept ask the provider each time; a change and a test do', async () => {
  const admin = await server.cookieOf('admin');
  const asked = async (work: () => Promise<unknown>) => {
    const before = liar.discovered();
    await work();
    return liar.discovered() - before;
  };
  const begin = async () => (await openBrowser(server).get(lying.begin)).headers.get('location');
  liar.lies = { metadata: { issuer: 'https://elsewhere.example' } };
  assert.equal(await asked(begin), 1);
  assert.equal(await asked(begin), 1, 'a failure is not remembered');
  liar.lies = {};
  assert.equal(await asked(() => Promise.all([begin(), begin(), begin()])), 1, 'at once');
  assert.equal(await asked(begin), 0);
  assert.equal(await asked(async () => assert.equal((await signInAtLiar()).target, '/')), 0);
  const look = () => server.call('POST', `/v1/access/providers/${lying.id}/test`, admin);
  assert.equal(await asked(look), 1);
  assert.equal(await asked(look), 1, 'a test always asks');
  await begin();
  assert.equal(await asked(begin), 0);
  const changed = await server.call('PUT', `/v1/access/providers/${lying.id}`, await server.cookieOf('admin'), {
    kind: 'oidc',
    name: 'Corp again',
    defaultRole: 'engineer',
    admits: true,
    enabled: true,
    settings: { issuer: liar.issuer, clientId: 'kept' },
    secret: 'another',
  });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(await asked(begin), 1, 'after a change');
});

test('an issuer without HTTPS is set up only where the operator allowed its host', async () => {
  const refused = await server.call('POST', '/v1/access/providers', 'admin', {
    kind: 'oidc',
    name: 'Insecure',
    defaultRole: 'agent',
    admits: false,
    enabled: true,
    settings: { issuer: 'http://idp.example', clientId: 'kept' },
  });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /https/);
});

test('the test of a provider says step by step what is wrong', async () => {
  const look = async (id: string) => {
    const tried = await server.call('POST', `/v1/access/providers/${id}/test`, 'admin');
    assert.equal(tried.status, 200, tried.text);
    return tried.json();
  };
  const good = await look(honest.id);
  assert.deepEqual(
    good.steps.map(({ code, state }: { code: string; state: string }) => `${code} ${state}`),
    [
      'provider-found passed',
      'code-flow-offered passed',
      'keys-found passed',
      'client-accepted passed',
      'domain-proved passed',
    ],
  );
  const listed = (await server.call('GET', '/v1/access/providers', 'admin')).json();
  assert.ok(listed.items.find(({ id }: { id: string }) => id === honest.id).testedAt !== null);
  const wrong = await setUp({ settings: { issuer: idp.issuer, clientId: idp.clientId }, secret: 'wrong' });
  const bad = await look(wrong.id);
  assert.deepEqual([bad.steps[3].code, bad.steps[3].state], ['client-accepted', 'failed']);
  assert.match(bad.steps[3].detail, /invalid_client/);
  assert.equal(bad.steps[4].state, 'not-tried');
  const gone = await setUp({ settings: { issuer: 'http://127.0.0.1:9', clientId: 'x' }, secret: 'x' });
  const away = await look(gone.id);
  assert.deepEqual([away.steps[0].state, away.steps[1].state], ['failed', 'not-tried']);
});

test('an administrator tries a whole sign-in: it says what would be, and signs nobody in', async () => {
  const admin = await server.cookieOf('admin');
  const browser = openBrowser(server);
  const [name = '', value = ''] = admin.split('=');
  browser.cookies.set(name, { value, path: '/' });
  const go = async (account: string) => {
    idp.signedIn = account;
    const sent = await browser.get(`${honest.begin}?try=1`);
    const answer = await browser.get(await idp.follow(sent.headers.get('location') ?? ''));
    return answer.headers.get('location');
  };
  assert.equal(await go('rui'), '/enter?tried=passed');
  assert.equal(await go('ivo'), '/enter?tried=domain-not-proved');
  assert.equal((await browser.get('/v1/access/session')).json().person.email, server.people.admin.email);
  const stranger = await openBrowser(server).get(`${honest.begin}?try=1`);
  assert.equal(stranger.status, 401);
  const auditor = openBrowser(server);
  auditor.cookies.set(name, { value: (await server.cookieOf('auditor')).slice(name.length + 1), path: '/' });
  assert.equal((await auditor.get(`${honest.begin}?try=1`)).status, 403);
});
