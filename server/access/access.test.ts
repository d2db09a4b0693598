import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import { brand } from '../platform/ids.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { createOrganisation } from './create-organisation.ts';
import { ensureOwnOrganisation } from './ensure-own-organisation.ts';
import { pickLanguage } from './language.ts';
import { isFirstOrganisation } from './list-organisations.ts';
import { writeLocalKey } from './local-key.ts';
import { may, permissionsOf } from './permissions.ts';
import { openTestAccess } from './test-access.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const kept = await openTestAccess({ clock });
const folder = mkdtempSync(join(tmpdir(), 'kept-access-'));
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
  rmSync(folder, { recursive: true });
});

let slugs = 0;
async function newOrganisation(): Promise<{ slug: string; id: string }> {
  slugs += 1;
  const wanted = { slug: `org-${slugs}`, name: `Org ${slugs}` };
  const answer = await kept.call('POST', '/v1/access/organisations', kept.keyOf(), wanted);
  assert.equal(answer.status, 201, answer.text);
  return answer.json();
}

test('who is signed in may neither make organisations, owners nor links, and sees only their own', async () => {
  const { id } = await newOrganisation();
  const acts: [string, object][] = [
    ['/v1/access/organisations', { slug: 'x', name: 'X' }],
    ['/v1/access/owners', { organisation: kept.slug, name: 'X', email: 'x@example.com' }],
    ['/v1/access/links', { email: kept.people.owner.email }],
  ];
  for (const [path, body] of acts) assert.equal((await kept.call('POST', path, 'owner', body)).status, 403, path);
  const listed = (await kept.call('GET', '/v1/access/organisations', 'owner')).json();
  assert.deepEqual(
    listed.items.map((item: { id: string }) => item.id),
    [kept.organisationId],
  );
  const all = (await kept.call('GET', '/v1/access/organisations', kept.keyOf())).json();
  assert.ok(all.items.some((item: { id: string }) => item.id === id));
});

test('with the key the header names the organisation, and must where there are several', async () => {
  const { slug, id } = await newOrganisation();
  const named = await kept.call('GET', '/v1/access/session', kept.keyOf(slug));
  assert.equal(named.json().organisation.id, id);
  const { authorization = '' } = kept.keyOf();
  const unnamed = await kept.call('GET', '/v1/access/members', { authorization });
  assert.equal(unnamed.json().code, 'organisation-not-named');
  const unknown = await kept.call('GET', '/v1/access/session', kept.keyOf('nobody'));
  assert.equal(unknown.json().code, 'organisation-not-found');
});

test('with one organisation the key need not name it: the server’s own does not count, and is there by its name', async () => {
  const alone = await openTestAccess({ clock });
  const { authorization = '' } = alone.keyOf();
  const only = await alone.call('GET', '/v1/access/members', { authorization });
  assert.equal(only.status, 200, only.text);
  assert.equal(only.json().items.length, 6);
  const own = await alone.call('GET', '/v1/access/session', alone.keyOf('kept'));
  assert.equal(own.json().organisation.id, alone.access.ownOrganisationId);
  assert.equal(await isFirstOrganisation(alone.platform, alone.access.ownOrganisationId), false);
  const again = await Promise.all([ensureOwnOrganisation(alone.platform), ensureOwnOrganisation(alone.platform)]);
  assert.deepEqual(new Set(again.map(({ id }) => id)), new Set([alone.access.ownOrganisationId]));
  await alone.close();
});

test('metrics tell of every organisation, so an owner who is signed in does not get them; the key does', async () => {
  const from = { 'x-forwarded-for': '203.0.113.9' };
  const owner = await kept.call('GET', '/metrics', { ...from, cookie: await kept.cookieOf('owner') });
  assert.deepEqual([owner.status, owner.json().code], [403, 'not-permitted']);
  assert.equal((await kept.call('GET', '/metrics', { ...from, ...kept.keyOf() })).status, 200);
});

test('no key, a wrong key and a made-up cookie are nobody', async () => {
  const keyText = readFileSync(kept.access.localKey.file, 'utf8').trim();
  const wrong: Record<string, string>[] = [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: keyText },
    { cookie: 'kept_session=made-up' },
    { cookie: `kept_session=${keyText}` },
  ];
  for (const headers of wrong) {
    const answer = await kept.call('GET', '/v1/access/session', headers);
    assert.equal(answer.status, 401);
    assert.equal(answer.json().code, 'not-signed-in');
  }
});

test('a short name is given once, and only names that fit an address; the server’s own is nobody’s', async () => {
  const { slug } = await newOrganisation();
  const make = (wanted: string) =>
    kept.call('POST', '/v1/access/organisations', kept.keyOf(), { slug: wanted, name: 'Again' });
  assert.equal((await make(slug)).json().code, 'slug-taken');
  for (const bad of ['', 'Über', 'a b', '-a', 'x'.repeat(64), 'kept']) assert.equal((await make(bad)).status, 400, bad);
});

test('the first organisation is the one made first, though a clock is set back; it stays so', async () => {
  const from = clock.now();
  clock.set('2001-01-01T00:00:00Z');
  const { id } = await newOrganisation();
  clock.set(from);
  const listed = (await kept.call('GET', '/v1/access/organisations', kept.keyOf())).json();
  assert.equal(listed.items[0].id, id, 'by its clock it is the oldest');
  const another = brand<'Organisation'>(id);
  assert.deepEqual(
    [await isFirstOrganisation(kept.platform, kept.organisationId), await isFirstOrganisation(kept.platform, another)],
    [true, false],
  );
  const take = kept.platform.db.globalTransaction(({ db }) =>
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

test('of secrets the database holds hashes and sealed values only', async () => {
  const person = await kept.addPerson({ organisationId: kept.organisationId, role: 'owner' });
  const cookie = await kept.cookieOf(person);
  const enrolment = (await kept.call('POST', '/v1/access/own/totp', cookie)).json();
  const { recoveryCodes } = (await kept.call('POST', '/v1/access/own/recovery-codes', cookie)).json();
  const link = await kept.call('POST', '/v1/access/links', kept.keyOf(), { email: person.email });
  const token = new URL(link.json().url).searchParams.get('token') ?? '';
  const session = cookie.slice('kept_session='.length);
  const secrets = [person.totp, person.password, enrolment.secret, ...recoveryCodes, token, session];
  const tables = ['one_time_token', 'session', 'person', 'totp', 'recovery_code', 'audit_detail'];
  for (const table of tables) {
    const { rows } = await admin.query<{ row: string }>(`select t::text as row from access.${table} t`);
    assert.ok(rows.length > 0, table);
    const all = rows.map(({ row }) => row).join('\n');
    for (const secret of secrets)
      for (const form of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')])
        assert.ok(!all.includes(form), `${table} holds a secret`);
  }
});

test('the local key is for its owner’s eyes, and another start makes another', () => {
  const { localKey } = kept.access;
  const keyText = readFileSync(localKey.file, 'utf8').trim();
  assert.equal(statSync(localKey.file).mode & 0o777, 0o600);
  const directory = mkdtempSync(join(folder, 'again-'));
  writeFileSync(join(directory, 'local.key'), 'old', { mode: 0o644 });
  const next = writeLocalKey(directory);
  assert.equal(statSync(next.file).mode & 0o777, 0o600);
  assert.ok(next.matches(readFileSync(next.file, 'utf8').trim()));
  assert.ok(!next.matches(keyText));
  assert.ok(!next.matches(''));
});

test('a right that the table does not know is nobody’s, and nobody but the operator operates', () => {
  assert.ok(may('owner', 'retention:approve'));
  assert.ok(!may('auditor', 'retention:approve'));
  assert.ok(!may('owner', 'access:operate'));
  assert.ok(!may('local-key', 'nonsense:write'));
  assert.ok(!may('local-key', 'constructor'));
  assert.deepEqual(permissionsOf('beginner'), ['access:begin']);
  assert.deepEqual(permissionsOf('visitor'), ['access:begin', 'access:leave']);
  const changing = permissionsOf('auditor').filter((permission) => !/:(read|begin|own|leave|audit)$/.test(permission));
  assert.deepEqual(changing, ['exports:write'], 'an auditor reads everything, takes it along, and changes nothing');
});

test('the language is the first one asked for that Kept speaks', () => {
  assert.equal(pickLanguage(undefined), 'en');
  assert.equal(pickLanguage('fr,es;q=0.5,pt;q=0.8'), 'pt-BR');
  assert.equal(pickLanguage('es-MX'), 'es');
  assert.equal(pickLanguage('pt;q=0, es;q=0.1'), 'es');
  assert.equal(pickLanguage('*'), 'en');
});
