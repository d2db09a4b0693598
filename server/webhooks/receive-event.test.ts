import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { onEntry } from '../ledger/listen.ts';
import { fixedClock } from '../platform/clock.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { type Caller, openHttp } from '../platform/http.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import type { InboundEvent } from './contract.ts';
import { getEvent } from './get-event.ts';
import { receiveEvent } from './receive-event.ts';
import { registerWebhooksRoutes } from './routes.ts';

const clock = fixedClock('2026-11-20T12:00:00Z');
const { platform, organisationId, adminUrl, newOrganisation, close } = await openTestPlatform({ clock });
const other = await newOrganisation();
const admin = new pg.Client(adminUrl);
await admin.connect();
const sender: Actor = { kind: 'key', id: '0193' };
const revoked: InboundEvent = { type: 'grant.revoked', grant: 'g-1' };

const heard: unknown[] = [];
onEntry(platform, {
  name: 'test-events',
  kinds: ['event.received'],
  handle: async ({ body }) => void heard.push(body),
});

let caller: Caller = { organisationId, actor: sender, language: 'en' };
const http = openHttp(platform, async () => caller);
registerWebhooksRoutes(http, platform);
after(async () => {
  await http.close();
  await admin.end();
  await close();
});

const receive = (id: string, event: InboundEvent, organisation: OrganisationId = organisationId) =>
  platform.db.transaction(organisation, (tx) => receiveEvent(tx, { id, event }, sender));
const post = (payload: unknown) =>
  http.fastify.inject({
    method: 'POST',
    url: '/v1/webhooks/events',
    headers: { 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

async function recorded(): Promise<{ kind: string; body: unknown; actor: unknown; text: string }[]> {
  const { rows } = await admin.query<{ leaf: string }>('select leaf from ledger.pending');
  return rows.map(({ leaf }) => ({ ...JSON.parse(leaf), text: leaf }));
}

test('an event is kept, recorded without its content, and told to listeners', async () => {
  const { event, receivedAt, repeated } = await receive('e-1', revoked);
  assert.deepEqual({ receivedAt, repeated }, { receivedAt: clock.now(), repeated: false });
  const kept = await platform.db.transaction(organisationId, (tx) => getEvent(tx, event));
  assert.deepEqual(kept, { id: event, type: 'grant.revoked', payload: revoked, receivedAt });
  const [entry] = await recorded();
  assert.deepEqual(entry?.body, { event, type: 'grant.revoked' });
  assert.deepEqual(entry?.actor, sender);
  assert.doesNotMatch(entry?.text ?? '', /g-1/);
  await platform.tasks.start();
  await platform.tasks.settled();
  assert.deepEqual(heard, [{ event, type: 'grant.revoked' }]);
});

test('the same event again has no second effect, also when both come at once', async () => {
  const before = (await recorded()).length;
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => receive('e-2', { type: 'account.cancelled', account: 'a-1' })),
  );
  assert.equal(new Set(answers.map(({ event }) => event)).size, 1);
  assert.deepEqual(answers.map(({ repeated }) => repeated).sort(), [false, true, true, true]);
  assert.equal((await recorded()).length, before + 1);
});

test('the order of keys makes no other event', async () => {
  const at = '2026-11-19T00:00:00Z';
  await receive('e-3', { type: 'account.cancelled', account: 'a-2', at });
  assert.equal((await receive('e-3', { at, account: 'a-2', type: 'account.cancelled' })).repeated, true);
});

test('an id that comes back with another content is refused and changes nothing', async () => {
  const before = (await recorded()).length;
  await assert.rejects(receive('e-1', { type: 'grant.revoked', grant: 'g-2' }), (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.code, 'event-id-reused');
    return true;
  });
  assert.equal((await recorded()).length, before);
});

test('two organisations may use the same id, and neither sees the other’s event', async () => {
  const { event, repeated } = await receive('e-1', { type: 'grant.revoked', grant: 'g-9' }, other);
  assert.equal(repeated, false);
  await assert.rejects(
    platform.db.transaction(organisationId, (tx) => getEvent(tx, event)),
    (error) => error instanceof Failure && error.code === 'event-not-found' && error.status === 404,
  );
});

test('over HTTP an event is accepted once and its repetition is told', async () => {
  const event = { type: 'account.reactivated', account: 'a-7' };
  const first = await post({ id: 'h-1', event });
  assert.equal(first.statusCode, 202, first.body);
  assert.equal(first.json().repeated, false);
  assert.equal(first.json().receivedAt, clock.now().toISOString());
  const second = await post({ id: 'h-1', event });
  assert.deepEqual(second.json(), { ...first.json(), repeated: true });
  const reused = await post({ id: 'h-1', event: { ...event, account: 'a-8' } });
  assert.equal(reused.statusCode, 409);
  assert.equal(reused.json().code, 'event-id-reused');
  caller = { ...caller, organisationId: other };
  assert.equal((await post({ id: 'h-1', event })).json().repeated, false);
  caller = { ...caller, organisationId };
});

test('over HTTP nothing is accepted that could not be stored, is too long or is not declared', async () => {
  const grant = (value: string, more = {}) => ({ id: 'h-2', event: { type: 'grant.revoked', grant: value, ...more } });
  const refused: readonly [string, unknown][] = [
    ['a zero character', grant('a\u0000b')],
    ['half of a surrogate pair', '{"id":"h-2","event":{"type":"grant.revoked","grant":"a\\ud800"}}'],
    ['a zero character in the id', { ...grant('a'), id: 'a\u0000' }],
    ['an empty id', { ...grant('a'), id: '' }],
    ['an id that is too long', { ...grant('a'), id: 'a'.repeat(201) }],
    ['a grant that is too long', grant('a'.repeat(501))],
    ['an undeclared field', grant('a', { email: 'ana@example.org' })],
    ['an unknown type', { id: 'h-2', event: { type: 'grant.granted', grant: 'a' } }],
    ['no JSON', '{"id":'],
    ['a time that is none', { id: 'h-2', event: { type: 'account.cancelled', account: 'a', at: 'yesterday' } }],
  ];
  for (const [what, payload] of refused) {
    const answer = await post(payload);
    assert.equal(answer.statusCode, 400, `${what}: ${answer.body}`);
    assert.doesNotMatch(answer.body, /ana@example/, 'the answer repeats no value');
  }
  assert.equal((await post(grant('a'.repeat(3_000_000)))).statusCode, 413);
  const { rows } = await admin.query(`select 1 from webhooks.event where sender_id = 'h-2'`);
  assert.equal(rows.length, 0);
  assert.equal((await post(grant('a'.repeat(500)))).statusCode, 202, 'the longest that is allowed');
});
