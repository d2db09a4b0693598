import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import { openHttp } from '../platform/http.ts';
import { brand } from '../platform/ids.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { authoriserOf } from './authorise.ts';
import { sessionSchema } from './contract.ts';
import { createOrganisation } from './create-organisation.ts';
import { pickLanguage } from './language.ts';
import { isFirstOrganisation } from './list-organisations.ts';
import { writeLocalKey } from './local-key.ts';
import { may, permissionsOf } from './permissions.ts';
import { registerAccessRoutes } from './routes.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const { platform, organisationId, adminUrl, close } = await openTestPlatform({ clock });
const folder = mkdtempSync(join(tmpdir(), 'kept-access-'));
const localKey = writeLocalKey(folder);
const keyText = readFileSync(localKey.file, 'utf8').trim();
const http = openHttp(platform, authoriserOf(platform, localKey));
registerAccessRoutes(http, platform, localKey);
const address = await http.listen();
const admin = new pg.Client(adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await http.close();
  await close();
  rmSync(folder, { recursive: true });
});

const key = { authorization: `Bearer ${keyText}` };
async function call(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const answer = await fetch(address + path, {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) };
}

let slugs = 0;
async function newOrganisation(): Promise<{ slug: string; id: string }> {
  slugs += 1;
  const answer = await call('POST', '/v1/access/organisations', key, { slug: `org-${slugs}`, name: `Org ${slugs}` });
  assert.equal(answer.status, 201, answer.text);
  return answer.json();
}

async function newLink(slug: string): Promise<string> {
  const answer = await call('POST', '/v1/access/owner-links', key, { organisation: slug });
  assert.equal(answer.status, 201, answer.text);
  return new URL(answer.json().url).search;
}

async function signIn(slug: string): Promise<{ cookie: string }> {
  const answer = await call('GET', `/sign-in${await newLink(slug)}`, { 'accept-language': 'pt-BR,pt;q=0.9' });
  assert.equal(answer.status, 303, answer.text);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  return { cookie: cookie ?? '' };
}

test('a link signs the owner in once; the cookie is out of reach of scripts and other sites', async () => {
  const { slug, id } = await newOrganisation();
  const query = await newLink(slug);
  const first = await call('GET', `/sign-in${query}`, { 'accept-language': 'pt-BR' });
  assert.equal(first.status, 303);
  assert.equal(first.headers.get('location'), '/');
  const cookie = first.headers.get('set-cookie') ?? '';
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Lax/);
  const session = sessionSchema.parse(
    (await call('GET', '/v1/access/session', { cookie: cookie.split(';')[0] ?? '' })).json(),
  );
  assert.equal(session.organisation.id, id);
  assert.equal(session.language, 'pt-BR');
  assert.equal(session.actor.kind, 'person');
  const again = await call('GET', `/sign-in${query}`, { 'accept-language': 'es' });
  assert.equal(again.status, 410);
  assert.match(again.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(again.text, /ya no es válido/);
  assert.equal(again.headers.get('set-cookie'), null);
});

test('of two browsers that use a link at once, one is signed in', async () => {
  const { slug } = await newOrganisation();
  const query = await newLink(slug);
  const answers = await Promise.all(Array.from({ length: 5 }, () => call('GET', `/sign-in${query}`, {})));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [303, 410, 410, 410, 410]);
});

test('a link ends after ten minutes, a session after twelve hours', async () => {
  const { slug } = await newOrganisation();
  const query = await newLink(slug);
  clock.advance(10 * 60_000);
  assert.equal((await call('GET', `/sign-in${query}`, {})).status, 410);
  const { cookie } = await signIn(slug);
  clock.advance(12 * 60 * 60_000 - 1);
  assert.equal((await call('GET', '/v1/access/session', { cookie })).status, 200);
  clock.advance(1);
  assert.equal((await call('GET', '/v1/access/session', { cookie })).status, 401);
});

test('signing out ends the session on the server', async () => {
  const { slug } = await newOrganisation();
  const { cookie } = await signIn(slug);
  const out = await call('DELETE', '/v1/access/session', { cookie, 'sec-fetch-site': 'same-origin' });
  assert.equal(out.status, 204);
  assert.equal((await call('GET', '/v1/access/session', { cookie })).status, 401);
});

test('signing in is in the ledger, by the id of the person, the same person each time', async () => {
  const { slug, id } = await newOrganisation();
  await signIn(slug);
  await signIn(slug);
  const { rows } = await admin.query(
    "select count(*)::int as entries from ledger.pending where organisation_id = $1 and kind = 'access.owner-linked'",
    [id],
  );
  assert.deepEqual(rows, [{ entries: 2 }]);
  const people = await admin.query('select from access.owner where organisation_id = $1', [id]);
  assert.equal(people.rowCount, 1);
});

test('only hashes of tokens are stored', async () => {
  const { slug } = await newOrganisation();
  const query = await newLink(slug);
  const { cookie } = await signIn(slug);
  for (const table of ['owner_link', 'session']) {
    const { rows } = await admin.query(
      `select encode(token_hash, 'escape') as hash, t::text as row from access.${table} t`,
    );
    for (const { row } of rows)
      for (const secret of [query.slice('?token='.length), cookie.slice('kept_session='.length)])
        assert.ok(!row.includes(secret) && !row.includes(Buffer.from(secret).toString('hex')));
  }
});

test('a person who is signed in may neither make organisations nor links, and sees only their own', async () => {
  const { slug, id } = await newOrganisation();
  const { cookie } = await signIn(slug);
  const headers = { cookie, 'sec-fetch-site': 'same-origin' };
  assert.equal((await call('POST', '/v1/access/organisations', headers, { slug: 'x', name: 'X' })).status, 403);
  assert.equal((await call('POST', '/v1/access/owner-links', headers, { organisation: slug })).status, 403);
  const listed = (await call('GET', '/v1/access/organisations', headers)).json();
  assert.deepEqual(
    listed.items.map((item: { id: string }) => item.id),
    [id],
  );
});

test('with the key the header names the organisation, and must where there are several', async () => {
  const { slug, id } = await newOrganisation();
  await newOrganisation();
  const named = await call('GET', '/v1/access/session', { ...key, 'kept-organisation': slug });
  assert.equal(named.json().organisation.id, id);
  assert.equal((await call('GET', '/v1/access/session', key)).json().code, 'organisation-not-named');
  const unknown = await call('GET', '/v1/access/session', { ...key, 'kept-organisation': 'nobody' });
  assert.equal(unknown.json().code, 'organisation-not-found');
  const listed = (await call('GET', '/v1/access/organisations', key)).json();
  assert.ok(listed.items.some((item: { id: string }) => item.id === organisationId));
});

test('metrics tell of every organisation, so an owner who is signed in does not get them; the key does', async () => {
  const { slug } = await newOrganisation();
  const from = { 'x-forwarded-for': '203.0.113.9' };
  const owner = await call('GET', '/metrics', { ...from, ...(await signIn(slug)) });
  assert.deepEqual([owner.status, owner.json().code], [403, 'not-permitted']);
  assert.equal((await call('GET', '/metrics', { ...from, ...key })).status, 200);
});

test('no key, a wrong key and a made-up cookie are nobody', async () => {
  const wrong: Record<string, string>[] = [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: keyText },
    { cookie: 'kept_session=made-up' },
  ];
  for (const headers of wrong) {
    const answer = await call('GET', '/v1/access/session', headers);
    assert.equal(answer.status, 401);
    assert.equal(answer.json().code, 'not-signed-in');
  }
});

test('a short name is given once, and only names that fit an address', async () => {
  const { slug } = await newOrganisation();
  const twice = await call('POST', '/v1/access/organisations', key, { slug, name: 'Again' });
  assert.equal(twice.json().code, 'slug-taken');
  for (const bad of ['', 'Über', 'a b', '-a', 'x'.repeat(64)])
    assert.equal((await call('POST', '/v1/access/organisations', key, { slug: bad, name: 'Bad' })).status, 400, bad);
});

test('the first organisation is the one made first, though a clock is set back; it stays so', async () => {
  const from = clock.now();
  clock.set('2001-01-01T00:00:00Z');
  const { id } = await newOrganisation();
  clock.set(from);
  const listed = (await call('GET', '/v1/access/organisations', key)).json();
  assert.equal(listed.items[0].id, id, 'by its clock it is the oldest');
  const another = brand<'Organisation'>(id);
  assert.deepEqual(
    [await isFirstOrganisation(platform, organisationId), await isFirstOrganisation(platform, another)],
    [true, false],
  );
  const take = platform.db.globalTransaction(({ db }) =>
    db.updateTable('access.first_organisation').set({ organisation_id: id }).execute(),
  );
  await assert.rejects(take, /permission denied/);
});

test('of organisations made at once on an empty server one is the first', async () => {
  const empty = await openTestPlatform({ clock });
  const owner = new pg.Client(empty.adminUrl);
  await owner.connect();
  await owner.query('delete from access.first_organisation');
  await owner.query('delete from access.organisation');
  const names = ['a', 'b', 'c', 'd'];
  const made = await Promise.all(names.map((slug) => createOrganisation(empty.platform, { slug, name: slug })));
  const firsts = await Promise.all(made.map(({ id }) => isFirstOrganisation(empty.platform, id)));
  assert.equal(firsts.filter((first) => first).length, 1);
  await owner.end();
  await empty.close();
});

test('the local key is for its owner’s eyes, and another start makes another', () => {
  assert.equal(statSync(localKey.file).mode & 0o777, 0o600);
  const directory = mkdtempSync(join(folder, 'again-'));
  writeFileSync(join(directory, 'local.key'), 'old', { mode: 0o644 });
  const next = writeLocalKey(directory);
  assert.equal(statSync(next.file).mode & 0o777, 0o600);
  assert.ok(next.matches(readFileSync(next.file, 'utf8').trim()));
  assert.ok(!next.matches(keyText));
  assert.ok(!next.matches(''));
});

test('a right that the table does not know is nobody’s', () => {
  assert.ok(may('owner', 'retention:approve'));
  assert.ok(!may('owner', 'access:write'));
  assert.ok(!may('local-key', 'nonsense:write'));
  assert.ok(!may('local-key', 'constructor'));
  assert.ok(!permissionsOf('owner').includes('access:write'));
});

test('the language is the first one asked for that Kept speaks', () => {
  assert.equal(pickLanguage(undefined), 'en');
  assert.equal(pickLanguage('fr,es;q=0.5,pt;q=0.8'), 'pt-BR');
  assert.equal(pickLanguage('es-MX'), 'es');
  assert.equal(pickLanguage('pt;q=0, es;q=0.1'), 'es');
  assert.equal(pickLanguage('*'), 'en');
});
