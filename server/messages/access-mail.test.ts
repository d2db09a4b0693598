import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSync } from 'otplib';
import pg from 'pg';
import { offerSetup } from '../access/set-up.ts';
import { openTestAccess, type TestPerson, testPassword } from '../access/test-access.ts';
import { fixedClock } from '../platform/clock.ts';
import { registerAccessMail } from './access-mail.ts';
import { findMessage } from './find-message.ts';
import { queueMail } from './queue-mail.ts';
import { registerMessagesTasks } from './tasks.ts';
import { templateNamed } from './templates.ts';
import { openTestMailServer, type TakenMail } from './test-mail-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const clock = fixedClock('2026-11-20T12:00:00Z');
const server = await openTestMailServer();
registerAccessMail();
const kept = await openTestAccess({
  clock,
  environment: { KEPT_SMTP_URL: server.url, KEPT_MAIL_FROM: 'Kept <kept@kept.example>' },
  queueMail,
  findMail: findMessage,
  register: (_http, platform) => registerMessagesTasks(platform),
});
await kept.platform.tasks.start();
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
  await server.close();
});
beforeEach(() => {
  server.taken.length = 0;
});

/** The next mail to an address that is there or arrives within ten seconds. */
async function mailTo(address: string): Promise<TakenMail> {
  const started = performance.now();
  for (;;) {
    const at = server.taken.findIndex(({ to }) => to.includes(address));
    const [mail] = at < 0 ? [] : server.taken.splice(at, 1);
    if (mail !== undefined) return mail;
    assert.ok(performance.now() - started < 10_000, `no mail came to ${address}`);
    await sleep(20);
  }
}

/** The token of the link in a mail, which stands behind the `#` of the page. */
function tokenIn({ mail }: TakenMail, page: string): string {
  const [, token] = new RegExp(`${kept.address}${page}#([\\w-]{43})`).exec(mail.text ?? '') ?? [];
  assert.ok(token !== undefined, mail.text);
  assert.ok(mail.html?.includes(`${page}#${token}`), 'text and page hold the same link');
  return token;
}

const post = (path: string, body: unknown, who: Parameters<typeof kept.call>[2] = {}) =>
  kept.call('POST', path, who, body);
const signIn = (person: Pick<TestPerson, 'email'>, password = testPassword) =>
  post('/v1/access/sign-in', { email: person.email, password });
const newAgent = (options: object = {}) =>
  kept.addPerson({ organisationId: kept.organisationId, role: 'agent', ...options });

test('who forgot the password gets a link that sets another, once; every browser is signed out', async () => {
  const person = await newAgent({ totp: true });
  const before = await kept.cookieOf(person);
  const asked = await post('/v1/access/password-resets', { email: person.email.toUpperCase() });
  assert.deepEqual([asked.status, asked.text], [204, '']);
  const token = tokenIn(await mailTo(person.email), '/reset');
  const { rows } = await admin.query<{ row: string }>('select m::text as row from messages.message m');
  assert.ok(rows.length > 0 && !rows.some(({ row }) => row.includes(token) || row.includes('/reset#')), 'it is sealed');
  const looked = await post('/v1/access/tokens', { token });
  assert.deepEqual([looked.json().kind, looked.json().email], ['password-reset', person.email]);
  const password = 'an umbrella without rain';
  const weak = await post('/v1/access/password-resets/use', { token, password: person.email });
  assert.equal(weak.json().code, 'password-too-weak', 'and the link still works');
  assert.equal((await post('/v1/access/password-resets/use', { token, password })).status, 204);
  assert.equal((await post('/v1/access/password-resets/use', { token, password })).json().code, 'link-invalid');
  assert.equal((await post('/v1/access/tokens', { token })).status, 410);
  assert.equal((await kept.call('GET', '/v1/access/session', before)).status, 401);
  assert.equal((await signIn(person)).status, 401);
  assert.equal((await signIn(person, password)).json().owes, 'second-factor', 'the mailbox is no second factor');
  assert.match((await mailTo(person.email)).mail.subject ?? '', /password was changed/);
});

test('an address that nobody has gets no mail, and the same answer', async () => {
  const known = await newAgent();
  const asked = [];
  for (const email of ['nobody@example.com', known.email]) {
    const started = performance.now();
    const { status, text, headers } = await post('/v1/access/password-resets', { email });
    asked.push({ status, text, type: headers.get('content-type') });
    assert.ok(performance.now() - started < 5_000);
  }
  assert.deepEqual(asked[0], asked[1]);
  await mailTo(known.email);
  await kept.platform.tasks.settled();
  assert.deepEqual(server.taken, []);
});

test('a link for a new password works for an hour, and only the last one sent', async () => {
  const person = await newAgent();
  const ask = async () => {
    await post('/v1/access/password-resets', { email: person.email });
    return tokenIn(await mailTo(person.email), '/reset');
  };
  const [first, second] = [await ask(), await ask()];
  const use = (token: string) =>
    post('/v1/access/password-resets/use', { token, password: 'an umbrella without rain' });
  assert.equal((await use(first)).status, 410);
  clock.advance(HOUR);
  assert.equal((await use(second)).status, 410);
  assert.equal((await signIn(person)).status, 200);
});

test('a link leads to this server, whatever a request says of where it arrived', async () => {
  const person = await newAgent();
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', origin: 'https://evil.example' };
  await kept.call('POST', '/v1/access/password-resets', headers, { email: person.email });
  const { raw } = await mailTo(person.email);
  assert.doesNotMatch(raw, /evil/);
});

test('an address is verified by its link, in whatever browser; the session that waited for it goes on', async () => {
  const person = await newAgent({ isEmailVerified: false });
  const { cookie } = await signIn(person);
  assert.equal((await post('/v1/access/own/email-verifications', undefined, cookie)).status, 204);
  const token = tokenIn(await mailTo(person.email), '/verify');
  assert.equal((await kept.call('GET', '/v1/access/members', cookie)).status, 403);
  assert.equal((await post('/v1/access/email-verifications/use', { token })).status, 204);
  assert.equal((await post('/v1/access/email-verifications/use', { token })).status, 410);
  assert.equal((await kept.call('GET', '/v1/access/members', cookie)).status, 200);
  const entries = await kept.entriesOf('access.email-changed');
  assert.deepEqual(entries.at(-1)?.body, { person: person.id, act: 'verified' });
});

test('another address counts once its link was opened, and the one before is told', async () => {
  const person = await newAgent({ totp: true });
  const cookie = await kept.cookieOf(person);
  const change = (email: string) => kept.call('PUT', '/v1/access/own/email', cookie, { email });
  const taken = await newAgent();
  assert.equal((await change(taken.email)).status, 204, 'it does not tell that somebody has it');
  const email = `new-${person.email}`;
  assert.equal((await change(email)).status, 204);
  const token = tokenIn(await mailTo(email), '/verify');
  assert.equal((await signIn({ email })).status, 401);
  assert.equal((await post('/v1/access/email-verifications/use', { token })).status, 204);
  assert.equal((await signIn({ email })).status, 200);
  assert.equal((await signIn(person)).status, 401);
  assert.match((await mailTo(person.email)).mail.subject ?? '', /address was changed/);
  await kept.platform.tasks.settled();
  assert.ok(!server.taken.some(({ to }) => to.includes(taken.email)));
});

test('whoever was shut out by a new password does not come back through an address they asked for before', async () => {
  const person = await newAgent({ totp: true });
  const ask = async (email: string) => {
    await kept.call('PUT', '/v1/access/own/email', await kept.cookieOf(person), { email });
    return tokenIn(await mailTo(email), '/verify');
  };
  const before = await ask(`theirs-${person.email}`);
  const [current, password] = [testPassword, 'an umbrella without rain'];
  const changed = await kept.call('PUT', '/v1/access/own/password', await kept.cookieOf(person), { current, password });
  assert.equal(changed.status, 200, changed.text);
  assert.equal((await post('/v1/access/email-verifications/use', { token: before })).json().code, 'link-invalid');
  const again = await ask(`again-${person.email}`);
  await post('/v1/access/password-resets', { email: person.email });
  await mailTo(person.email);
  const token = tokenIn(await mailTo(person.email), '/reset');
  assert.equal((await post('/v1/access/password-resets/use', { token, password: 'a boat of blue paper' })).status, 204);
  assert.equal((await post('/v1/access/email-verifications/use', { token: again })).json().code, 'link-invalid');
});

test('an address that somebody else has by now is not given twice', async () => {
  const person = await newAgent({ totp: true });
  const cookie = await kept.cookieOf(person);
  const email = 'wanted-by-two@example.com';
  await kept.call('PUT', '/v1/access/own/email', cookie, { email });
  const token = tokenIn(await mailTo(email), '/verify');
  await newAgent({ email });
  assert.equal((await post('/v1/access/email-verifications/use', { token })).json().code, 'link-invalid');
});

test('of two who open their links to the same address at once, one gets it', async () => {
  const email = 'raced-for@example.com';
  const tokens = [];
  for (let index = 0; index < 2; index += 1) {
    const person = await newAgent({ totp: true });
    await kept.call('PUT', '/v1/access/own/email', await kept.cookieOf(person), { email });
    tokens.push(tokenIn(await mailTo(email), '/verify'));
  }
  const used = await Promise.all(tokens.map((token) => post('/v1/access/email-verifications/use', { token })));
  assert.deepEqual(used.map(({ status }) => status).sort(), [204, 410]);
});

test('somebody new accepts an invitation, chooses a password and is in; the link works once', async () => {
  const email = 'nova@example.com';
  const owner = await kept.cookieOf('owner');
  const sent = await post('/v1/access/invitations', { email, role: 'agent', language: 'pt-BR' }, owner);
  assert.equal(sent.json().mail, 'queued');
  const taken = await mailTo(email);
  assert.match(taken.mail.subject ?? '', /^Convite para/);
  assert.match(taken.mail.text ?? '', /Test owner convida você/);
  const token = tokenIn(taken, '/invitation');
  const looked = (await post('/v1/access/tokens', { token })).json();
  assert.deepEqual([looked.kind, looked.role, looked.isNewPerson], ['invitation', 'agent', true]);
  assert.equal((await post('/v1/access/invitations/use', { token })).status, 401, 'name and password are missing');
  const person = { name: 'Nova', password: 'a lantern in the fog', language: 'pt-BR' };
  const joined = await post('/v1/access/invitations/use', { token, person });
  assert.equal(joined.status, 200, joined.text);
  assert.deepEqual([joined.json().owes, joined.json().role], [null, 'agent']);
  assert.equal((await kept.call('GET', '/v1/access/members', joined.cookie)).status, 200);
  assert.equal((await post('/v1/access/invitations/use', { token, person })).json().code, 'link-invalid');
  await kept.platform.tasks.settled();
  const listed = (await kept.call('GET', '/v1/access/invitations', owner)).json().items;
  const mine = listed.find((item: { email: string }) => item.email === email);
  assert.deepEqual([mine.state, mine.mail, mine.invitedBy], ['accepted', 'sent', 'Test owner']);
});

test('who has an account signs in before they accept; nobody else accepts for them', async () => {
  const organisationId = await kept.newOrganisation();
  const owner = await kept.cookieOf(await kept.addPerson({ organisationId, role: 'owner' }));
  const person = await newAgent({ totp: true });
  await post('/v1/access/invitations', { email: person.email, role: 'admin', language: 'en' }, owner);
  const token = tokenIn(await mailTo(person.email), '/invitation');
  const use = (cookie: string | undefined) => post('/v1/access/invitations/use', { token }, cookie);
  const asNew = { token, person: { name: 'Thief', password: 'a lantern in the fog', language: 'en' } };
  assert.equal((await post('/v1/access/invitations/use', asNew)).json().code, 'sign-in-refused');
  const other = await kept.cookieOf(await newAgent());
  assert.equal((await use(other)).json().code, 'sign-in-refused');
  const half = await signIn(person);
  assert.equal((await use(half.cookie)).json().code, 'sign-in-refused', 'the password alone does not do');
  const code = kept.codeOf(person);
  const whole = await post('/v1/access/session/second-factor', { code }, half.cookie);
  const joined = await use(whole.cookie);
  assert.equal(joined.status, 200, joined.text);
  assert.deepEqual([joined.json().organisation.id, joined.json().role], [organisationId, 'admin']);
  assert.equal(joined.json().organisations.length, 2);
});

test('an invitation that was renewed or taken back does not work', async () => {
  const owner = await kept.cookieOf('owner');
  const send = async () => {
    const { id } = (
      await post('/v1/access/invitations', { email: 'late@example.com', role: 'agent', language: 'en' }, owner)
    ).json();
    return { id, token: tokenIn(await mailTo('late@example.com'), '/invitation') };
  };
  const first = await send();
  const second = await send();
  assert.equal((await post('/v1/access/tokens', { token: first.token })).status, 410);
  assert.equal((await post('/v1/access/tokens', { token: second.token })).status, 200);
  await kept.call('DELETE', `/v1/access/invitations/${second.id}`, owner);
  const person = { name: 'Late', password: 'a lantern in the fog', language: 'en' };
  assert.equal((await post('/v1/access/invitations/use', { token: second.token, person })).status, 410);
});

test('a sign-in with a browser that was not seen before is told by mail, the first one and a known one are not', async () => {
  const person = await newAgent();
  const from = async (agent: string) => {
    const body = { email: person.email, password: testPassword };
    assert.equal((await kept.call('POST', '/v1/access/sign-in', { 'user-agent': agent }, body)).status, 200);
  };
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
  await from(firefox);
  await from(firefox.replaceAll('150', '151'));
  await kept.platform.tasks.settled();
  assert.deepEqual(server.taken, []);
  await from('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15');
  const { mail } = await mailTo(person.email);
  assert.match(mail.text ?? '', /Safari on macOS/);
  assert.match(mail.text ?? '', /127\.0\.0\.1/);
});

test('every mail can be written in three languages, and says what is owed to whoever did not ask', () => {
  const at = '2026-11-20T12:00:00Z';
  const figures = {
    'email-verification': { name: 'Ana', url: 'https://kept.example/verify#t', expiresAt: at },
    'password-reset': { name: 'Ana', url: 'https://kept.example/reset#t', expiresAt: at },
    'password-changed': { name: 'Ana', device: 'unknown', address: '192.0.2.1', country: 'BR', at },
    'new-device': { name: 'Ana', device: 'Firefox on Linux', address: '192.0.2.1', country: null, at },
    'email-changed': { name: 'Ana', at },
    invitation: { organisation: 'Maré', invitedBy: null, role: 'dpo', url: 'https://kept.example/i#t', expiresAt: at },
  };
  for (const [name, filled] of Object.entries(figures)) {
    const subjects = (['pt-BR', 'en', 'es'] as const).map((language) => {
      const { subject, text, html } = templateNamed(name).render(language, filled);
      assert.doesNotMatch(text + html, /undefined|null|\[object/, `${name} ${language}`);
      assert.match(html, new RegExp(`<html lang="${language}"`));
      return subject;
    });
    assert.equal(new Set(subjects).size, 3, name);
  }
});

test('an empty server is set up once, with the token that was printed last; the address is verified by mail', async () => {
  assert.equal(await offerSetup(kept.access), undefined, 'there are people');
  for (const table of ['session', 'membership', 'totp', 'recovery_code', 'one_time_token', 'person'])
    await admin.query(`delete from access.${table}`);
  const old = (await offerSetup(kept.access)) ?? '';
  const token = (await offerSetup(kept.access)) ?? '';
  assert.equal((await post('/v1/access/tokens', { token })).json().kind, 'setup');
  const wanted = (given: string, slug = 'first') => ({
    token: given,
    organisation: { slug, name: 'First' },
    name: 'Bia',
    email: 'bia@example.com',
    password: 'a ladder for the moon',
    language: 'pt-BR',
  });
  assert.equal((await post('/v1/access/setup', wanted(old))).json().code, 'link-invalid');
  assert.equal((await post('/v1/access/setup', wanted(token, kept.slug))).json().code, 'slug-taken');
  const [one, two] = await Promise.all([
    post('/v1/access/setup', wanted(token, 'first')),
    post('/v1/access/setup', { ...wanted(token, 'second'), email: 'eve@example.com' }),
  ]);
  assert.deepEqual([one.status, two.status].sort(), [201, 410]);
  const made = one.status === 201 ? one : two;
  assert.equal(made.json().owes, 'email-verification');
  const { email } = made.json().person;
  const verification = tokenIn(await mailTo(email), '/verify');
  assert.equal((await post('/v1/access/email-verifications/use', { token: verification })).status, 204);
  const session = (await kept.call('GET', '/v1/access/session', made.cookie)).json();
  assert.equal(session.owes, 'second-factor-enrolment');
  assert.deepEqual(
    session.organisations.map(({ role, organisation }: { role: string; organisation: { slug: string } }) => [
      organisation.slug,
      role,
    ]),
    [
      [one.status === 201 ? 'first' : 'second', 'owner'],
      ['kept', 'owner'],
    ],
  );
  const { secret } = (await post('/v1/access/own/totp', undefined, made.cookie)).json();
  const code = generateSync({ secret, epoch: clock.now().getTime() / 1000 });
  const whole = await post('/v1/access/own/totp/confirmation', { code }, made.cookie);
  assert.equal((await kept.call('GET', '/v1/access/members', whole.cookie)).status, 200);
});
