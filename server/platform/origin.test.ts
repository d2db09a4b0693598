import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { endpoint, problems } from './contract.ts';
import { countryOf } from './country.ts';
import { describeDevice } from './device.ts';
import { failuresOf } from './failure.ts';
import { openHttp } from './http.ts';
import { currentOrigin, newOrigin, plainAddress, runWithOrigin } from './origin.ts';
import { openTestPlatform } from './test-database.ts';

const { platform, organisationId, close } = await openTestPlatform();
const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of closing) await end();
  await close();
});

const who = endpoint({
  method: 'POST',
  path: '/v1/test/origins/:secret',
  summary: 'Tells from where it was asked',
  permission: 'policy:read',
  reveals: 'origins',
  params: z.object({ secret: z.string() }),
  body: z.object({ fail: z.boolean().default(false) }),
  answer: z.looseObject({}),
});
const fail = failuresOf(problems({ busy: { status: 429, title: 'Busy' } }));

/** A server that answers with the origin its handler sees, after a while. */
async function serve(config: Partial<typeof platform.config> = {}) {
  const viewed: string[] = [];
  const served = { ...platform, config: { ...platform.config, ...config }, metrics: new Registry() };
  const http = openHttp(
    served,
    async (request) => {
      const person = String(request.headers['x-person']);
      return { organisationId, actor: { kind: 'person', id: person }, language: 'en', sessionId: `s-${person}` };
    },
    {
      async viewed(caller, what) {
        viewed.push(`${caller.actor.id} ${what}`);
      },
    },
  );
  http.route(who, async ({ body }) => {
    await sleep(5);
    if (body.fail) throw fail('busy', 'Later.', { retryAfterSeconds: 1.2 });
    const origin = currentOrigin();
    return origin === undefined ? {} : { ...origin };
  });
  const address = await http.listen();
  closing.push(() => http.close());
  const ask = (headers: Record<string, string> = {}, body: unknown = {}) =>
    fetch(`${address}/v1/test/origins/hidden`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-person': 'p', ...headers },
      body: JSON.stringify(body),
    });
  return { ask, viewed };
}

const originSchema = z.object({
  address: z.string(),
  device: z.string(),
  country: z.string().nullable(),
  route: z.string(),
  personId: z.string(),
  sessionId: z.string(),
});
const seen = async (answer: Response) => originSchema.parse(await answer.json());

test('a handler sees who asks and from where, each request its own, and no parameter of the address', async () => {
  const { ask, viewed } = await serve();
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const people = ['a', 'b', 'c', 'd'];
  const answers = await Promise.all(people.map((person) => ask({ 'x-person': person, 'user-agent': agent })));
  const origins = await Promise.all(answers.map(seen));
  assert.deepEqual(
    origins.map(({ personId, sessionId }) => [personId, sessionId]),
    people.map((person) => [person, `s-${person}`]),
  );
  assert.deepEqual(origins[0], {
    personId: 'a',
    sessionId: 's-a',
    address: '127.0.0.1',
    device: 'Firefox on Linux',
    country: null,
    route: 'POST /v1/test/origins/:secret',
  });
  assert.deepEqual(
    viewed.sort(),
    people.map((person) => `${person} origins`),
  );
  assert.equal(currentOrigin(), undefined);
});

test('an answer that was refused reveals nothing, and says in whole seconds when to come again', async () => {
  const { ask, viewed } = await serve();
  const answer = await ask({}, { fail: true });
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '2']);
  assert.deepEqual(viewed, []);
});

test('what a caller writes into X-Forwarded-For changes nothing, unless a declared proxy sent it', async () => {
  const forged = { 'x-forwarded-for': '203.0.113.7, 198.51.100.4', forwarded: 'for=203.0.113.7' };
  assert.equal((await seen(await (await serve()).ask(forged))).address, '127.0.0.1');
  const elsewhere = await serve({ proxies: ['10.0.0.0/8'] });
  assert.equal((await seen(await elsewhere.ask(forged))).address, '127.0.0.1');
  // The proxy appends whom it saw; what stands before that the caller may have written.
  const declared = await serve({ proxies: ['127.0.0.1'] });
  assert.equal((await seen(await declared.ask(forged))).address, '198.51.100.4');
});

test('over HTTPS browsers are told to keep to it; on a bare loopback address they are not', async () => {
  const secured = await (await serve({ publicUrl: 'https://privacy.example' })).ask();
  assert.equal(secured.headers.get('strict-transport-security'), 'max-age=31536000');
  assert.equal((await (await serve()).ask()).headers.get('strict-transport-security'), null);
});

test('devices are told in words, without version or model', () => {
  const told: Record<string, string> = {
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15':
      'Safari on macOS',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0':
      'Edge on Windows',
    'Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36':
      'Chrome on Android',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1':
      'Chrome on iOS',
    'curl/8.14.1': 'curl',
    node: 'Node.js',
    '': 'unknown',
    '<script>alert(1)</script>': 'unknown',
  };
  for (const [agent, words] of Object.entries(told)) assert.equal(describeDevice(agent), words, agent);
});

test('addresses have one form, and the registries’ tables name their country', () => {
  assert.deepEqual(['::ffff:192.0.2.1', 'fe80::1%eth0', '192.0.2.1', '', 'unix'].map(plainAddress), [
    '192.0.2.1',
    'fe80::1',
    '192.0.2.1',
    '0.0.0.0',
    '0.0.0.0',
  ]);
  // NIC.br and DENIC answer from networks that were assigned to them in person.
  assert.deepEqual(['200.160.2.3', '81.91.170.12', '2001:12ff::1', '127.0.0.1'].map(countryOf), [
    'BR',
    'DE',
    'BR',
    null,
  ]);
});

test('what a request merely sets going is not taken for it', async () => {
  const origin = newOrigin({ address: '192.0.2.1', userAgent: undefined, route: 'GET /v1/test' });
  const done = Promise.withResolvers<unknown>();
  const own = await openTestPlatform();
  closing.push(own.close);
  own.platform.tasks.define({
    name: 'test.look',
    payload: z.object({}),
    async handle() {
      done.resolve(currentOrigin());
    },
  });
  await runWithOrigin(origin, async () => {
    await own.platform.tasks.start();
    await own.platform.db.globalTransaction((tx) => own.platform.tasks.enqueue(tx, 'test.look', {}));
    assert.equal(currentOrigin(), origin);
  });
  assert.equal(await done.promise, undefined);
});
