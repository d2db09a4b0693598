import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { Failure } from '../platform/failure.ts';
import { END_SECRETS_TASK } from './endpoint-secrets.ts';
import { hmacScheme, openTestInbound, sign, type TestInbound } from './test-inbound.ts';

describe('webhooks that platforms send', () => {
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
  const figures = async (id: string) => (await kept.ask('GET', `/v1/webhooks/endpoints/${id}`)).json().figures;

  test('a signed webhook is kept, recorded without its content, mapped, and its event told', async () => {
    const made = await kept.make({
      name: 'Billing',
      scheme: { kind: 'standard-webhooks' },
      rules: [
        {
          key: 'gone',
          when: [{ at: { in: 'body', pointer: '/type' }, is: 'equal', to: 'tenant.closed' }],
          event: {
            type: 'account.cancelled',
            account: { in: 'body', pointer: '/data/tenant' },
            at: { in: 'body', pointer: '/timestamp' },
          },
        },
      ],
    });
    assert.match(made.secret ?? '', /^whsec_/);
    const at = kept.clock.now();
    const body = JSON.stringify({
      type: 'tenant.closed',
      timestamp: '2026-11-20T11:59:00Z',
      data: { tenant: 't-77', owner: 'Ana Sintética' },
    });
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(at.getTime() / 1000),
      'webhook-signature': new Webhook(made.secret ?? '').sign('msg_1', at, body),
      authorization: 'Bearer made-up',
      'x-forwarded-for': '198.51.100.7',
    };
    const answer = await kept.send(made.endpoint.url, body, headers);
    assert.equal(answer.status, 200, answer.text);
    const { received, repeated } = answer.json();
    assert.equal(repeated, false);
    await kept.settled();

    const found = await shown(received);
    assert.equal(found.state, 'mapped');
    assert.deepEqual([found.senderId, found.bytes], ['msg_1', Buffer.byteLength(body)]);
    assert.deepEqual(found.body, { encoding: 'text', content: body });
    const names = found.headers.map(({ name }: { name: string }) => name);
    assert.ok(names.includes('webhook-signature'));
    assert.ok(!names.includes('authorization') && !names.includes('x-forwarded-for'));
    assert.deepEqual(
      found.events.map(({ type, rule }: { type: string; rule: string }) => [type, rule]),
      [['account.cancelled', 'gone']],
    );
    const [event] = await rows('select type, payload, received_at from webhooks.event where id = $1', [
      found.events[0].event,
    ]);
    assert.deepEqual(event, {
      type: 'account.cancelled',
      payload: { type: 'account.cancelled', account: 't-77', at: '2026-11-20T11:59:00.000Z' },
      received_at: at,
    });
    const entries = await rows(`select leaf from ledger.pending union all select leaf from ledger.entry`);
    const leaves = entries.map(({ leaf }) => String(leaf)).join('\n');
    assert.ok(leaves.includes('"inbound.received"') && leaves.includes('"event.received"'));
    assert.ok(!/t-77|Ana Sint|msg_1/.test(leaves), 'the ledger says nothing of what it said');
    const [stored] = await rows('select * from webhooks.received where id = $1', [received]);
    assert.ok(!Buffer.from(JSON.stringify(stored)).includes('Ana Sint'), 'and the table nothing that can be read');
    assert.ok(!Buffer.concat([stored.sealed_body, stored.sealed_headers]).includes('Ana'));
  });

  test('secrets are shown once, kept sealed, and followed by their last four characters', async () => {
    const given = 'a-secret-of-the-platform';
    const made = await kept.make({ name: 'Shop', scheme: { kind: 'shopify' }, secret: given });
    assert.equal(made.secret, null, 'what was given is not sent back');
    assert.equal(made.endpoint.secrets[0]?.lastFour, given.slice(-4));
    const kinds = ['standard-webhooks', 'stripe', 'shopify', 'meta'] as const;
    for (const kind of kinds) {
      const { secret, endpoint, verifyToken } = await kept.make({ name: kind, scheme: { kind } });
      assert.ok((secret ?? '').length >= 40);
      assert.equal(verifyToken !== null, kind === 'meta');
      const later = await kept.ask('GET', '/v1/webhooks/endpoints');
      const dump = JSON.stringify(await rows('select e.*, s.* from webhooks.endpoint e, webhooks.endpoint_secret s'));
      for (const hidden of [secret, verifyToken, given])
        if (hidden !== null) {
          assert.ok(!later.text.includes(hidden));
          assert.ok(!dump.includes(hidden) && !dump.includes(Buffer.from(hidden).toString('hex')));
        }
      assert.ok(later.text.includes(endpoint.id));
    }
    for (const sealed of await rows('select sealed_secret from webhooks.endpoint_secret'))
      assert.ok(!sealed.sealed_secret.includes(given));
  });

  test('whatever is refused is answered alike, and a secret’s length of time tells nothing', async () => {
    const [right, off, removed] = [
      await kept.make({ name: 'A', scheme: hmacScheme }),
      await kept.make({ name: 'B', scheme: hmacScheme }),
      await kept.make({ name: 'C', scheme: hmacScheme }),
    ];
    const { name, scheme, identifiedBy, id } = off.endpoint;
    const path = `/v1/webhooks/endpoints/${id}`;
    assert.equal((await kept.ask('PUT', path, { name, scheme, identifiedBy, enabled: false })).status, 200);
    assert.equal((await kept.ask('DELETE', `/v1/webhooks/endpoints/${removed.endpoint.id}`)).status, 204);
    const body = JSON.stringify({ big: 'x'.repeat(20_000) });
    const unknown = right.endpoint.url.replace(/.{6}$/, 'AAAAAA');
    const refused: Record<string, () => ReturnType<typeof kept.send>> = {
      'a wrong signature': () => kept.sendSigned({ endpoint: right.endpoint, secret: 'wrong' }, body),
      'no signature': () => kept.send(right.endpoint.url, body),
      'an unknown endpoint': () => kept.sendSigned({ endpoint: { url: unknown }, secret: right.secret }, body),
      'no address at all': () => kept.sendSigned({ endpoint: { url: '/v1/webhooks/in/x' }, secret: 'wrong' }, body),
      'one that is switched off': () => kept.sendSigned(off, body),
      'one that was removed': () => kept.sendSigned(removed, body),
    };
    const timings = new Map<string, number[]>(Object.keys(refused).map((what) => [what, []]));
    const answers = new Set<string>();
    for (let round = 0; round < 40; round += 1)
      for (const [what, send] of Object.entries(refused)) {
        const started = performance.now();
        const answer = await send();
        timings.get(what)?.push(performance.now() - started);
        const headers = [...answer.headers].filter(([header]) => header !== 'date');
        answers.add(JSON.stringify([answer.status, headers, answer.text]));
      }
    assert.equal(answers.size, 1, [...answers].join('\n'));
    assert.match([...answers].join(), /401.*webhook-refused/);
    const median = (what: string) => timings.get(what)?.sort((one, other) => one - other)[20] ?? 0;
    const ratio = median('an unknown endpoint') / median('a wrong signature');
    assert.ok(ratio > 0.5 && ratio < 2, `an unknown endpoint takes ${ratio.toFixed(2)} of a wrong signature's time`);
    assert.deepEqual(await rows('select 1 from webhooks.received where endpoint_id = $1', [right.endpoint.id]), []);
  });

  test('who set an endpoint up sees that it refused and why, and nothing of what came', async () => {
    const made = await kept.make({ name: 'Refusing', scheme: hmacScheme });
    await kept.sendSigned({ ...made, secret: 'wrong' }, '{}');
    await kept.sendSigned({ ...made, secret: 'wrong' }, '{}');
    await kept.send(made.endpoint.url, '{}');
    for (let waited = 0; (await figures(made.endpoint.id)).refusals.length < 2; waited += 1) {
      assert.ok(waited < 100, 'refusals are not counted');
      await new Promise((done) => setTimeout(done, 50));
    }
    const { refusals, received } = await figures(made.endpoint.id);
    assert.equal(received, 0);
    assert.deepEqual(
      refusals.map(({ reason, count }: { reason: string; count: number }) => `${reason} ${count}`).sort(),
      ['signature-missing 1', 'signature-wrong 2'],
    );
  });

  test('the same id again has no second effect, also with another body, and also when all come at once', async () => {
    const made = await kept.make({
      name: 'Stripe',
      scheme: { kind: 'stripe' },
      rules: [{ key: 'k', event: { type: 'grant.revoked', grant: { in: 'body', pointer: '/data/object/id' } } }],
    });
    const send = (body: string) => {
      const time = String(kept.clock.now().getTime() / 1000);
      const signature = createHmac('sha256', made.secret ?? '')
        .update(`${time}.${body}`)
        .digest('hex');
      return kept.send(made.endpoint.url, body, { 'stripe-signature': `t=${time},v1=${signature}` });
    };
    // Stripe counts in the body how often it is still to send it.
    const bodyOf = (pending: number) =>
      JSON.stringify({ id: 'evt_1', pending_webhooks: pending, data: { object: { id: 'acct_1' } } });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map((pending) => send(bodyOf(pending))));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(answers.filter((answer) => answer.json().repeated === false).length, 1);
    assert.equal(new Set(answers.map((answer) => answer.json().received)).size, 1);
    await kept.settled();
    const found = await shown(answers[0]?.json().received);
    assert.deepEqual([found.repeats, found.events.length, found.senderId], [5, 1, 'evt_1']);
    assert.equal((await figures(made.endpoint.id)).repeated, 5);
    const entries = await kept.entriesOf('inbound.received');
    assert.equal(entries.filter(({ body }) => body['received'] === found.id).length, 1);
  });

  test('without an id the body is the id, and where one is named it counts', async () => {
    const bare = await kept.make({ name: 'Bare', scheme: hmacScheme });
    const again = async (to: typeof bare, body: string, headers = {}) =>
      (await kept.sendSigned(to, body, headers)).json().repeated;
    assert.deepEqual(
      [await again(bare, '{"a":1}'), await again(bare, '{"a":1}'), await again(bare, '{"a": 1}')],
      [false, true, false],
    );
    const named = await kept.make({
      name: 'H',
      scheme: hmacScheme,
      identifiedBy: { by: 'header', header: 'X-Event-Id' },
    });
    assert.equal(await again(named, '{"a":1}', { 'x-event-id': '1' }), false);
    assert.equal(await again(named, '{"a":1}', { 'x-event-id': '2' }), false);
    assert.equal(await again(named, '{"b":1}', { 'x-event-id': '2' }), true);
    assert.equal(await again(named, '{"b":1}'), false);
    assert.equal(await again(named, '{"b":1}'), true);
    const pointed = await kept.make({ name: 'P', scheme: hmacScheme, identifiedBy: { by: 'pointer', pointer: '/n' } });
    assert.deepEqual([await again(pointed, '{"n":7}'), await again(pointed, '{"n":7,"x":1}')], [false, true]);
    // Another endpoint's ids are other ids.
    assert.equal(await again(await kept.make({ name: 'O', scheme: hmacScheme }), '{"a":1}'), false);
  });

  test('forms are read, and what is neither form nor JSON is kept and shown as it came', async () => {
    const made = await kept.make({
      name: 'Forms',
      scheme: hmacScheme,
      rules: [
        {
          key: 'form',
          when: [{ at: { in: 'body', pointer: '/event' }, is: 'equal', to: 'user_deleted' }],
          event: { type: 'person.deleted', person: { in: 'body', pointer: '/user' } },
        },
      ],
    });
    const take = async (body: string | Buffer, type: string) => {
      const answer = await kept.sendSigned(made, body, { 'content-type': type });
      assert.equal(answer.status, 200, answer.text);
      await kept.settled();
      return shown(answer.json().received);
    };
    const form = await take('event=user_deleted&user=u+9', 'application/x-www-form-urlencoded');
    assert.deepEqual([form.state, form.events[0]?.type], ['mapped', 'person.deleted']);
    const broken = await take('{"event":', 'application/json');
    assert.deepEqual([broken.state, broken.body], ['unreadable', { encoding: 'text', content: '{"event":' }]);
    const octets = Buffer.from([0, 255, 254, 0, 1]);
    const binary = await take(octets, 'application/octet-stream');
    assert.deepEqual(
      [binary.state, binary.body],
      ['unreadable', { encoding: 'base64', content: octets.toString('base64') }],
    );
    const nul = await take('{"event":"a\\u0000b"}', 'application/json');
    assert.equal(nul.state, 'unmapped');
    const empty = await take('', 'application/json');
    assert.deepEqual([empty.state, empty.bytes], ['unreadable', 0]);
    const listed = await kept.ask('GET', `/v1/webhooks/received?endpoint=${made.endpoint.id}&state=unreadable`);
    assert.equal(listed.json().items.length, 3);
  });

  test('what is too large is refused, whoever sends it, and what is not is taken', async () => {
    const made = await kept.make({ name: 'Large', scheme: hmacScheme });
    const frame = (length: number) => `"${'x'.repeat(length - 2)}"`;
    assert.equal((await kept.sendSigned(made, frame(1_048_576))).status, 200);
    const large = frame(1_048_577);
    const answers = [await kept.sendSigned(made, large), await kept.send('/v1/webhooks/in/nowhere', large)];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [413, 413],
    );
    assert.equal(answers[0]?.text, answers[1]?.text);
  });

  test('an endpoint takes so much at a time, and who cannot sign uses up nothing of it', async () => {
    const made = await kept.make({ name: 'Busy', scheme: hmacScheme });
    await kept.sendSigned({ ...made, secret: 'wrong' }, '{"n":0}');
    for (let n = 0; n < 2_000; n += 1) await kept.access.limits.inboundTo(made.endpoint.id);
    const answer = await kept.sendSigned(made, '{"n":1}');
    assert.equal(answer.status, 429, answer.text);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    kept.clock.advance(60_000);
    assert.equal((await kept.sendSigned(made, '{"n":1}')).status, 200);
    await assert.rejects(
      async () => {
        for (let n = 0; n < 20_000; n += 1) await kept.access.limits.inboundFrom('127.0.0.1');
      },
      (error) => error instanceof Failure && error.code === 'too-many-attempts',
    );
    const flood = [await kept.sendSigned(made, '{"n":2}'), await kept.send('/v1/webhooks/in/nowhere', '{}')];
    assert.deepEqual(
      flood.map(({ status }) => status),
      [429, 429],
    );
    kept.clock.advance(60_000);
  });

  test('Meta’s question is answered with its challenge, for the right token only', async () => {
    const made = await kept.make({ name: 'Meta', scheme: { kind: 'meta' } });
    const ask = async (token: string | null, challenge = '1158201444', url = made.endpoint.url) => {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.verify_token': token ?? '',
        'hub.challenge': challenge,
      });
      const answer = await fetch(`${kept.address}${url}?${query}`);
      return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') };
    };
    assert.deepEqual(await ask(made.verifyToken), {
      status: 200,
      text: '1158201444',
      type: 'text/plain; charset=utf-8',
    });
    const wrong = await ask('made-up');
    assert.equal(wrong.status, 401);
    assert.deepEqual(await ask(made.verifyToken, '1', made.endpoint.url.replace(/.{6}$/, 'AAAAAA')), wrong);
    assert.deepEqual(await ask(made.verifyToken, '<script>'), wrong, 'nothing is sent back that a browser would run');
    const shop = await kept.make({ name: 'Shop', scheme: { kind: 'shopify' } });
    assert.deepEqual(await ask('', '1', shop.endpoint.url), wrong, 'who has no token is not asked');
    const renewed = await kept.ask('POST', `/v1/webhooks/endpoints/${made.endpoint.id}/verify-token`);
    assert.equal((await ask(made.verifyToken)).status, 401);
    assert.equal((await ask(renewed.json().verifyToken)).status, 200);
    const body = '{"object":"user","entry":[]}';
    const signature = { 'x-hub-signature-256': sign(made.secret, body) };
    assert.equal((await kept.send(made.endpoint.url, body, signature)).status, 200);
  });

  test('a secret and its successor are accepted together for as long as was said, and not longer', async () => {
    const made = await kept.make({ name: 'Rotating', scheme: hmacScheme });
    const path = `/v1/webhooks/endpoints/${made.endpoint.id}/secrets`;
    const send = async (secret: string | null, n: number) =>
      (await kept.sendSigned({ ...made, secret }, `{"n":${n}}`)).status;
    const second = (await kept.ask('POST', path, { overlapHours: 24 })).json();
    assert.deepEqual([await send(made.secret, 1), await send(second.secret, 2)], [200, 200]);
    kept.clock.advance(24 * 3_600_000 - 1);
    assert.deepEqual([await send(made.secret, 3), await send(second.secret, 4)], [200, 200]);
    kept.clock.advance(1);
    assert.deepEqual([await send(made.secret, 5), await send(second.secret, 6)], [401, 200]);
    const payload = { organisation: kept.organisationId, endpoint: made.endpoint.id };
    await kept.platform.db.transaction(kept.organisationId, (tx) =>
      kept.platform.tasks.enqueue(tx, END_SECRETS_TASK, payload),
    );
    await kept.settled();
    const left = await rows('select 1 from webhooks.endpoint_secret where endpoint_id = $1', [made.endpoint.id]);
    assert.equal(left.length, 1, 'what is accepted no longer is not kept either');
    // After a leak the one before it ends at once.
    const third = (await kept.ask('POST', path, { overlapHours: 0, secret: 'given-by-the-platform' })).json();
    assert.equal(third.secret, null);
    assert.deepEqual([await send(second.secret, 7), await send('given-by-the-platform', 8)], [401, 200]);
    assert.equal(third.endpoint.secrets.length, 1);
    const inUse = third.endpoint.secrets[0].id;
    const refused = await kept.ask('DELETE', `${path}/${inUse}`);
    assert.deepEqual([refused.status, refused.json().code], [409, 'last-secret']);
    await kept.ask('POST', path, {});
    assert.equal((await kept.ask('POST', path, {})).status, 201);
    const many = await kept.ask('POST', path, {});
    assert.deepEqual([many.status, many.json().code], [409, 'too-many-secrets']);
    assert.equal((await kept.ask('DELETE', `${path}/${inUse}`)).status, 204);
    assert.equal(await send('given-by-the-platform', 9), 401);
    assert.deepEqual(await rows('select 1 from webhooks.endpoint_secret where ends_at <= $1', [kept.clock.now()]), []);
  });

  test('every change of an endpoint is recorded, with who made it', async () => {
    const made = await kept.make({ name: 'Recorded', scheme: hmacScheme });
    const path = `/v1/webhooks/endpoints/${made.endpoint.id}`;
    const { name, scheme, identifiedBy } = made.endpoint;
    await kept.ask('PUT', path, { name, scheme, identifiedBy, enabled: true });
    await kept.ask('PUT', `${path}/rules`, { rules: [] });
    await kept.ask('POST', `${path}/secrets`, {});
    await kept.ask('DELETE', path);
    const acts = (await kept.entriesOf('inbound.endpoint-changed')).filter(
      ({ body }) => body['endpoint'] === made.endpoint.id,
    );
    assert.deepEqual(
      acts.map(({ body }) => body['act']),
      ['created', 'changed', 'rules-set', 'secret-added', 'removed'],
    );
    assert.ok(acts.every(({ actor }) => actor.kind === 'person' && actor.id === kept.people.engineer.id));
    assert.equal((await kept.ask('GET', path)).status, 404);
    const unusable = await kept.ask('POST', '/v1/webhooks/endpoints', {
      name: 'X',
      scheme: { kind: 'standard-webhooks' },
      secret: 'not-base64-at-all',
    });
    assert.deepEqual([unusable.status, unusable.json().code], [400, 'secret-unusable']);
  });
});
