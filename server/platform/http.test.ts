import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { endpoint, problems } from './contract.ts';
import { failuresOf } from './failure.ts';
import { openHttp } from './http.ts';
import { openTestPlatform } from './test-database.ts';

const { platform, organisationId, close } = await openTestPlatform();
const fail = failuresOf(problems({ closed: { status: 409, title: 'It is closed' } }));
const refused = failuresOf(problems({ 'not-signed-in': { status: 401, title: 'Nobody is signed in' } }));
const http = openHttp(platform, async (request) => {
  if (request.headers.authorization === undefined) throw refused('not-signed-in', 'Sign in.');
  return { organisationId, actor: { kind: 'key', id: 'test' }, language: 'en' };
});
const things = endpoint({
  method: 'POST',
  path: '/v1/test/things/:thing',
  summary: 'Changes a thing',
  permission: 'policy:write',
  params: z.object({ thing: z.string().max(5) }),
  query: z.object({ times: z.coerce.number().int().default(1) }),
  body: z.object({ name: z.string(), inner: z.object({ text: z.string() }).optional() }),
  answer: z.object({ thing: z.string(), times: z.number(), name: z.string() }),
  status: 201,
  problems: ['closed'],
});
http.route(things, async ({ params, query, body }) => {
  if (body.name === 'closed') throw fail('closed', 'The thing is closed.');
  if (body.name === 'bug') throw new Error('secret detail of a bug');
  const row = { thing: params.thing, times: query.times, name: body.name, column: 'undeclared' };
  return row;
});
const open = endpoint({
  method: 'GET',
  path: '/v1/test/open',
  summary: 'Anyone may call',
  permission: 'public',
  answer: z.object({ caller: z.null() }),
});
http.route(open, async ({ caller }) => ({ caller }));
const address = await http.listen();
after(async () => {
  await http.close();
  await close();
});

interface Sent {
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}
const key = { authorization: 'Bearer x', 'content-type': 'application/json' };
async function post({ body = '{"name":"a"}', headers = key, path = '/v1/test/things/one' }: Sent) {
  const response = await fetch(address + path, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), json: JSON.parse(text), text };
}

test('an answer holds what the contract declares and nothing else', async () => {
  const { status, json } = await post({ path: '/v1/test/things/one?times=3' });
  assert.equal(status, 201);
  assert.deepEqual(json, { thing: 'one', times: 3, name: 'a' });
});

test('all mistakes of the input are named at once, with their places', async () => {
  const { status, type, json } = await post({ path: '/v1/test/things/toolong?times=x', body: '{"name":7}' });
  assert.equal(status, 400);
  assert.match(type ?? '', /^application\/problem\+json/);
  assert.equal(json.code, 'invalid-input');
  assert.deepEqual(json.issues.map((issue: { path: string }) => issue.path).sort(), [
    'body.name',
    'params.thing',
    'query.times',
  ]);
});

test('a zero character is refused wherever it hides', async () => {
  const hidden = JSON.stringify({ name: 'a', inner: { text: 'x\u0000' } });
  const { status, json } = await post({ body: hidden });
  assert.equal(status, 400);
  assert.equal(json.issues[0].path, 'body.inner.text');
});

test('broken JSON, a wrong type and a body that is too large are problems of the caller', async () => {
  assert.equal((await post({ body: '{' })).status, 400);
  assert.equal((await post({ body: '{"__proto__":{}}' })).status, 400);
  assert.equal((await post({ headers: { ...key, 'content-type': 'text/csv' } })).status, 415);
  assert.equal((await post({ body: JSON.stringify({ name: 'x'.repeat(3_000_000) }) })).json.code, 'too-large');
});

test('a failure is answered with its code, a bug as an opaque error with an id', async () => {
  const failure = await post({ body: '{"name":"closed"}' });
  assert.deepEqual([failure.status, failure.json.code], [409, 'closed']);
  const bug = await post({ body: '{"name":"bug"}' });
  assert.deepEqual([bug.status, bug.json.code], [500, 'internal-error']);
  assert.match(bug.json.instance, /^urn:uuid:[0-9a-f-]{36}$/);
  assert.doesNotMatch(bug.text, /secret detail/);
});

test('who does not sign in is refused, but not where anyone may call', async () => {
  assert.equal((await post({ headers: { 'content-type': 'application/json' } })).status, 401);
  assert.deepEqual(await (await fetch(`${address}/v1/test/open`)).json(), { caller: null });
});

test('a request with a cookie that another site caused is refused', async () => {
  const cookie = { ...key, cookie: 'kept_session=x' };
  assert.equal(
    (await post({ headers: { ...cookie, 'sec-fetch-site': 'cross-site' } })).json.code,
    'cross-site-request',
  );
  assert.equal((await post({ headers: { ...cookie, 'sec-fetch-site': 'same-site' } })).status, 403);
  assert.equal((await post({ headers: { ...cookie, origin: 'https://evil.example' } })).status, 403);
  assert.equal((await post({ headers: cookie })).status, 403, 'neither header: cannot be told');
  assert.equal((await post({ headers: { ...cookie, 'sec-fetch-site': 'same-origin' } })).status, 201);
  assert.equal((await post({ headers: { ...cookie, origin: address } })).status, 201);
});

test('every answer forbids inline scripts, framing and sniffing', async () => {
  for (const path of ['/v1/test/open', '/nowhere', '/health']) {
    const { headers } = await fetch(address + path);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});

const operationSchema = z.object({
  'x-permission': z.string(),
  security: z.array(z.unknown()),
  parameters: z.array(z.object({ name: z.string(), in: z.string(), required: z.boolean() })),
  responses: z.record(z.string(), z.looseObject({ 'x-codes': z.array(z.string()).optional() })),
});

test('the description of the API comes from the contracts', async () => {
  const api = z
    .object({ openapi: z.literal('3.1.0'), paths: z.record(z.string(), z.record(z.string(), operationSchema)) })
    .parse(await (await fetch(`${address}/v1/openapi.json`)).json());
  const operation = api.paths['/v1/test/things/{thing}']?.['post'];
  assert.equal(operation?.['x-permission'], 'policy:write');
  assert.deepEqual(operation.responses['default']?.['x-codes'], ['invalid-input', 'closed']);
  assert.match(JSON.stringify(operation.responses['201']), /"required":\["thing","times","name"\]/);
  assert.deepEqual(operation.parameters, [
    { name: 'thing', in: 'path', required: true },
    { name: 'times', in: 'query', required: false },
  ]);
  assert.deepEqual(api.paths['/v1/test/open']?.['get']?.security, []);
});

test('a body is bounded in size and in the time it may take to arrive', async () => {
  const body = JSON.stringify({ name: 'x'.repeat(2 * 1024 * 1024) });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer key' };
  const answer = await http.fastify.inject({ method: 'POST', url: '/v1/test/things/a', headers, payload: body });
  assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [413, 'too-large']);
  assert.equal(http.fastify.server.requestTimeout, 60_000);
});

test('health asks the database; metrics are for this machine or a key', async () => {
  assert.deepEqual(await (await fetch(`${address}/health`)).json(), { status: 'ok', database: 'ok' });
  const metrics = await (await fetch(`${address}/metrics`)).text();
  assert.match(metrics, /kept_http_seconds_count\{route="POST \/v1\/test\/things\/:thing",status="201"\}/);
  const throughProxy = await fetch(`${address}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
  assert.equal(throughProxy.status, 401);
});

test('behind a public address metrics need a key from everywhere, since a proxy may hide where a request is from', async () => {
  const { Registry } = await import('prom-client');
  for (const [publicUrl, status] of [
    ['https://privacy.example.com', 401],
    ['http://localhost:7040', 200],
  ] as const) {
    const config = { ...platform.config, publicUrl };
    const behind = openHttp({ ...platform, config, metrics: new Registry() }, http.authorise);
    assert.equal((await behind.fastify.inject({ url: '/metrics' })).statusCode, status, publicUrl);
    const headers = { authorization: 'Bearer key' };
    assert.equal((await behind.fastify.inject({ url: '/metrics', headers })).statusCode, 200);
    assert.equal((await behind.fastify.inject({ url: '/health' })).statusCode, 200);
    await behind.close();
  }
});

test('a port in use is said, with the remedy', async () => {
  const port = new URL(address).port;
  const busy = { ...platform, config: { ...platform.config, port: Number(port) } };
  const { Registry } = await import('prom-client');
  const second = openHttp({ ...busy, metrics: new Registry() }, http.authorise);
  await assert.rejects(second.listen(), /Port \d+ of 127\.0\.0\.1 is in use.*KEPT_PORT/s);
  await second.close();
});

test('closing answers what was asked and does not wait for connections that are kept alive', async () => {
  const own = { ...platform, metrics: new Registry() };
  const slow = openHttp(own, async () => ({ organisationId, actor: { kind: 'key', id: 'test' }, language: 'en' }));
  let begun = () => {};
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  slow.route(open, async ({ caller }) => {
    begun();
    await new Promise((done) => setTimeout(done, 300));
    return { caller };
  });
  const answer = fetch(`${await slow.listen()}/v1/test/open`);
  await asked;
  const started = performance.now();
  const closing = slow.close();
  assert.equal((await answer).status, 200);
  await closing;
  assert.ok(performance.now() - started < 5_000);
});
