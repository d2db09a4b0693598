import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { isOptedOut } from '../messages/opt-out.ts';
import { brand } from '../platform/ids.ts';
import { mapReceived } from './map-received.ts';
import { hmacScheme, openTestInbound, type TestInbound } from './test-inbound.ts';

const body = (pointer: string) => ({ in: 'body', pointer }) as const;
const person = (pointer: string) => ({
  key: 'person',
  when: [{ at: body('/type'), is: 'equal', to: 'person.removed' }],
  event: { type: 'person.deleted', person: body(pointer) },
});

describe('mapping and replay', () => {
  let kept: TestInbound;
  let admin: pg.Client;
  before(async () => {
    kept = await openTestInbound();
    admin = new pg.Client(kept.adminUrl);
    await admin.connect();
  });
  after(async () => {
    await admin.end();
    await kept.close();
  });
  const rows = async (text: string, values: unknown[] = []) => (await admin.query(text, values)).rows;
  const shown = async (id: string) => (await kept.ask('GET', `/v1/webhooks/received/${id}`)).json();
  const setRules = async (id: string, rules: unknown[]) => {
    const answer = await kept.ask('PUT', `/v1/webhooks/endpoints/${id}/rules`, { rules });
    assert.equal(answer.status, 200, answer.text);
  };
  async function take(to: Parameters<TestInbound['sendSigned']>[0], payload: unknown): Promise<string> {
    const answer = await kept.sendSigned(to, JSON.stringify(payload));
    assert.equal(answer.status, 200, answer.text);
    kept.clock.advance(1);
    await kept.settled();
    return answer.json().received;
  }
  /** In the order in which they were written; nothing is deleted here. */
  const events = () => rows('select id, type, payload, received_at from webhooks.event order by ctid');

  test('what no rule is about is kept as such, and mapped by a replay once there is one', async () => {
    const made = await kept.make({ name: 'Late', scheme: hmacScheme });
    const id = await take(made, { type: 'person.removed', data: { id: 'p-1' } });
    assert.deepEqual([(await shown(id)).state, (await events()).length], ['unmapped', 0]);
    const receivedAt = new Date((await shown(id)).receivedAt);
    kept.clock.advance(86_400_000);
    await setRules(made.endpoint.id, [person('/data/id')]);
    const replayed = await kept.ask('POST', `/v1/webhooks/received/${id}/replay`);
    assert.deepEqual([replayed.status, replayed.json().state], [202, 'waiting']);
    await kept.settled();
    assert.equal((await shown(id)).state, 'mapped');
    // It counts as told when it came, so that it cannot undo what came after it.
    assert.deepEqual((await events())[0]?.received_at, receivedAt);
    for (let again = 0; again < 3; again += 1) {
      await kept.ask('POST', `/v1/webhooks/received/${id}/replay`);
      await kept.settled();
    }
    assert.equal((await events()).length, 1, 'however often it is replayed');
    assert.equal((await shown(id)).events.length, 1);
    assert.equal((await kept.entriesOf('inbound.replayed')).length, 4);
    assert.equal((await kept.entriesOf('event.received')).length, 1);
  });

  test('an error of a rule is a state with the place that failed; mended and replayed, it has its effect', async () => {
    const other = {
      key: 'other',
      when: [{ at: body('/type'), is: 'equal', to: 'person.removed' }],
      event: { type: 'grant.revoked', grant: body('/data/grant') },
    };
    const made = await kept.make({ name: 'Wrong', scheme: hmacScheme });
    await setRules(made.endpoint.id, [person('/data/identifier'), other]);
    const before = (await events()).length;
    const id = await take(made, { type: 'person.removed', data: { id: 'p-2', grant: 'g-2' } });
    const failed = await shown(id);
    assert.equal(failed.state, 'failed');
    assert.deepEqual(failed.trouble, [
      { rule: 'person', field: 'event.person', code: 'value-missing', at: '/data/identifier' },
    ]);
    assert.deepEqual(
      failed.events.map(({ type }: { type: string }) => type),
      ['grant.revoked'],
      'what could be done is done',
    );
    await setRules(made.endpoint.id, [person('/data/id'), other]);
    await kept.ask('POST', `/v1/webhooks/received/${id}/replay`);
    await kept.settled();
    const mended = await shown(id);
    assert.deepEqual([mended.state, mended.trouble], ['mapped', []]);
    assert.deepEqual(
      mended.events.map(({ type }: { type: string }) => type),
      ['grant.revoked', 'person.deleted'],
    );
    assert.equal((await events()).length, before + 2);
  });

  test('a range is mapped oldest first, those meant only, and once', async () => {
    const made = await kept.make({ name: 'Range', scheme: hmacScheme });
    const from = kept.clock.now().toISOString();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      ids.push(await take(made, { type: 'person.removed', data: { id: `r-${n}` } }));
      kept.clock.advance(60_000);
    }
    const to = (await shown(ids[4] ?? '')).receivedAt;
    await setRules(made.endpoint.id, [person('/data/id')]);
    const replay = () =>
      kept.ask('POST', `/v1/webhooks/endpoints/${made.endpoint.id}/replay`, {
        from,
        to,
        states: ['unmapped', 'failed'],
      });
    const answer = await replay();
    assert.deepEqual([answer.status, answer.json().count], [202, 4]);
    await kept.settled();
    const states = await Promise.all(ids.map(async (id) => (await shown(id)).state));
    assert.deepEqual(states, ['mapped', 'mapped', 'mapped', 'mapped', 'unmapped']);
    const told = (await events()).filter(({ payload }) => String(payload.person).startsWith('r-'));
    assert.deepEqual(
      told.map(({ payload }) => payload.person),
      ['r-0', 'r-1', 'r-2', 'r-3'],
    );
    assert.equal((await replay()).json().count, 0);
    const [entry] = (await kept.entriesOf('inbound.replayed')).filter(({ body: { count } }) => count === 4);
    assert.deepEqual(entry?.body, { endpoint: made.endpoint.id, count: 4, from, to, states: ['unmapped', 'failed'] });
  });

  test('mapped by two at once, and again after a crash, there is one event', async () => {
    const made = await kept.make({ name: 'Twice', scheme: hmacScheme });
    await setRules(made.endpoint.id, [person('/data/id')]);
    const id = brand<'Received'>(await take(made, { type: 'person.removed', data: { id: 'twice' } }));
    const count = async () => (await rows(`select 1 from webhooks.event where payload->>'person' = 'twice'`)).length;
    // As if the process had been killed after the event and before it was told apart: all of it is one transaction.
    await admin.query(`update webhooks.received set state = 'waiting', events = '[]' where id = $1`, [id]);
    await Promise.all([1, 2, 3].map(() => mapReceived(kept.platform, kept.organisationId, id)));
    assert.equal(await count(), 1);
    const found = await shown(id);
    assert.deepEqual([found.state, found.events.length], ['mapped', 1]);
  });

  test('an address that opts out is hashed at once and stands nowhere', async () => {
    const made = await kept.make({
      name: 'News',
      scheme: hmacScheme,
      rules: [{ key: 'out', event: { type: 'contact.opted-out', contact: { in: 'body', pointer: '/data/email' } } }],
    });
    const id = await take(made, { data: { email: 'Rui.Sintetico@example.org' } });
    const isOut = (address: string) =>
      kept.platform.db.transaction(kept.organisationId, (tx) => isOptedOut(tx, address));
    assert.equal(await isOut('rui.sintetico@example.org'), true);
    assert.equal(await isOut('ana@example.org'), false);
    const direct = await kept.ask('POST', '/v1/webhooks/events', {
      id: 'own-1',
      event: { type: 'contact.opted-out', address: 'ana@example.org' },
    });
    assert.equal(direct.status, 202, direct.text);
    assert.equal(await isOut('ana@example.org'), true);
    const invalid = await kept.ask('POST', '/v1/webhooks/events', {
      id: 'own-2',
      event: { type: 'contact.opted-out', address: 'nobody' },
    });
    assert.deepEqual([invalid.status, invalid.json().code], [422, 'address-invalid']);
    const tables = await rows(`select to_jsonb(e) as row from webhooks.event e union all
      select to_jsonb(r) from webhooks.received r union all select to_jsonb(o) from messages.opt_out o union all
      select to_jsonb(l.leaf) from ledger.pending l union all select to_jsonb(l.leaf) from ledger.entry l`);
    assert.doesNotMatch(JSON.stringify(tables), /sintetico|ana@/i);
    const [caused] = (await shown(id)).events;
    const [event] = await rows('select payload from webhooks.event where id = $1', [caused.event]);
    assert.match(event?.payload.contact, /^[0-9a-f]{64}$/);
    // A second time it is the same event, and no opt-out of somebody who came back since.
    await kept.ask('POST', `/v1/webhooks/received/${id}/replay`);
    await kept.settled();
    assert.equal((await shown(id)).events.length, 1);
  });

  test('rules are tried on what came and on what is pasted, and nothing is written', async () => {
    const made = await kept.make({
      name: 'Trial',
      scheme: hmacScheme,
      identifiedBy: { by: 'pointer', pointer: '/id' },
    });
    const id = await take(made, { id: 'n-1', type: 'person.removed', data: { id: 'p-9' } });
    const before = JSON.stringify([await events(), await shown(id)]);
    const path = `/v1/webhooks/endpoints/${made.endpoint.id}/trial`;
    const stored = await kept.ask('POST', path, {
      rules: [person('/data/id')],
      example: { from: 'received', received: id },
    });
    assert.equal(stored.status, 200, stored.text);
    assert.deepEqual(stored.json(), {
      state: 'mapped',
      events: [{ rule: 'person', type: 'person.deleted', about: 'p-9', at: null }],
      trouble: [],
      rules: [{ rule: 'person', applied: 1, failedCondition: null }],
      senderId: 'n-1',
    });
    const pasted = await kept.ask('POST', path, {
      rules: [person('/data/other')],
      example: { from: 'text', body: '{"type":"person.removed"}' },
    });
    assert.deepEqual([pasted.json().state, pasted.json().trouble[0].at], ['failed', '/data/other']);
    const inForce = await kept.ask('POST', path, { example: { from: 'text', body: 'no json' } });
    assert.deepEqual([inForce.json().state, inForce.json().senderId], ['unreadable', null]);
    assert.equal(JSON.stringify([await events(), await shown(id)]), before);
    assert.ok((await kept.entriesOf('access.viewed')).some(({ body: { what } }) => what === 'webhook'));
  });

  test('another organisation finds neither endpoint nor what came there, and changes nothing', async () => {
    const made = await kept.make({ name: 'Ours', scheme: hmacScheme });
    const id = await take(made, { type: 'person.removed' });
    await kept.ask('POST', `/v1/webhooks/endpoints/${made.endpoint.id}/secrets`, {});
    const elsewhere = await kept.newOrganisation();
    const stranger = await kept.addPerson({ organisationId: elsewhere, role: 'owner' });
    const cookie = await kept.cookieOf(stranger, { organisationId: elsewhere });
    const picture = () =>
      rows(
        'select e::text, s::text, r::text from webhooks.endpoint e, webhooks.endpoint_secret s, webhooks.received r order by 1, 2, 3',
      );
    const before = await picture();
    const path = `/v1/webhooks/endpoints/${made.endpoint.id}`;
    const { name, scheme } = made.endpoint;
    const calls: readonly [string, string, unknown?][] = [
      ['GET', path],
      ['PUT', path, { name, scheme, enabled: false }],
      ['DELETE', path],
      ['PUT', `${path}/rules`, { rules: [] }],
      ['POST', `${path}/secrets`, {}],
      ['DELETE', `${path}/secrets/${made.endpoint.secrets[0]?.id}`],
      ['POST', `${path}/verify-token`],
      ['POST', `${path}/trial`, { example: { from: 'text', body: '{}' } }],
      ['POST', `${path}/replay`, { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }],
      ['GET', `/v1/webhooks/received/${id}`],
      ['POST', `/v1/webhooks/received/${id}/replay`],
    ];
    for (const [method, to, body] of calls) {
      const answer = await kept.call(method, to, cookie, body);
      assert.equal(answer.status, 404, `${method} ${to}: ${answer.text}`);
      assert.match(answer.json().code, /-not-found$/);
    }
    for (const list of ['/v1/webhooks/endpoints', '/v1/webhooks/received'])
      assert.deepEqual((await kept.call('GET', list, cookie)).json().items, []);
    // Nor does what came elsewhere serve as an example here.
    const own = await kept.call('POST', '/v1/webhooks/endpoints', cookie, { name: 'Theirs', scheme: hmacScheme });
    const borrowed = await kept.call('POST', `/v1/webhooks/endpoints/${own.json().endpoint.id}/trial`, cookie, {
      example: { from: 'received', received: id },
    });
    assert.deepEqual([borrowed.status, borrowed.json().code], [404, 'received-not-found']);
    await kept.call('DELETE', `/v1/webhooks/endpoints/${own.json().endpoint.id}`, cookie);
    await admin.query('delete from webhooks.endpoint where organisation_id = $1', [elsewhere]);
    assert.deepEqual(await picture(), before);
    // Who may only look sees that it came, and not what it said.
    const auditor = (to: string) => kept.call('GET', to, 'auditor');
    assert.equal((await auditor(`/v1/webhooks/received?endpoint=${made.endpoint.id}`)).json().items.length, 1);
    assert.equal((await auditor(`/v1/webhooks/received/${id}`)).status, 403);
  });

  test('what came is found by endpoint, state, kind of event, id and time, page by page', async () => {
    const made = await kept.make({
      name: 'Listed',
      scheme: hmacScheme,
      identifiedBy: { by: 'pointer', pointer: '/id' },
    });
    await setRules(made.endpoint.id, [person('/data/id')]);
    const from = kept.clock.now().toISOString();
    for (let n = 0; n < 5; n += 1)
      await take(made, { id: `l-${n}`, type: n < 3 ? 'person.removed' : 'other', data: { id: `l-${n}` } });
    const list = async (query: string) => {
      const answer = await kept.ask('GET', `/v1/webhooks/received?endpoint=${made.endpoint.id}&${query}`);
      assert.equal(answer.status, 200, answer.text);
      return answer.json();
    };
    const ids = async (query: string) =>
      (await list(query)).items.map(({ senderId }: { senderId: string }) => senderId);
    assert.deepEqual(await ids('state=unmapped'), ['l-4', 'l-3']);
    assert.deepEqual(await ids('type=person.deleted'), ['l-2', 'l-1', 'l-0']);
    assert.deepEqual(await ids('type=grant.revoked'), []);
    assert.deepEqual(await ids('senderId=l-1'), ['l-1']);
    assert.deepEqual(await ids(`to=${encodeURIComponent(from)}`), []);
    assert.equal((await ids(`from=${encodeURIComponent(from)}`)).length, 5);
    const first = await list('limit=2');
    assert.deepEqual(await ids(`limit=2&after=${first.next}`), ['l-2', 'l-1']);
    const { figures } = (await kept.ask('GET', `/v1/webhooks/endpoints/${made.endpoint.id}`)).json();
    assert.deepEqual([figures.received, figures.byState.mapped, figures.byState.unmapped], [5, 3, 2]);
  });
});
