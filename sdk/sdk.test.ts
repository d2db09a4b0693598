import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import * as signInContract from '../server/access/contract.ts';
import * as membersContract from '../server/access/members-contract.ts';
import * as ownContract from '../server/access/own-contract.ts';
import * as providersContract from '../server/access/providers-contract.ts';
import * as sealingContract from '../server/access/sealing-contract.ts';
import { createClient, endpoints, KeptError } from './sdk.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly organisation: string | string[] | undefined;
  readonly body: string;
}

const seen: Seen[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('{}');
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { authorization } = request.headers;
  seen.push({
    method: request.method,
    url: request.url,
    authorization,
    organisation: request.headers['kept-organisation'],
    body,
  });
  answer(request, response);
});
let address = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  address = `http://127.0.0.1:${bound.port}`;
});
after(() => server.close());

const version = (number: number) => ({
  hash: `hash-${number}`,
  number,
  parent: null,
  publishedAt: '2026-11-20T12:00:00.000Z',
  entry: null,
});

test('a call sends key, organisation, path, query and body as the contract declares them', async () => {
  answer = (_, response) => response.end(JSON.stringify({ hash: null, findings: [] }));
  const client = createClient({ address, key: 'k-1', organisation: 'mare' });
  assert.deepEqual(await client.call(endpoints.policy.checkPolicy, { body: { source: 'kept: 1' } }), {
    hash: null,
    findings: [],
  });
  assert.deepEqual(seen.at(-1), {
    method: 'POST',
    url: '/v1/policy/check',
    authorization: 'Bearer k-1',
    organisation: 'mare',
    body: '{"source":"kept: 1"}',
  });
});

test('parameters are escaped into the path', async () => {
  answer = (_, response) => {
    response.statusCode = 404;
    response.end(
      JSON.stringify({
        type: 'about:blank',
        title: 'There is no such promise',
        status: 404,
        code: 'promise-not-found',
      }),
    );
  };
  const client = createClient({ address });
  await assert.rejects(
    client.call(endpoints.policy.getPromise, { params: { promise: 'a/b' }, query: { limit: 2 } }),
    (error) => error instanceof KeptError && error.code === 'promise-not-found' && error.status === 404,
  );
  assert.equal(seen.at(-1)?.url, '/v1/policy/promises/a%2Fb?limit=2');
});

test('items walks every page by its cursor', async () => {
  answer = (request, response) => {
    const last = request.url?.includes('after=2');
    const page = last ? { items: [version(1)], next: null } : { items: [version(3), version(2)], next: '2' };
    response.end(JSON.stringify(page));
  };
  const numbers: number[] = [];
  for await (const item of createClient({ address }).items(endpoints.policy.listVersions)) numbers.push(item.number);
  assert.deepEqual(numbers, [3, 2, 1]);
});

test('an answer that the contract does not know is an error and not a guess', async () => {
  answer = (_, response) => response.end('{"items":"none"}');
  const client = createClient({ address });
  await assert.rejects(client.call(endpoints.policy.listVersions), { code: 'unexpected-answer' });
  answer = (_, response) => response.end('<html>');
  await assert.rejects(client.call(endpoints.policy.listVersions), { code: 'unexpected-answer' });
});

test('no answer is the error "unreachable"', async () => {
  const client = createClient({ address: 'http://127.0.0.1:1' });
  await assert.rejects(client.call(endpoints.policy.listPromises), { code: 'unreachable', status: 0 });
});

test('endpoints of access are those of its five contracts, each under its own name', () => {
  const contracts = [signInContract, ownContract, membersContract, providersContract, sealingContract];
  const names = contracts.flatMap((contract) => Object.keys(contract));
  assert.equal(new Set(names).size, names.length, 'no contract hides what another declares');
  assert.deepEqual(Object.keys(endpoints.access).sort(), names.sort());
});

test('where the server says how long to wait, the error tells', async () => {
  const problem = { type: 'about:blank', title: 'Too many attempts', status: 429, code: 'too-many-attempts' };
  const signIn = () =>
    createClient({ address }).call(endpoints.access.signIn, { body: { email: 'ana@example.org', password: 'x' } });
  answer = (_, response) => response.writeHead(429, { 'retry-after': '17' }).end(JSON.stringify(problem));
  await assert.rejects(signIn(), { code: 'too-many-attempts', retryAfterSeconds: 17 });
  answer = (_, response) => response.writeHead(429).end(JSON.stringify(problem));
  await assert.rejects(signIn(), { code: 'too-many-attempts', retryAfterSeconds: undefined });
});
