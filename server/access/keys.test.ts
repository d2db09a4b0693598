import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { z } from 'zod';
import { opensCommitment } from '../ledger/record-entry.ts';
import { fixedClock } from '../platform/clock.ts';
import { endpoint } from '../platform/contract.ts';
import { isAllowed, plainNetwork } from './allowlist.ts';
import { auditEntrySchema, keySchema } from './members-contract.ts';
import { openTestAccess } from './test-access.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const ask = (path: `/${string}`, permission: `${string}:${'read' | 'ingest'}`) =>
  endpoint({ method: 'GET', path, summary: 'Asks', permission, answer: z.object({ actor: z.string() }) });
const kept = await openTestAccess({
  clock,
  // A loopback proxy, so that a test can come from any address.
  environment: { KEPT_PROXIES: '127.0.0.1' },
  register(http) {
    http.route(ask('/v1/test/read', 'policy:read'), async ({ caller }) => ({ actor: caller.actor.id }));
    http.route(ask('/v1/test/ingest', 'webhooks:ingest'), async ({ caller }) => ({ actor: caller.actor.id }));
  },
});
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
});
const from = (address: string) => ({ 'x-forwarded-for': address });
const madeSchema = keySchema.extend({ key: z.string() });

async function makeKey(wanted: Record<string, unknown>) {
  const answer = await kept.call('POST', '/v1/access/keys', 'owner', { name: 'Test', ...wanted });
  assert.equal(answer.status, 201, answer.text);
  const made = madeSchema.parse(answer.json());
  return { ...made, headers: { authorization: `Bearer ${made.key}` } };
}

async function lastEntry(kind: string) {
  const { rows } = await admin.query<{ leaf: string }>(
    'select leaf from ledger.pending where organisation_id = $1 and kind = $2 order by entry_id desc limit 1',
    [kept.organisationId, kind],
  );
  const leaf = z.object({ id: z.string(), body: z.looseObject({}), commitment: z.string() });
  return leaf.parse(JSON.parse(rows[0]?.leaf ?? 'null'));
}

async function codeOf(answer: Promise<{ status: number; json(): { code: string } }>): Promise<string> {
  return (await answer).json().code;
}

test('a key does what it was given, no more; its text is shown once and stored as a hash', async () => {
  const key = await makeKey({ kind: 'api', scopes: ['policy:read'] });
  assert.match(key.key, /^kept_api_[\w-]{43}$/);
  assert.equal(key.lastFour, key.key.slice(-4));
  const allowed = await kept.call('GET', '/v1/test/read', key.headers);
  assert.deepEqual([allowed.status, allowed.json().actor], [200, key.id]);
  assert.equal(await codeOf(kept.call('GET', '/v1/test/ingest', key.headers)), 'not-permitted');
  const { rows } = await admin.query<{ row: string }>('select k::text as row from access.key k where id = $1', [
    key.id,
  ]);
  const secret = key.key.slice('kept_api_'.length);
  assert.ok(!rows[0]?.row.includes(secret) && !rows[0]?.row.includes(Buffer.from(secret).toString('hex')));
  const listed = await kept.call('GET', '/v1/access/keys', 'auditor');
  assert.ok(!listed.text.includes(secret));
  const [first] = listed.json().items;
  assert.deepEqual(
    [first.id, first.createdBy, first.lastUsedAt, first.state],
    [key.id, 'Test owner', clock.now().toISOString(), 'active'],
  );
});

test('nobody can give a key what asks for a person, nor a right that does not exist', async () => {
  for (const scope of ['retention:approve', 'access:write', 'metrics:read', 'access:own', 'nonsense:read']) {
    const answer = kept.call('POST', '/v1/access/keys', 'owner', { kind: 'api', name: 'K', scopes: [scope] });
    assert.equal(await codeOf(answer), 'not-permitted', scope);
  }
  const mistaken = [
    { kind: 'api', scopes: [] },
    { kind: 'ingest', scopes: ['policy:read'] },
    { kind: 'site' },
    { kind: 'api', scopes: ['policy:read'], origins: ['https://example.com'] },
    { kind: 'site', origins: ['javascript:alert(1)'] },
  ];
  for (const wanted of mistaken)
    assert.equal(
      await codeOf(kept.call('POST', '/v1/access/keys', 'owner', { name: 'K', ...wanted })),
      'invalid-input',
      JSON.stringify(wanted),
    );
});

test('making and revoking keys asks for a fresh second factor, which no key has', async () => {
  const stale = await kept.cookieOf('owner', { fresh: false });
  const wanted = { kind: 'ingest', name: 'K' };
  assert.equal(await codeOf(kept.call('POST', '/v1/access/keys', { cookie: stale }, wanted)), 'second-factor-needed');
  const { headers } = await makeKey({ kind: 'api', scopes: ['access:read'] });
  assert.equal(await codeOf(kept.call('POST', '/v1/access/keys', headers, wanted)), 'not-permitted');
});

test('a revoked and an expired key open nothing, from that moment on', async () => {
  const key = await makeKey({ kind: 'ingest' });
  assert.equal((await kept.call('GET', '/v1/test/ingest', key.headers)).status, 200);
  assert.equal((await kept.call('DELETE', `/v1/access/keys/${key.id}`, 'owner')).status, 204);
  assert.equal(await codeOf(kept.call('GET', '/v1/test/ingest', key.headers)), 'not-signed-in');
  assert.equal(await codeOf(kept.call('DELETE', `/v1/access/keys/${key.id}`, 'owner')), 'key-not-found');
  const hour = new Date(clock.now().getTime() + 3_600_000).toISOString();
  const brief = await makeKey({ kind: 'api', scopes: ['policy:read'], expiresAt: hour });
  clock.advance(3_600_000 - 1);
  assert.equal((await kept.call('GET', '/v1/test/read', brief.headers)).status, 200);
  clock.advance(1);
  assert.equal(await codeOf(kept.call('GET', '/v1/test/read', brief.headers)), 'not-signed-in');
  assert.deepEqual((await lastEntry('access.refused')).body, { permission: null, reason: 'not-signed-in' });
});

test('a key of another organisation cannot be seen or revoked', async () => {
  const other = await kept.newOrganisation();
  const person = await kept.addPerson({ organisationId: other, role: 'owner' });
  const key = await makeKey({ kind: 'ingest' });
  const cookie = await kept.cookieOf(person, { organisationId: other });
  assert.deepEqual((await kept.call('GET', '/v1/access/keys', { cookie })).json().items, []);
  assert.equal(await codeOf(kept.call('DELETE', `/v1/access/keys/${key.id}`, { cookie })), 'key-not-found');
  const naming = (slug: string) => kept.call('GET', '/v1/test/ingest', { ...key.headers, 'kept-organisation': slug });
  assert.equal((await naming(kept.slug)).status, 200);
  const { rows } = await admin.query<{ slug: string }>('select slug from access.organisation where id = $1', [other]);
  const [another, none] = [await naming(rows[0]?.slug ?? ''), await naming('nobody')];
  assert.equal(another.json().code, 'organisation-not-found');
  assert.equal(another.text, none.text, 'whether there is such an organisation is not told');
  assert.equal((await kept.call('GET', '/v1/test/ingest', key.headers)).status, 200);
});

test('a site key counts from its own pages only', async () => {
  const key = await makeKey({
    kind: 'site',
    origins: ['https://www.example.com/some/page', 'https://www.example.com'],
  });
  assert.deepEqual(key.origins, ['https://www.example.com']);
  const at = (origin?: string) => ({ ...key.headers, ...(origin !== undefined && { origin }) });
  for (const elsewhere of [undefined, 'https://evil.example', 'https://www.example.com.evil.example', 'null'])
    assert.equal(await codeOf(kept.call('GET', '/v1/test/read', at(elsewhere))), 'not-permitted', elsewhere);
  // It has no right to anything yet, but it is known.
  const known = await kept.call('GET', '/v1/test/read', at('https://www.example.com'));
  assert.match(known.json().detail, /policy:read is not among the rights/);
});

test('people and keys may each be held to networks; what would shut out who decides it is refused', async () => {
  const settings = (
    await kept.call('GET', '/v1/access/settings', { cookie: await kept.cookieOf('owner'), ...from('203.0.113.9') })
  ).json();
  assert.equal(settings.callerAddress, '203.0.113.9');
  const key = await makeKey({ kind: 'api', scopes: ['policy:read'] });
  const change = async (address: string, fields: Record<string, unknown>) =>
    kept.call(
      'PUT',
      '/v1/access/settings',
      { cookie: await kept.cookieOf('owner'), ...from(address) },
      { ...settings, ...fields },
    );
  const lists = { consoleAllowlist: ['203.0.113.77/24', '2001:DB8::1'], keyAllowlist: ['198.51.100.4'] };
  assert.equal(await codeOf(change('192.0.2.1', lists)), 'lock-out');
  const changed = await change('203.0.113.9', lists);
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual(changed.json().consoleAllowlist, ['203.0.113.0/24', '2001:db8::1/128']);
  assert.deepEqual((await lastEntry('access.settings-changed')).body, { fields: ['consoleAllowlist', 'keyAllowlist'] });

  const read = async (who: Record<string, string>, address: string) =>
    (await kept.call('GET', '/v1/test/read', { ...who, ...from(address) })).status;
  const cookie = await kept.cookieOf('agent');
  const person = { cookie };
  assert.deepEqual(
    [await read(person, '203.0.113.1'), await read(person, '203.0.114.1'), await read(person, '2001:db8::1')],
    [200, 403, 200],
  );
  // What stands first a caller may have written themselves; the proxy adds whom it saw.
  assert.equal(await read(person, '203.0.113.1, 192.0.2.1'), 403);
  assert.deepEqual([await read(key.headers, '198.51.100.4'), await read(key.headers, '203.0.113.1')], [200, 403]);
  assert.equal((await kept.call('GET', '/v1/test/read', { ...kept.keyOf(), ...from('192.0.2.1') })).status, 200);
  // To see who is signed in, and to leave, is possible from everywhere.
  assert.equal((await kept.call('GET', '/v1/access/session', { ...person, ...from('192.0.2.1') })).status, 200);
  assert.equal((await change('203.0.113.9', { consoleAllowlist: [], keyAllowlist: [] })).status, 200);
});

test('single sign-on is demanded only where there is a provider, and an owner who gets in without', async () => {
  const settings = (await kept.call('GET', '/v1/access/settings', 'owner')).json();
  const change = (fields: Record<string, unknown>) =>
    kept.call('PUT', '/v1/access/settings', 'owner', { ...settings, ...fields });
  assert.equal(await codeOf(change({ demandsSingleSignOn: true })), 'lock-out');
  const agent = kept.people.agent.id;
  assert.equal(await codeOf(change({ breakGlass: agent })), 'member-not-found');
  const breakGlass = kept.people.owner.id;
  assert.equal(await codeOf(change({ demandsSingleSignOn: true, breakGlass })), 'lock-out');
  assert.equal((await change({ breakGlass })).status, 200);
});

test('networks have one form, and an address is in those it is in', () => {
  assert.deepEqual(
    ['10.1.2.3/8', '10.1.2.3', '2001:db8:ffff::1/32', '::ffff:10.0.0.1', '0.0.0.0/0', '::/0'].map(plainNetwork),
    ['10.0.0.0/8', '10.1.2.3/32', '2001:db8::/32', '10.0.0.1/32', '0.0.0.0/0', '::/0'],
  );
  assert.ok(isAllowed('192.0.2.1', []));
  assert.ok(isAllowed('::ffff:10.9.9.9', ['10.0.0.0/8']));
  assert.ok(!isAllowed('2001:db8::1', ['0.0.0.0/0']));
  assert.ok(!isAllowed('not an address', ['192.0.2.0/24']));
});

test('every entry that somebody causes has beside it who and from where, and the ledger commits to it', async () => {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const cookie = await kept.cookieOf('owner');
  const headers = { cookie, 'user-agent': agent, ...from('200.160.2.3') };
  const answer = await kept.call('POST', '/v1/access/keys', headers, { kind: 'ingest', name: 'Seen' });
  const made = await lastEntry('access.key-created');
  assert.equal(made.body['key'], answer.json().id);
  const query = `?kind=access.key-created&address=200.160.2.3&person=${kept.people.owner.id}`;
  const listed = await kept.call('GET', `/v1/access/audit${query}`, 'auditor');
  const items = z.array(auditEntrySchema).parse(listed.json().items);
  assert.equal(items.length, 1);
  const [entry] = items;
  assert.ok(entry !== undefined && entry.session !== null);
  const { owner } = kept.people;
  assert.deepEqual(entry, {
    entry: made.id,
    kind: 'access.key-created',
    at: clock.now().toISOString(),
    person: { id: owner.id, name: 'Test owner', email: owner.email },
    key: null,
    session: entry.session,
    address: '200.160.2.3',
    device: 'Firefox on Linux',
    country: 'BR',
    route: 'POST /v1/access/keys',
  });
  const { rows } = await admin.query<{ salt: string }>('select salt from access.audit_detail where entry_id = $1', [
    made.id,
  ]);
  const { at: _, person, ...rest } = entry;
  const details = { ...rest, person: person?.id ?? null };
  assert.ok(opensCommitment(made.commitment, details, rows[0]?.salt ?? ''));
  assert.ok(!opensCommitment(made.commitment, { ...details, address: '200.160.2.4' }, rows[0]?.salt ?? ''));
});

test('refusals and views are entries, too; being asked for a second factor is not', async () => {
  const { headers } = await makeKey({ kind: 'api', scopes: ['policy:read'] });
  await kept.call('GET', '/v1/test/ingest', headers);
  assert.deepEqual((await lastEntry('access.refused')).body, {
    permission: 'webhooks:ingest',
    reason: 'not-permitted',
  });
  const count = async () =>
    (await admin.query("select from ledger.pending where kind = 'access.refused'")).rowCount ?? 0;
  const before = await count();
  await kept.call('POST', '/v1/access/keys', { cookie: await kept.cookieOf('owner', { fresh: false }) }, {});
  assert.equal(await count(), before);
  await kept.call('GET', '/v1/access/audit', 'auditor');
  assert.deepEqual((await lastEntry('access.viewed')).body, { what: 'audit' });
});

test('the trail is read page by page', async () => {
  for (let index = 0; index < 5; index += 1) await kept.call('GET', '/v1/access/audit', 'auditor');
  const seen: string[] = [];
  let after_ = '';
  // Reading writes entries, which come before the first page.
  for (let page = 0; page < 50; page += 1) {
    const { items, next } = (
      await kept.call('GET', `/v1/access/audit?limit=4${after_}`, { cookie: await kept.cookieOf('dpo') })
    ).json();
    seen.push(...items.map(({ entry }: { entry: string }) => entry));
    if (next === null) break;
    after_ = `&after=${next}`;
  }
  assert.ok(seen.length > 20);
  assert.deepEqual(seen, [...new Set(seen)].sort().reverse());

  assert.equal(await codeOf(kept.call('GET', '/v1/access/audit', 'engineer')), 'not-permitted');
});

test('what a caller may do at once is bounded; the machine’s own key is not', async () => {
  const { id, headers } = await makeKey({ kind: 'ingest' });
  const calls = await Promise.all(
    Array.from({ length: 700 }, () => kept.call('GET', '/v1/test/ingest', { ...headers, ...from('192.0.2.50') })),
  );
  const refused = calls.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 100 && refused.length <= 150, `${refused.length}`);
  assert.equal(refused[0]?.headers.get('retry-after'), '1');
  assert.equal((await kept.call('DELETE', `/v1/access/keys/${id}`, 'owner')).status, 204);
  const count = async () => (await admin.query("select from ledger.pending where kind = 'access.refused'")).rowCount;
  const before = await count();
  const revoked = await kept.call('GET', '/v1/test/ingest', { ...headers, ...from('192.0.2.50') });
  assert.deepEqual([revoked.status, await count()], [429, before], 'nor can it fill the ledger once it is revoked');
  const own = await Promise.all(Array.from({ length: 700 }, () => kept.call('GET', '/v1/test/ingest', kept.keyOf())));
  assert.ok(own.every(({ status }) => status === 200));
});
