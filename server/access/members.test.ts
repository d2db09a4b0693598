import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { fixedClock } from '../platform/clock.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Role } from './contract.ts';
import { openTestAccess, type TestPerson } from './test-access.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const kept = await openTestAccess({ clock });
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
});

interface Cast {
  readonly organisationId: OrganisationId;
  readonly owner: TestPerson;
  readonly cookie: string;
}

async function newCast(role: Role = 'owner'): Promise<Cast> {
  const organisationId = await kept.newOrganisation();
  const owner = await kept.addPerson({ organisationId, role });
  return { organisationId, owner, cookie: await kept.cookieOf(owner) };
}

function setRole(cookie: string, person: TestPerson, role: Role) {
  return kept.call('PUT', `/v1/access/members/${person.id}`, cookie, { role });
}

test('members are listed page by page, each with role and second factor', async () => {
  const { cookie, organisationId, owner } = await newCast();
  const added = [owner];
  for (let index = 0; index < 4; index += 1) added.push(await kept.addPerson({ organisationId, role: 'agent' }));
  const seen = [];
  let next: string | null = '';
  while (next !== null) {
    const page = (await kept.call('GET', `/v1/access/members?limit=2${next && `&after=${next}`}`, cookie)).json();
    assert.ok(page.items.length <= 2);
    seen.push(...page.items);
    next = page.next;
  }
  assert.deepEqual(new Set(seen.map(({ person }) => person)), new Set(added.map(({ id }) => id)));
  assert.equal(seen.length, added.length);
  const shown = seen.find(({ person }) => person === owner.id);
  assert.deepEqual([shown.role, shown.hasSecondFactor, shown.provider], ['owner', true, null]);
  assert.equal(shown.lastSeenAt, clock.now().toISOString());
  assert.equal((await kept.entriesOf('access.viewed', organisationId)).length, 3, 'each look is in the audit trail');
});

test('a member is shown with the keys they made that still work, since those stay when they go', async () => {
  const { organisationId, owner } = await newCast();
  const boss = await kept.addPerson({ organisationId, role: 'admin' });
  const theirs = await kept.cookieOf(boss);
  const make = async (more: object = {}) => {
    const wanted = { kind: 'api', name: 'Key', scopes: ['policy:read'], origins: [], expiresAt: null, ...more };
    const made = await kept.call('POST', '/v1/access/keys', theirs, wanted);
    assert.equal(made.status, 201, made.text);
    return made.json();
  };
  const count = async () => {
    const { items } = (await kept.call('GET', '/v1/access/members', await kept.cookieOf(owner))).json();
    return items.find((member: { person: string }) => member.person === boss.id)?.activeKeys;
  };
  assert.equal(await count(), 0);
  await make();
  await make({ expiresAt: new Date(clock.now().getTime() + 3_600_000).toISOString() });
  const made = await make();
  assert.equal(await count(), 3);
  assert.equal((await kept.call('DELETE', `/v1/access/keys/${made.id}`, theirs)).status, 204);
  assert.equal(await count(), 2, 'one was revoked');
  clock.advance(3_600_000);
  assert.equal(await count(), 1, 'one has expired');
});

test('a role counts from the next request, and the change says what it was before', async () => {
  const { cookie, organisationId } = await newCast();
  const person = await kept.addPerson({ organisationId, role: 'agent', totp: true });
  const theirs = await kept.cookieOf(person);
  assert.equal((await kept.call('GET', '/v1/access/audit', theirs)).status, 403);
  const changed = await setRole(cookie, person, 'auditor');
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json().role, 'auditor');
  assert.equal((await kept.call('GET', '/v1/access/audit', theirs)).status, 200);
  const [entry] = await kept.entriesOf('access.role-changed', organisationId);
  assert.deepEqual(entry?.body, { person: person.id, role: 'auditor', before: 'agent' });
});

test('an admin gives every role but owner, and takes it from nobody', async () => {
  const { organisationId, owner } = await newCast();
  const boss = await kept.addPerson({ organisationId, role: 'admin' });
  const cookie = await kept.cookieOf(boss);
  const agent = await kept.addPerson({ organisationId, role: 'agent' });
  assert.equal((await setRole(cookie, agent, 'dpo')).status, 200);
  for (const attempt of [
    setRole(cookie, agent, 'owner'),
    setRole(cookie, boss, 'owner'),
    setRole(cookie, owner, 'agent'),
    kept.call('DELETE', `/v1/access/members/${owner.id}`, cookie),
    kept.call('POST', '/v1/access/invitations', cookie, { email: 'x@example.com', role: 'owner', language: 'en' }),
  ])
    assert.equal((await attempt).json().code, 'not-permitted');
});

test('an organisation keeps an owner, also when two step down at once', async () => {
  const { cookie, organisationId, owner } = await newCast();
  assert.equal((await setRole(cookie, owner, 'agent')).json().code, 'last-owner');
  assert.equal((await kept.call('DELETE', `/v1/access/members/${owner.id}`, cookie)).json().code, 'last-owner');
  const second = await kept.addPerson({ organisationId, role: 'owner' });
  const theirs = await kept.cookieOf(second);
  const both = await Promise.all([setRole(cookie, owner, 'agent'), setRole(theirs, second, 'agent')]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
});

test('the owner who may sign in with a password in an emergency stays one', async () => {
  const { cookie, organisationId, owner } = await newCast();
  await kept.addPerson({ organisationId, role: 'owner' });
  await admin.query('update access.organisation set break_glass_person_id = $2 where id = $1', [
    organisationId,
    owner.id,
  ]);
  assert.equal((await setRole(cookie, owner, 'agent')).json().code, 'lock-out');
});

test('a member who is removed is out at once, and keeps their account and other organisations', async () => {
  const { cookie, organisationId } = await newCast();
  const person = await kept.addPerson({ organisationId, role: 'agent' });
  await admin.query("insert into access.membership values ($1, $2, 'agent', null, now())", [
    kept.organisationId,
    person.id,
  ]);
  const here = await kept.cookieOf(person, { organisationId });
  const there = await kept.cookieOf(person, { organisationId: kept.organisationId });
  const removed = await kept.call('DELETE', `/v1/access/members/${person.id}`, cookie);
  assert.equal(removed.status, 204, removed.text);
  assert.equal((await kept.call('GET', '/v1/access/session', here)).status, 401);
  assert.equal((await kept.call('GET', '/v1/access/members', there)).status, 200);
  const again = await kept.call('DELETE', `/v1/access/members/${person.id}`, cookie);
  assert.equal(again.json().code, 'member-not-found');
});

test('members of another organisation are not found, and changing access asks for a fresh second factor', async () => {
  const { cookie, owner } = await newCast();
  const { agent } = kept.people;
  assert.equal((await setRole(cookie, agent, 'auditor')).json().code, 'member-not-found');
  assert.equal((await kept.call('DELETE', `/v1/access/members/${agent.id}`, cookie)).status, 404);
  const stale = await kept.cookieOf(owner, { fresh: false });
  assert.equal((await setRole(stale, owner, 'agent')).json().code, 'second-factor-needed');
  const { items } = (await kept.call('GET', '/v1/access/members', cookie)).json();
  assert.equal(items.length, 1);
});

test('an invitation is listed until it is taken back; inviting again renews it', async () => {
  const { cookie, organisationId } = await newCast();
  const send = (role: Role) =>
    kept.call('POST', '/v1/access/invitations', cookie, { email: 'Invited@Example.com', role, language: 'pt-BR' });
  const first = await send('agent');
  assert.equal(first.status, 201, first.text);
  clock.advance(86_400_000 / 2);
  const renewed = await kept.call('POST', '/v1/access/invitations', kept.keyOf(await slugOf(organisationId)), {
    email: 'invited@example.com',
    role: 'auditor',
    language: 'en',
  });
  assert.equal(renewed.json().id, first.json().id);
  assert.deepEqual([renewed.json().role, renewed.json().state], ['auditor', 'open']);
  assert.notEqual(renewed.json().expiresAt, first.json().expiresAt);
  const theirs = await kept.cookieOf(await kept.addPerson({ organisationId, role: 'owner' }));
  const list = async () => (await kept.call('GET', '/v1/access/invitations', theirs)).json().items;
  assert.equal((await list()).length, 1);
  const take = () => kept.call('DELETE', `/v1/access/invitations/${first.json().id}`, theirs);
  assert.equal((await take()).status, 204);
  assert.equal((await list())[0].state, 'revoked');
  assert.equal((await take()).json().code, 'invitation-not-found');
  const foreign = await kept.call('DELETE', `/v1/access/invitations/${first.json().id}`, 'owner');
  assert.equal(foreign.status, 404);
  assert.equal((await kept.entriesOf('access.invited', organisationId)).length, 2);
  assert.doesNotMatch(JSON.stringify(await kept.entriesOf('access.invited', organisationId)), /example/i);
});

test('an invitation that nobody took expires after seven days', async () => {
  const { cookie, organisationId, owner } = await newCast();
  await kept.call('POST', '/v1/access/invitations', cookie, { email: 'a@example.com', role: 'agent', language: 'en' });
  clock.advance(7 * 86_400_000);
  const later = await kept.cookieOf(owner, { organisationId });
  assert.equal((await kept.call('GET', '/v1/access/invitations', later)).json().items[0].state, 'expired');
});

async function slugOf(organisationId: OrganisationId): Promise<string> {
  const { rows } = await admin.query<{ slug: string }>('select slug from access.organisation where id = $1', [
    organisationId,
  ]);
  return rows[0]?.slug ?? '';
}
