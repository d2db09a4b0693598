import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OrganisationId } from '../platform/contract.ts';
import { providerSignInPath } from './contract.ts';
import { isOfGoogle } from './oidc-dialogue.ts';
import { openSession } from './open-session.ts';
import type { ProvedIdentity } from './proved-identity.ts';
import { selectGoogleOfServer } from './provider-store.ts';
import { admitByProvider } from './recognise-person.ts';
import { openTestAccess, type TestAccess, type TestPerson, testPassword } from './test-access.ts';
import { openBrowser, proveTestDomain, startNameServer, type TestNameServer } from './test-provider-server.ts';
import { answerWithLibrary, readRequest, startSamlProvider, type TestSamlProvider } from './test-saml.ts';

let server: TestAccess;
let names: TestNameServer;
let idp: TestSamlProvider;
/** The first organisation's provider; the domain is `corp.example`. */
let corp: string;
let admin: string;
/** Another organisation, with a provider that says whatever it is told. */
let rival: { organisationId: OrganisationId; owner: TestPerson; cookie: string; provider: string };

before(async () => {
  names = await startNameServer();
  idp = await startSamlProvider();
  server = await openTestAccess({
    environment: { KEPT_OUTBOUND_ALLOW: '127.0.0.1', KEPT_DNS_SERVERS: names.address },
  });
  admin = await server.cookieOf('admin');
  corp = await setUp(admin);
  await proveTestDomain(server, names, admin, 'corp.example', corp);
  const organisationId = await server.newOrganisation();
  const owner = await server.addPerson({ organisationId, role: 'owner', email: 'boss@rival.example' });
  const cookie = await server.cookieOf(owner);
  rival = { organisationId, owner, cookie, provider: await setUp(cookie) };
  await proveTestDomain(server, names, cookie, 'rival.example', rival.provider);
});
after(async () => {
  await server.close();
  await idp.close();
  await names.close();
});

const input = (changes: object = {}) => ({
  kind: 'saml',
  name: 'Directory',
  defaultRole: 'agent',
  admits: true,
  enabled: true,
  settings: { entityId: idp.entityId, signInUrl: idp.signInUrl, certificates: [idp.certificate] },
  ...changes,
});

async function setUp(cookie: string, changes: object = {}): Promise<string> {
  const made = await server.call('POST', '/v1/access/providers', cookie, input(changes));
  assert.equal(made.status, 201, made.text);
  return made.json().id;
}

async function change(cookie: string, id: string, changes: object) {
  return server.call('PUT', `/v1/access/providers/${id}`, cookie, input(changes));
}

/** Has a provider say who somebody is, with a signature that is right. */
async function assertAs(provider: string, user: { id: string; email: string; name?: string }) {
  const browser = openBrowser(server);
  const sent = await browser.get(providerSignInPath(provider));
  const request = await readRequest(sent.headers.get('location') ?? '');
  const answerUrl = `${server.address}${providerSignInPath(provider)}/answer`;
  const SAMLResponse = await answerWithLibrary(idp, request, user, answerUrl);
  const answer = await browser.post(answerUrl, { SAMLResponse });
  return { target: answer.headers.get('location'), browser, cookie: answer.cookie ?? '' };
}

const refused = (code: string) => `/enter?refused=${code}`;

test('the provider of one organisation cannot speak for the people of another', async () => {
  const victim = await server.addPerson({
    organisationId: server.organisationId,
    role: 'dpo',
    email: 'ana@corp.example',
  });
  assert.equal((await assertAs(rival.provider, { id: 'x', email: victim.email })).target, refused('domain-not-proved'));
  const owner = server.people.owner.email;
  assert.equal((await assertAs(rival.provider, { id: 'x', email: owner })).target, refused('domain-not-proved'));
  // Not by claiming the domain either, which another has proved, nor one that is only claimed.
  const taken = await server.call('POST', '/v1/access/domains', rival.cookie, {
    domain: 'corp.example',
    provider: null,
  });
  assert.equal(taken.json().code, 'domain-taken');
  await server.call('POST', '/v1/access/domains', rival.cookie, { domain: 'example.com', provider: rival.provider });
  assert.equal((await assertAs(rival.provider, { id: 'x', email: owner })).target, refused('domain-not-proved'));
  // Nor with a domain that ends like it.
  const near = await assertAs(rival.provider, { id: 'x', email: 'ana@sub.rival.example' });
  assert.equal(near.target, refused('domain-not-proved'));
});

test('an existing account that is no member of the organisation is not taken over by its provider', async () => {
  const stranger = await server.addPerson({
    organisationId: server.organisationId,
    role: 'agent',
    email: 'freelance@rival.example',
  });
  assert.equal((await assertAs(rival.provider, { id: 'f', email: stranger.email })).target, refused('not-a-member'));
});

test('a provider opens its own organisation and no other, for people who belong to several', async () => {
  const both = await server.addPerson({
    organisationId: server.organisationId,
    role: 'engineer',
    email: 'zoe@rival.example',
  });
  await server.platform.db.globalTransaction(({ db, at }) =>
    db
      .insertInto('access.membership')
      .values({ organisation_id: rival.organisationId, person_id: both.id, role: 'agent', created_at: at })
      .execute(),
  );
  const { target, cookie } = await assertAs(rival.provider, { id: 'z', email: both.email });
  assert.equal(target, '/');
  const seen = (await server.call('GET', '/v1/access/session', cookie)).json();
  assert.equal(seen.organisation.id, rival.organisationId);
  const turned = await server.call('PUT', '/v1/access/session/organisation', cookie, {
    organisation: server.organisationId,
  });
  assert.equal(turned.json().code, 'single-sign-on-needed');
  // Nor does it give them a second factor, with which a new password could be set for everywhere.
  const enrolled = await server.call('POST', '/v1/access/own/totp', cookie);
  assert.equal(enrolled.json().code, 'not-permitted', enrolled.text);
  // With a password of their own they go where they please.
  const own = await server.cookieOf(both, { organisationId: rival.organisationId });
  const free = await server.call('PUT', '/v1/access/session/organisation', own, {
    organisation: server.organisationId,
  });
  assert.equal(free.status, 200);
});

test('who comes through a provider from a network that is not admitted is recorded once', async () => {
  const settings = (await server.call('GET', '/v1/access/settings', server.keyOf())).json();
  const put = (changes: object) =>
    server.call('PUT', '/v1/access/settings', server.keyOf(), { ...settings, ...changes });
  assert.equal((await put({ consoleAllowlist: ['192.0.2.0/24'] })).status, 200);
  const before = (await server.entriesOf('access.sign-in-refused')).length;
  const { target } = await assertAs(corp, { id: 'far', email: 'far@corp.example' });
  assert.equal((await put({})).status, 200);
  assert.equal(target, refused('address-not-allowed'));
  const recorded = (await server.entriesOf('access.sign-in-refused')).slice(before);
  assert.deepEqual(
    recorded.map(({ body }) => body),
    [{ reason: 'address-not-allowed', method: 'provider' }],
  );
});

test('whoever gets the address of somebody who left does not get their account', async () => {
  assert.equal((await assertAs(corp, { id: 'first', email: 'post@corp.example' })).target, '/');
  assert.equal((await assertAs(corp, { id: 'second', email: 'post@corp.example' })).target, refused('identity-taken'));
  assert.equal(
    (await assertAs(corp, { id: 'first', email: 'renamed@corp.example' })).target,
    '/',
    'who it is, is the same',
  );
});

test('a password that was set before the address was verified is no way into the account', async () => {
  const squatter = await server.addPerson({
    organisationId: server.organisationId,
    role: 'agent',
    email: 'squat@corp.example',
    isEmailVerified: false,
  });
  assert.equal((await assertAs(corp, { id: 's', email: squatter.email })).target, refused('email-not-verified'));
});

test('who is new becomes a member only where the provider admits, with its role', async () => {
  assert.equal((await change(admin, corp, { admits: false })).status, 200);
  assert.equal((await assertAs(corp, { id: 'n', email: 'new@corp.example' })).target, refused('not-a-member'));
  await change(admin, corp, { admits: true, defaultRole: 'auditor' });
  const { target, cookie } = await assertAs(corp, { id: 'n', email: 'new@corp.example', name: 'Novo Membro' });
  assert.equal(target, '/');
  const seen = (await server.call('GET', '/v1/access/session', cookie)).json();
  assert.deepEqual([seen.role, seen.person.name], ['auditor', 'Novo Membro']);
  assert.equal(
    (await change(admin, corp, { defaultRole: 'owner' })).status,
    400,
    'nobody becomes an owner by signing in',
  );
});

test('a second factor is still owed where the role demands one', async () => {
  const dpo = await server.addPerson({ organisationId: server.organisationId, role: 'dpo', email: 'dpo@corp.example' });
  const { target, cookie } = await assertAs(corp, { id: 'dpo', email: dpo.email });
  assert.equal(target, '/');
  assert.equal((await server.call('GET', '/v1/access/session', cookie)).json().owes, 'second-factor');
  assert.equal((await server.call('GET', '/v1/access/members', cookie)).status, 403);
});

test('what an organisation gives up, its provider no longer speaks for', async () => {
  const { cookie } = await assertAs(corp, { id: 'leaver', email: 'leaver@corp.example' });
  assert.equal((await server.call('GET', '/v1/access/session', cookie)).status, 200);
  assert.equal((await server.call('DELETE', '/v1/access/domains/corp.example', admin)).status, 204);
  const again = await assertAs(corp, { id: 'leaver', email: 'leaver@corp.example' });
  assert.equal(again.target, refused('domain-not-proved'), 'not even for those it has signed in before');
  await proveTestDomain(server, names, admin, 'corp.example', corp);
});

test('a provider signs in for the domains that name it, or name none', async () => {
  const other = await setUp(admin, { name: 'Other' });
  assert.equal((await assertAs(other, { id: 'o', email: 'o@corp.example' })).target, refused('domain-not-proved'));
  await server.call('POST', '/v1/access/domains', admin, { domain: 'corp.example', provider: null });
  assert.equal((await assertAs(other, { id: 'o', email: 'o@corp.example' })).target, '/');
  await server.call('POST', '/v1/access/domains', admin, { domain: 'corp.example', provider: corp });
  assert.equal((await server.call('DELETE', `/v1/access/providers/${other}`, admin)).status, 204);
});

test('a domain is proved by its record only, and by one organisation', async () => {
  const claimed = (
    await server.call('POST', '/v1/access/domains', admin, { domain: 'new.example', provider: null })
  ).json();
  assert.equal(claimed.verifiedAt, null);
  const verify = (cookie: string) => server.call('POST', '/v1/access/domains/new.example/verification', cookie);
  assert.equal((await verify(admin)).json().code, 'domain-not-proved');
  names.records.set(claimed.record.name, ['kept-domain-verification=another']);
  assert.equal((await verify(admin)).json().code, 'domain-not-proved');
  // The rival claims it, too, and proves it first.
  const theirs = (
    await server.call('POST', '/v1/access/domains', rival.cookie, { domain: 'new.example', provider: null })
  ).json();
  assert.notEqual(theirs.record.value, claimed.record.value);
  names.records.set(claimed.record.name, [claimed.record.value, theirs.record.value]);
  assert.equal((await verify(rival.cookie)).status, 200);
  assert.equal((await verify(admin)).json().code, 'domain-taken');
  assert.equal((await server.call('DELETE', '/v1/access/domains/new.example', rival.cookie)).status, 204);
  assert.equal((await verify(admin)).status, 200);
  const ways = async (email: string) => (await server.call('POST', '/v1/access/sign-in/ways', {}, { email })).json();
  assert.equal((await ways('who.ever@NEW.example')).provider.id, corp);
  assert.equal((await ways('who@nowhere.example')).provider, null);
});

test('a domain is proved only by who has shown a second factor of late: from then on its people are admitted', async () => {
  await server.call('POST', '/v1/access/domains', admin, { domain: 'late.example', provider: null });
  const stale = await server.cookieOf('admin', { fresh: false });
  const verify = (cookie: string) => server.call('POST', '/v1/access/domains/late.example/verification', cookie);
  assert.equal((await verify(stale)).json().code, 'second-factor-needed');
  assert.equal((await verify(admin)).json().code, 'domain-not-proved');
});

test('another organisation sees neither providers nor domains, and cannot touch them', async () => {
  const listed = (await server.call('GET', '/v1/access/providers', rival.cookie)).json();
  assert.deepEqual(
    listed.items.map(({ id }: { id: string }) => id),
    [rival.provider],
  );
  assert.equal((await change(rival.cookie, corp, {})).status, 404);
  assert.equal((await server.call('DELETE', `/v1/access/providers/${corp}`, rival.cookie)).status, 404);
  assert.equal((await server.call('POST', `/v1/access/providers/${corp}/test`, rival.cookie)).status, 404);
  assert.equal((await server.call('DELETE', '/v1/access/domains/corp.example', rival.cookie)).status, 404);
  const borrowed = { domain: 'third.example', provider: corp };
  assert.equal((await server.call('POST', '/v1/access/domains', rival.cookie, borrowed)).status, 404);
});

test('sessions through a provider end at once when it is switched off or removed', async () => {
  const made = await setUp(admin, { name: 'Short-lived' });
  await server.call('POST', '/v1/access/domains', admin, { domain: 'corp.example', provider: null });
  const one = await assertAs(made, { id: 'a', email: 'a@corp.example' });
  assert.equal((await server.call('GET', '/v1/access/session', one.cookie)).status, 200);
  assert.equal((await change(admin, made, { enabled: false })).status, 200);
  assert.equal((await server.call('GET', '/v1/access/session', one.cookie)).status, 401);
  const off = await openBrowser(server).get(providerSignInPath(made));
  assert.equal(off.headers.get('location'), refused('provider-not-found'));
  await change(admin, made, { enabled: true });
  const two = await assertAs(made, { id: 'a', email: 'a@corp.example' });
  assert.equal((await server.call('DELETE', `/v1/access/providers/${made}`, admin)).status, 204);
  assert.equal((await server.call('GET', '/v1/access/session', two.cookie)).status, 401);
});

test('at another identity provider old names mean nobody any more', async () => {
  const made = await setUp(admin, { name: 'Moving' });
  assert.equal((await assertAs(made, { id: 'm', email: 'm@corp.example' })).target, '/');
  const settings = { entityId: 'https://new.example/idp', signInUrl: idp.signInUrl, certificates: [idp.certificate] };
  assert.equal((await change(admin, made, { settings })).status, 200);
  await change(admin, made, {});
  const other = await assertAs(made, { id: 'other-subject', email: 'm@corp.example' });
  assert.equal(other.target, '/', 'the identity is bound anew');
  await server.call('DELETE', `/v1/access/providers/${made}`, admin);
});

test('where single sign-on is demanded, it is the only door but for the emergency owner', async () => {
  const { owner, engineer } = server.people;
  const signIn = (person: TestPerson) =>
    server.call('POST', '/v1/access/sign-in', {}, { email: person.email, password: testPassword });
  assert.equal((await signIn(engineer)).status, 200);
  const before = await server.cookieOf('engineer');
  const settings = (await server.call('GET', '/v1/access/settings', admin)).json();
  const demand = (demandsSingleSignOn: boolean) =>
    server.call('PUT', '/v1/access/settings', admin, { ...settings, demandsSingleSignOn, breakGlass: owner.id });
  assert.equal((await demand(true)).status, 200);
  assert.equal((await signIn(engineer)).json().code, 'single-sign-on-needed');
  assert.equal((await server.call('GET', '/v1/policy/promises', before)).status !== 200, true);
  assert.equal(
    (await server.call('GET', '/v1/access/members', before)).status,
    403,
    'sessions that are open count as well',
  );
  const emergency = await signIn(owner);
  assert.equal(emergency.status, 200);
  assert.equal(emergency.json().owes, 'second-factor');
  const ways = await server.call('POST', '/v1/access/sign-in/ways', {}, { email: 'x@corp.example' });
  assert.equal(ways.json().provider.only, true);
  // And it cannot be taken away from under them.
  const breakGlass = await server.cookieOf('owner');
  const gone = await server.call('DELETE', `/v1/access/providers/${corp}`, breakGlass);
  assert.equal(gone.json().code, 'lock-out');
  assert.equal((await change(breakGlass, corp, { enabled: false })).json().code, 'lock-out');
  for (const { domain } of (await server.call('GET', '/v1/access/domains', breakGlass)).json().items.slice(1))
    assert.equal((await server.call('DELETE', `/v1/access/domains/${domain}`, breakGlass)).status, 204);
  const [{ domain }] = (await server.call('GET', '/v1/access/domains', breakGlass)).json().items;
  const last = await server.call('DELETE', `/v1/access/domains/${domain}`, breakGlass);
  assert.equal(last.json().code, 'lock-out');
  // The provider vouches for the factors then, but not for those of who decides.
  const owes = async (role: string) => {
    const { cookie } = await assertAs(corp, { id: role, email: `${role}@corp.example` });
    return (await server.call('GET', '/v1/access/session', cookie)).json().owes;
  };
  assert.equal(await owes('engineer'), null);
  assert.equal(await owes('dpo'), 'second-factor');
  const back = await server.call('PUT', '/v1/access/settings', breakGlass, {
    ...settings,
    demandsSingleSignOn: false,
    breakGlass: null,
  });
  assert.equal(back.status, 200, back.text);
});

test('single sign-on is not demanded before a provider works and a domain is proved', async () => {
  const settings = (await server.call('GET', '/v1/access/settings', rival.cookie)).json();
  const wanted = { ...settings, demandsSingleSignOn: true, breakGlass: rival.owner.id };
  await server.call('DELETE', '/v1/access/domains/rival.example', rival.cookie);
  assert.equal((await server.call('PUT', '/v1/access/settings', rival.cookie, wanted)).json().code, 'lock-out');
  await proveTestDomain(server, names, rival.cookie, 'rival.example', rival.provider);
  assert.equal((await server.call('PUT', '/v1/access/settings', rival.cookie, wanted)).status, 200);
});

test('Google speaks for the addresses it gives out, and for nobody who has no account', async () => {
  assert.ok(isOfGoogle({ email: 'ana@gmail.com' }));
  assert.ok(isOfGoogle({ email: 'ana@Corp.example', hd: 'corp.example' }));
  assert.ok(!isOfGoogle({ email: 'ana@corp.example' }));
  assert.ok(!isOfGoogle({ email: 'ana@corp.example', hd: 'other.example' }));
  assert.ok(!isOfGoogle({ email: 'ana@gmail.com.evil.example' }));
  const { platform, access } = { platform: server.platform, access: server.access };
  const google = {
    kind: 'google',
    name: 'Google',
    defaultRole: 'agent',
    admits: true,
    enabled: true,
    settings: { clientId: 'kept' },
  };
  const made = await server.call('POST', '/v1/access/providers', server.keyOf('kept'), { ...google, secret: 'x' });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json().register.redirectUrl, `${server.address}/sign-in/providers/google/answer`);
  assert.equal(
    (await server.call('POST', '/v1/access/sign-in/ways', {}, { email: 'x@y.example' })).json().google,
    true,
  );
  const provider = await platform.db.globalTransaction(selectGoogleOfServer);
  assert.ok(provider !== undefined);
  const admit = (identity: ProvedIdentity) =>
    platform.db.transaction(access.ownOrganisationId, (tx) => admitByProvider(access, tx, provider, identity, 'en'));
  const identity = { subject: 'g-1', email: server.people.agent.email, isEmailVerified: true, name: null };
  assert.equal(await admit(identity), server.people.agent.id);
  await assert.rejects(admit({ ...identity, subject: 'g-2' }), { code: 'identity-taken' });
  await assert.rejects(admit({ ...identity, subject: 'g-3', email: 'nobody@gmail.com' }), { code: 'not-a-member' });
  await assert.rejects(admit({ ...identity, subject: 'g-4', isEmailVerified: false }), { code: 'email-not-verified' });
  // One of an organisation is bound to its domains as every other.
  const theirs = await server.call('POST', '/v1/access/providers', admin, { ...google, secret: 'x' });
  assert.equal(theirs.json().register.redirectUrl, `${server.address}/sign-in/providers/${theirs.json().id}/answer`);
  const through = await openSession(access, { personId: server.people.agent.id, methods: ['provider'] });
  const cookie = `kept_session=${through.token}`;
  assert.equal((await server.call('GET', '/v1/access/session', cookie)).json().owes, null, 'in their own organisation');
  const removed = await server.call('DELETE', `/v1/access/providers/${made.json().id}`, server.keyOf('kept'));
  assert.equal(removed.status, 204, removed.text);
  assert.equal((await server.call('GET', '/v1/access/session', cookie)).status, 401);
  assert.equal(
    (await server.call('POST', '/v1/access/sign-in/ways', {}, { email: 'x@y.example' })).json().google,
    false,
  );
});

test('certificates that cannot work are refused with the place they stand in', async () => {
  const settings = {
    entityId: idp.entityId,
    signInUrl: 'http://elsewhere.example/sso',
    certificates: ['x'.repeat(200)],
  };
  const answer = await server.call('POST', '/v1/access/providers', admin, input({ settings }));
  assert.equal(answer.status, 400);
  const paths = answer.json().issues.map(({ path }: { path: string }) => path);
  assert.deepEqual(paths, ['body.settings.signInUrl', 'body.settings.certificates.0']);
});

test('the test of a SAML provider looks at its certificate, its address and the domains', async () => {
  const look = async () => (await server.call('POST', `/v1/access/providers/${corp}/test`, admin)).json();
  const good = await look();
  assert.deepEqual(
    good.steps.map(({ code, state }: { code: string; state: string }) => `${code} ${state}`),
    ['certificate-valid passed', 'sign-in-page-reached passed', 'domain-proved passed'],
  );
  const nowhere = { entityId: idp.entityId, signInUrl: 'http://127.0.0.1:9/sso', certificates: [idp.certificate] };
  await change(admin, corp, { settings: nowhere });
  const bad = await look();
  assert.deepEqual([bad.steps[1].state, bad.steps[2].state], ['failed', 'not-tried']);
  await change(admin, corp, {});
});

test('what is changed stands in the ledger, and names no domain', async () => {
  const kinds = await server.platform.db.transaction(server.organisationId, ({ db }) =>
    db
      .selectFrom('access.audit_detail')
      .select(({ fn }) => ['kind', fn.countAll<string>().as('count')])
      .where('organisation_id', '=', server.organisationId)
      .groupBy('kind')
      .execute(),
  );
  const counted = new Map<string, number>(kinds.map(({ kind, count }) => [kind, Number(count)]));
  for (const kind of [
    'access.provider-changed',
    'access.domain-changed',
    'access.joined',
    'access.signed-in',
    'access.sessions-ended',
  ])
    assert.ok((counted.get(kind) ?? 0) > 0, kind);
});

test('under a declared address nothing follows what the caller says of the host', async () => {
  const declared = await openTestAccess({
    environment: { KEPT_PUBLIC_URL: 'https://kept.corp.example', KEPT_OUTBOUND_ALLOW: '127.0.0.1' },
  });
  try {
    const made = await declared.call('POST', '/v1/access/providers', declared.keyOf(), input());
    const { id, register } = made.json();
    assert.equal(register.redirectUrl, `https://kept.corp.example/sign-in/providers/${id}/answer`);
    const answer = await declared.call('GET', `/sign-in/providers/${id}`, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
    });
    const request = await readRequest(answer.headers.get('location') ?? '');
    assert.equal(request.issuer, `https://kept.corp.example/sign-in/providers/${id}/metadata`);
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    for (const part of ['__Host-kept_dialogue=', 'Path=/;', 'HttpOnly', 'Secure', 'SameSite=Lax'])
      assert.ok(cookie.includes(part), part);
  } finally {
    await declared.close();
  }
});
