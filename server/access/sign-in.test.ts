import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { hash as bcryptHash } from 'bcryptjs';
import { generateSync } from 'otplib';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import { sessionSchema } from './contract.ts';
import { openTestAccess, type TestPerson, testPassword } from './test-access.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const kept = await openTestAccess({ clock });
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function newMember(role: 'owner' | 'admin' | 'engineer' | 'agent' = 'owner') {
  return kept.addPerson({ organisationId: kept.organisationId, role });
}

function signIn(person: Pick<TestPerson, 'email'>, password = testPassword, headers: Record<string, string> = {}) {
  return kept.call('POST', '/v1/access/sign-in', headers, { email: person.email, password });
}

const { entriesOf } = kept;

test('the operator makes an owner, who signs in with password and authenticator', async () => {
  const email = 'Ana@Example.com';
  const password = 'um barco de papel azul';
  const made = await kept.call('POST', '/v1/access/owners', kept.keyOf(), {
    organisation: kept.slug,
    name: 'Ana',
    email,
    password,
    language: 'pt-BR',
  });
  assert.equal(made.status, 201, made.text);
  const { totp } = made.json();
  assert.match(totp.uri, /^otpauth:\/\/totp\/Kept/);
  const half = await signIn({ email: 'ana@example.COM' }, password);
  assert.equal(half.status, 200, half.text);
  const owing = sessionSchema.parse(half.json());
  assert.equal(owing.owes, 'second-factor');
  assert.equal(owing.organisation, null, 'nothing is open yet');
  assert.deepEqual([owing.organisations, owing.role], [[], null], 'nor is told where they belong');
  assert.deepEqual(owing.permissions, ['access:begin']);
  assert.deepEqual(owing.factors, ['totp']);
  for (const path of ['/v1/access/organisations', '/v1/access/own', '/v1/access/own/sessions', '/v1/access/members'])
    assert.equal((await kept.call('GET', path, half.cookie)).status, 403, path);
  const code = generateSync({ secret: totp.secret, epoch: clock.now().getTime() / 1000 });
  const whole = await kept.call('POST', '/v1/access/session/second-factor', half.cookie, { code });
  assert.equal(whole.status, 200, whole.text);
  const session = sessionSchema.parse(whole.json());
  assert.equal(session.owes, null);
  assert.equal(session.organisation?.slug, kept.slug);
  assert.equal(session.language, 'pt-BR');
  assert.equal(session.freshUntil, '2026-11-20T12:10:00.000Z');
  assert.equal((await kept.call('GET', '/v1/access/session', half.cookie)).status, 401, 'the token changed');
  assert.equal((await kept.call('GET', '/v1/access/organisations', whole.cookie)).status, 200);
  const own = await kept.call('GET', '/v1/access/members', kept.keyOf('kept'));
  assert.deepEqual(
    own.json().items.map((member: { email: string; role: string }) => [member.email, member.role]),
    [[email, 'owner']],
    'the first owner answers for the server’s own organisation, too',
  );
});

test('whoever is made an owner again keeps password and second factor', async () => {
  const person = await newMember('agent');
  const make = () =>
    kept.call('POST', '/v1/access/owners', kept.keyOf(), {
      organisation: kept.slug,
      name: 'Somebody else',
      email: person.email,
      password: 'a quite different password',
    });
  assert.notEqual((await make()).json().totp, null, 'there was no second factor yet');
  assert.equal((await make()).json().totp, null);
  assert.equal((await signIn(person)).status, 200, 'the password is the one before');
  assert.equal((await signIn(person, 'a quite different password')).status, 401);
  const { items } = (await kept.call('GET', '/v1/access/members', kept.keyOf())).json();
  const member = items.find((item: { email: string }) => item.email === person.email);
  assert.equal(member.role, 'owner');
  assert.equal(member.name, 'Test agent');
});

test('a wrong password, an unknown address and an account without a password are answered alike', async () => {
  const person = await newMember();
  const without = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent', passwordHash: null });
  const answers = [
    await signIn(person, 'wrong password'),
    await signIn({ email: 'nobody@example.com' }),
    await signIn(without),
  ];
  const [first] = answers;
  for (const answer of answers) {
    assert.equal(answer.status, 401);
    assert.equal(answer.cookie, undefined);
    assert.equal(answer.text, first?.text);
  }
});

test('a code works once, not a minute early or late, and never for somebody else', async () => {
  const person = await newMember();
  const other = await newMember();
  const show = async (code: string) => {
    const { cookie } = await signIn(person);
    return (await kept.call('POST', '/v1/access/session/second-factor', cookie, { code })).status;
  };
  assert.equal(await show(kept.codeOf(other)), 401);
  assert.equal(await show(kept.codeOf(person, 3)), 401);
  assert.equal(await show(kept.codeOf(person, -3)), 401);
  const code = kept.codeOf(person);
  assert.equal(await show(`${code.slice(0, 3)} ${code.slice(3)}`), 200, 'spaces do not count');
  assert.equal(await show(code), 401);
  assert.equal(await show(kept.codeOf(person, -1)), 401, 'one before it works no more either');
  assert.equal(await show(kept.codeOf(person, 1)), 200);
});

test('of two who show the same code at once, one is let in', async () => {
  const person = await newMember();
  const cookies = await Promise.all([signIn(person), signIn(person), signIn(person)]);
  const code = kept.codeOf(person);
  const shown = await Promise.all(
    cookies.map(({ cookie }) => kept.call('POST', '/v1/access/session/second-factor', cookie, { code })),
  );
  assert.deepEqual(shown.map(({ status }) => status).sort(), [200, 401, 401]);
});

test('no link skips the second factor: one made without a code owes it, one made with a code does not', async () => {
  const person = await newMember();
  const linkFor = async (code?: string) => {
    const answer = await kept.call('POST', '/v1/access/links', kept.keyOf(), {
      email: person.email,
      organisation: kept.slug,
      ...(code !== undefined && { code }),
    });
    assert.equal(answer.status, 201, answer.text);
    return `/sign-in${new URL(answer.json().url).search}`;
  };
  const bare = await kept.call('GET', await linkFor(), { 'accept-language': 'pt-BR' });
  assert.equal(bare.status, 303, bare.text);
  assert.equal((await kept.call('GET', '/v1/access/session', bare.cookie)).json().owes, 'second-factor');
  assert.equal((await kept.call('GET', '/v1/policy/none', bare.cookie)).status, 404);
  const code = kept.codeOf(person);
  const full = await kept.call('GET', await linkFor(code));
  const session = (await kept.call('GET', '/v1/access/session', full.cookie)).json();
  assert.equal(session.owes, null);
  assert.notEqual(session.freshUntil, null);
  const again = await kept.call('POST', '/v1/access/links', kept.keyOf(), { email: person.email, code });
  assert.equal(again.json().code, 'code-refused', 'the code was used');
  assert.equal((await entriesOf('access.owner-linked')).filter(({ body }) => body['person'] === person.id).length, 2);
});

test('a link of the operator is recorded when it is made, and so is a code that does not fit', async () => {
  const person = await newMember();
  const before = (await entriesOf('access.sign-in-refused')).length;
  const make = (more: object) =>
    kept.call('POST', '/v1/access/links', kept.keyOf(), { email: person.email, organisation: kept.slug, ...more });
  const made = async () => (await entriesOf('access.link-made')).filter(({ body }) => body['person'] === person.id);
  assert.equal((await make({})).status, 201);
  assert.deepEqual(
    (await made()).map(({ actor, body }) => [actor.kind, body]),
    [['key', { person: person.id }]],
    'though nobody has followed it',
  );
  assert.equal((await make({ code: '000000' })).json().code, 'code-refused');
  const refused = (await entriesOf('access.sign-in-refused')).slice(before);
  assert.deepEqual(
    refused.map(({ body }) => body),
    [{ reason: 'code-refused', method: 'link' }],
  );
  assert.equal((await made()).length, 1);
});

test('a link works once, in one browser, within ten minutes; its refusal is a page in the reader’s language', async () => {
  const person = await newMember();
  const newLink = async () => {
    const answer = await kept.call('POST', '/v1/access/links', kept.keyOf(), { email: person.email });
    return `/sign-in${new URL(answer.json().url).search}`;
  };
  const link = await newLink();
  const answers = await Promise.all(Array.from({ length: 5 }, () => kept.call('GET', link)));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [303, 410, 410, 410, 410]);
  const again = await kept.call('GET', link, { 'accept-language': 'es' });
  assert.equal(again.status, 410);
  assert.match(again.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(again.text, /ya no es válido/);
  assert.equal(again.cookie, undefined);
  const late = await newLink();
  clock.advance(10 * MINUTE);
  assert.equal((await kept.call('GET', late)).status, 410);
  const nobody = await kept.call('POST', '/v1/access/links', kept.keyOf(), { email: 'nobody@example.com' });
  assert.equal(nobody.json().code, 'member-not-found');
});

test('the cookie is out of reach of scripts and other sites, and over HTTPS bound to this host', async () => {
  const { headers } = await signIn(await newMember());
  const line = headers.getSetCookie().find((cookie) => cookie.startsWith('kept_session=')) ?? '';
  assert.match(line, /; HttpOnly/);
  assert.match(line, /; SameSite=Lax/);
  assert.match(line, /; Path=\//);
  assert.doesNotMatch(line, /Secure|Domain/);
  const secure = await openTestAccess({ clock, environment: { KEPT_PUBLIC_URL: 'https://kept.example' } });
  const { email } = secure.people.owner;
  const answer = await secure.call('POST', '/v1/access/sign-in', {}, { email, password: testPassword });
  const bound = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-kept_session=')) ?? '';
  assert.match(bound, /; Secure/);
  assert.doesNotMatch(bound, /Domain/);
  assert.equal((await secure.call('GET', '/v1/access/session', bound.split(';')[0])).json().owes, 'second-factor');
  const plain = bound.split(';')[0]?.replace('__Host-', '');
  assert.equal((await secure.call('GET', '/v1/access/session', plain)).status, 401, 'only the bound name counts');
  await secure.close();
});

test('a session ends when it is idle for an hour, and after twelve in any case', async () => {
  const idle = await kept.cookieOf('engineer');
  clock.advance(HOUR - 1);
  assert.equal((await kept.call('GET', '/v1/access/session', idle)).status, 200);
  clock.advance(HOUR);
  assert.equal((await kept.call('GET', '/v1/access/session', idle)).status, 401);
  const used = await kept.cookieOf('engineer');
  for (let minutes = 0; minutes < 12 * 60 - 30; minutes += 30) {
    clock.advance(30 * MINUTE);
    assert.equal((await kept.call('GET', '/v1/access/session', used)).status, 200, `${minutes}`);
  }
  clock.advance(30 * MINUTE);
  assert.equal((await kept.call('GET', '/v1/access/session', used)).status, 401);
});

test('limits that an organisation shortens count for the sessions there are', async () => {
  const organisationId = await kept.newOrganisation();
  const person = await kept.addPerson({ organisationId, role: 'agent' });
  const cookie = await kept.cookieOf(person);
  clock.advance(6 * MINUTE);
  await admin.query('update access.organisation set idle_minutes = 5 where id = $1', [organisationId]);
  assert.equal((await kept.call('GET', '/v1/access/session', cookie)).status, 401);
});

test('the last use is written at most once a minute', async () => {
  const cookie = await kept.cookieOf('agent');
  const seen = async () => {
    const { items } = (await kept.call('GET', '/v1/access/own/sessions', cookie)).json();
    return items.find((item: { isThis: boolean }) => item.isThis).seenAt;
  };
  const first = await seen();
  clock.advance(59_000);
  assert.equal(await seen(), first);
  clock.advance(1_000);
  await seen();
  assert.equal(await seen(), clock.now().toISOString());
});

test('signing out ends the session on the server, and is recorded', async () => {
  const cookie = await kept.cookieOf('auditor');
  const out = await kept.call('DELETE', '/v1/access/session', cookie);
  assert.equal(out.status, 204);
  assert.match(out.headers.getSetCookie().join(), /kept_session=;/);
  assert.equal((await kept.call('GET', '/v1/access/session', cookie)).status, 401);
  assert.equal((await entriesOf('access.signed-out')).length, 1);
});

test('who signs in anew in a browser ends the session it had, also somebody else’s', async () => {
  const before = await kept.cookieOf('engineer');
  const elsewhere = await kept.cookieOf('engineer');
  const again = await signIn(await newMember('agent'), testPassword, { cookie: before });
  assert.equal(again.status, 200);
  assert.equal((await kept.call('GET', '/v1/access/session', before)).status, 401);
  assert.equal((await kept.call('GET', '/v1/access/session', again.cookie)).status, 200);
  assert.equal((await kept.call('GET', '/v1/access/session', elsewhere)).status, 200);
});

test('a request that another site causes changes nothing', async () => {
  const cookie = await kept.cookieOf('engineer');
  for (const from of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    const answer = await kept.call('DELETE', '/v1/access/session', { ...from, cookie });
    assert.deepEqual([answer.status, answer.json().code], [403, 'cross-site-request']);
  }
  assert.equal((await kept.call('GET', '/v1/access/session', cookie)).status, 200);
});

test('a privileged role must enrol a second factor before anything opens', async () => {
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'admin', totp: false });
  const { cookie, json } = await signIn(person);
  assert.equal(json().owes, 'second-factor-enrolment');
  assert.equal((await kept.call('GET', '/v1/access/members', cookie)).status, 403);
  const { secret } = (await kept.call('POST', '/v1/access/own/totp', cookie)).json();
  const wrong = await kept.call('POST', '/v1/access/own/totp/confirmation', cookie, { code: '000000' });
  assert.equal(wrong.status, 401);
  const code = generateSync({ secret, epoch: clock.now().getTime() / 1000 });
  const confirmed = await kept.call('POST', '/v1/access/own/totp/confirmation', cookie, { code });
  assert.equal(confirmed.status, 200, confirmed.text);
  assert.equal(confirmed.json().recoveryCodes.length, 10);
  assert.equal((await kept.call('GET', '/v1/access/members', confirmed.cookie)).status, 200);
  const signedIn = (await entriesOf('access.signed-in')).filter(({ body }) => body['person'] === person.id);
  assert.deepEqual(
    signedIn.map(({ body }) => body['methods']),
    [['password', 'totp']],
    'recorded once, when it was complete',
  );
});

test('an organisation may demand a second factor of everybody, from the next request on', async () => {
  const organisationId = await kept.newOrganisation();
  const person = await kept.addPerson({ organisationId, role: 'agent' });
  const cookie = await kept.cookieOf(person);
  assert.equal((await kept.call('GET', '/v1/access/session', cookie)).json().owes, null);
  await admin.query('update access.organisation set demands_second_factor = true where id = $1', [organisationId]);
  assert.equal((await kept.call('GET', '/v1/access/session', cookie)).json().owes, 'second-factor-enrolment');
  assert.equal((await kept.call('GET', '/v1/access/members', cookie)).status, 403);
});

test('who knows only the password cannot give themselves a second factor', async () => {
  const person = await newMember();
  const { cookie } = await signIn(person);
  for (const path of ['/v1/access/own/totp', '/v1/access/own/recovery-codes', '/v1/access/own/email-verifications']) {
    const { status } = await kept.call('POST', path, cookie);
    assert.equal(status, path.endsWith('verifications') ? 204 : 403, path);
  }
  const confirm = await kept.call('POST', '/v1/access/own/totp/confirmation', cookie, { code: '123456' });
  assert.equal(confirm.status, 403);
});

test('each recovery code works once in the place of the authenticator', async () => {
  const person = await newMember();
  const fresh = await kept.cookieOf(person);
  const { recoveryCodes } = (await kept.call('POST', '/v1/access/own/recovery-codes', fresh)).json();
  const [first, second] = recoveryCodes;
  const show = async (code: string) => {
    const { cookie } = await signIn(person);
    return kept.call('POST', '/v1/access/session/second-factor', cookie, { code });
  };
  const shown = await show(first.toLowerCase().replaceAll('-', ' '));
  assert.equal(shown.status, 200, shown.text);
  assert.deepEqual(shown.json().factors, ['totp', 'recovery-code']);
  assert.equal((await show(first)).status, 401);
  const renewed = await kept.call('POST', '/v1/access/own/recovery-codes', shown.cookie);
  assert.equal(renewed.status, 201, 'a recovery code is a fresh second factor');
  assert.equal((await show(second)).status, 401, 'the old ones work no more');
  assert.equal((await show(renewed.json().recoveryCodes[0])).status, 200);
});

test('sensitive acts ask for a second factor shown within ten minutes; showing it again suffices', async () => {
  const person = await newMember();
  const cookie = await kept.cookieOf(person);
  const act = (as: string | undefined) => kept.call('POST', '/v1/access/own/recovery-codes', as);
  clock.advance(10 * MINUTE - 1);
  assert.equal((await act(cookie)).status, 201);
  clock.advance(1);
  const stale = await act(cookie);
  assert.deepEqual([stale.status, stale.json().code], [403, 'second-factor-needed']);
  const shown = await kept.call('POST', '/v1/access/session/second-factor', cookie, { code: kept.codeOf(person) });
  assert.equal((await act(shown.cookie)).status, 201);
  assert.equal(
    (await act(await kept.cookieOf('agent'))).json().code,
    'second-factor-needed',
    'who has none enrols one',
  );
});

test('the hash of an imported list signs in and gives way to a stronger one; the same password stays', async () => {
  const passwordHash = await bcryptHash('imported password', 4);
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent', passwordHash });
  assert.equal((await signIn(person, 'not the password')).status, 401);
  const stored = async () =>
    (await admin.query<{ hash: string }>('select password_hash as hash from access.person where id = $1', [person.id]))
      .rows[0]?.hash;
  assert.equal(await stored(), passwordHash);
  assert.equal((await signIn(person, 'imported password')).status, 200);
  assert.match((await stored()) ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal((await signIn(person, 'imported password')).status, 200);
});

test('an address that is not verified may do nothing but verify', async () => {
  const person = await kept.addPerson({
    organisationId: kept.organisationId,
    role: 'agent',
    isEmailVerified: false,
  });
  const { cookie, json } = await signIn(person);
  assert.equal(json().owes, 'email-verification');
  for (const path of ['/v1/access/members', '/v1/access/own/sessions'])
    assert.equal((await kept.call('GET', path, cookie)).status, 403, path);
  assert.equal((await kept.call('POST', '/v1/access/own/totp', cookie)).status, 403);
});

test('a person of two organisations turns from one to the other; the token changes, and both record it', async () => {
  const otherId = await kept.newOrganisation();
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent' });
  await admin.query("insert into access.membership values ($1, $2, 'auditor', null, now())", [otherId, person.id]);
  const cookie = await kept.cookieOf(person, { organisationId: kept.organisationId });
  const before = (await kept.call('GET', '/v1/access/session', cookie)).json();
  assert.equal(before.organisations.length, 2);
  const turned = await kept.call('PUT', '/v1/access/session/organisation', cookie, { organisation: otherId });
  assert.equal(turned.status, 200, turned.text);
  assert.deepEqual([turned.json().organisation.id, turned.json().role], [otherId, 'auditor']);
  assert.equal((await kept.call('GET', '/v1/access/session', cookie)).status, 401);
  assert.equal((await entriesOf('access.signed-in', otherId)).length, 1);
  const foreign = await kept.newOrganisation();
  const refused = await kept.call('PUT', '/v1/access/session/organisation', turned.cookie, { organisation: foreign });
  assert.equal(refused.json().code, 'organisation-not-found');
  assert.equal((await kept.call('GET', '/v1/access/session', turned.cookie)).status, 200, 'and the session stays');
});

test('from a network that another organisation does not admit nobody turns to it, and there it is recorded', async () => {
  const closedId = await kept.newOrganisation();
  await admin.query("update access.organisation set console_allowlist = '{192.0.2.0/24}' where id = $1", [closedId]);
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent' });
  await admin.query("insert into access.membership values ($1, $2, 'agent', null, now())", [closedId, person.id]);
  const cookie = await kept.cookieOf(person, { organisationId: kept.organisationId });
  const refused = await kept.call('PUT', '/v1/access/session/organisation', cookie, { organisation: closedId });
  assert.deepEqual([refused.status, refused.json().code], [403, 'address-not-allowed']);
  assert.equal((await kept.call('GET', '/v1/access/session', cookie)).json().organisation.id, kept.organisationId);
  assert.deepEqual(await entriesOf('access.signed-in', closedId), []);
  const [entry] = await entriesOf('access.sign-in-refused', closedId);
  assert.deepEqual(entry?.body, { reason: 'address-not-allowed', method: 'password' });
});

test('a second factor that another organisation demands is owed there, not here', async () => {
  const strictId = await kept.newOrganisation();
  await admin.query('update access.organisation set demands_second_factor = true where id = $1', [strictId]);
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent' });
  await admin.query("insert into access.membership values ($1, $2, 'agent', null, now())", [strictId, person.id]);
  const cookie = await kept.cookieOf(person, { organisationId: kept.organisationId });
  const turned = await kept.call('PUT', '/v1/access/session/organisation', cookie, { organisation: strictId });
  assert.equal(turned.json().owes, 'second-factor-enrolment');
  const back = { organisation: kept.organisationId };
  const returned = await kept.call('PUT', '/v1/access/session/organisation', turned.cookie, back);
  assert.equal(returned.json().owes, null);
});

test('where the identity provider is demanded, a password opens only for the owner named for an emergency', async () => {
  const organisationId = await kept.newOrganisation();
  const owner = await kept.addPerson({ organisationId, role: 'owner' });
  const agent = await kept.addPerson({ organisationId, role: 'agent' });
  const before = await kept.cookieOf(agent);
  await admin.query(
    'update access.organisation set demands_single_sign_on = true, break_glass_person_id = $2 where id = $1',
    [organisationId, owner.id],
  );
  assert.equal((await kept.call('GET', '/v1/access/session', before)).json().owes, 'organisation');
  assert.equal((await kept.call('GET', '/v1/access/members', before)).status, 403);
  assert.equal((await signIn(agent)).json().code, 'single-sign-on-needed');
  assert.equal(
    (await signIn(agent, 'wrong password')).json().code,
    'sign-in-refused',
    'who is not known learns nothing',
  );
  assert.equal((await signIn(owner)).json().owes, 'second-factor');
  const link = await kept.call('POST', '/v1/access/links', kept.keyOf(), { email: agent.email });
  const followed = await kept.call('GET', `/sign-in${new URL(link.json().url).search}`);
  assert.deepEqual([followed.status, followed.cookie], [303, undefined]);
  assert.equal(followed.headers.get('location'), '/enter?refused=single-sign-on-needed');
  const refused = await entriesOf('access.sign-in-refused', organisationId);
  assert.deepEqual(refused.map(({ body }) => `${body['method']} ${body['reason']}`).sort(), [
    'link single-sign-on-needed',
    'password sign-in-refused',
    'password single-sign-on-needed',
  ]);
});

test('whoever belongs nowhere signs in and can do nothing but leave', async () => {
  const person = await kept.addPerson();
  const { cookie, json } = await signIn(person);
  assert.deepEqual([json().owes, json().organisation, json().organisations], ['organisation', null, []]);
  assert.equal((await kept.call('GET', '/v1/access/members', cookie)).status, 403);
  assert.equal((await kept.call('DELETE', '/v1/access/session', cookie)).status, 204);
});

test('a refused sign-in is recorded in the organisation of the account, or in the server’s own, without its address', async () => {
  const organisationId = await kept.newOrganisation();
  const person = await kept.addPerson({ organisationId, role: 'owner' });
  await signIn(person, 'wrong password');
  await signIn({ email: 'stranger@example.com' }, 'wrong password');
  const [refusal, ...others] = await entriesOf('access.sign-in-refused', organisationId);
  assert.deepEqual(refusal?.body, { method: 'password', reason: 'sign-in-refused' });
  assert.deepEqual(refusal?.actor, { kind: 'system', id: 'access' }, 'nobody has shown to be this person');
  assert.equal(others.length, 0);
  const strangers = await entriesOf('access.sign-in-refused', kept.access.ownOrganisationId);
  assert.ok(strangers.length > 0);
  assert.doesNotMatch(JSON.stringify(strangers), /stranger/);
  const { cookie } = await signIn(person);
  await kept.call('POST', '/v1/access/session/second-factor', cookie, { code: '000000' });
  const reasons = (await entriesOf('access.sign-in-refused', organisationId)).map(({ body }) => body['reason']);
  assert.deepEqual(reasons, ['sign-in-refused', 'code-refused']);
});
