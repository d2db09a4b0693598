import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { z } from 'zod';
import { openSession } from './access/open-session.ts';
import { keyScopes, may, type Role } from './access/permissions.ts';
import { openTestAccess } from './access/test-access.ts';
import { createApp } from './app.ts';
import { bodies, fillOrganisation, pictureOf } from './own/test-rows.ts';
import type { EndpointSpec } from './platform/contract.ts';

/**
 * Every route of the whole server, called by everybody who could call it. What they are answered follows from the table
 * of rights, so nothing is listed here but what no contract says: routes that are not of one, and the rows that another
 * organisation's people try to reach.
 */
const kept = await openTestAccess({ environment: { KEPT_PROXIES: '127.0.0.1' } });
const app = await createApp({ config: kept.platform.config });
const address = await app.http.listen();
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await app.stop();
  await kept.close();
});
const ours = kept.organisationId;
const theirs = await kept.newOrganisation();

/** Each its own address, so that nobody is refused for what others asked too often. */
let callers = 0;
function newAddress(): string {
  callers += 1;
  return `10.${callers >> 16}.${(callers >> 8) & 255}.${callers & 255}`;
}

type Headers = Readonly<Record<string, string>>;
interface Answer {
  readonly status: number;
  readonly code: string | null;
  readonly detail: string;
}
const problemSchema = z.object({ code: z.string(), detail: z.string() });

async function call(method: string, path: string, headers: Headers, body?: unknown): Promise<Answer> {
  const hasBody = method !== 'GET' && body !== undefined;
  const answer = await fetch(address + path, {
    method,
    redirect: 'manual',
    headers: {
      'sec-fetch-site': 'same-origin',
      'x-forwarded-for': newAddress(),
      ...headers,
      ...(hasBody && { 'content-type': 'application/json' }),
    },
    ...(hasBody && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') === true;
  const problem = isProblem ? problemSchema.parse(JSON.parse(text)) : null;
  return { status: answer.status, code: problem?.code ?? null, detail: problem?.detail ?? text.slice(0, 200) };
}

const nowhere = '00000000-0000-7000-8000-000000000000';
const filled = ({ path }: EndpointSpec) => path.replaceAll(/:\w+/g, nowhere);
const named = (spec: EndpointSpec) => `${spec.method} ${spec.path}`;
const localKey: Headers = {
  authorization: `Bearer ${readFileSync(join(kept.platform.config.dataDirectory, 'local.key'), 'utf8').trim()}`,
  'kept-organisation': kept.slug,
};

async function makeKey(wanted: Record<string, unknown>): Promise<{ id: string; headers: Headers }> {
  const answer = await fetch(`${address}/v1/access/keys`, {
    method: 'POST',
    headers: { ...localKey, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Test', ...wanted }),
  });
  const { id, key } = z.object({ id: z.string(), key: z.string() }).parse(await answer.json());
  return { id, headers: { authorization: `Bearer ${key}` } };
}

/** Why a caller does not get as far as the handler; null when they do. */
type Refusal = 'not-signed-in' | 'not-permitted' | 'second-factor-needed' | 'password-needed' | null;
const refusals = {
  'not-signed-in': 401,
  'not-permitted': 403,
  'second-factor-needed': 403,
  'password-needed': 403,
} as const;

interface Who {
  readonly role: Role;
  readonly scopes?: readonly string[];
  /** Whether what they can show was shown of late: the second factor, or the password of who has none. */
  readonly isFresh: boolean;
  readonly hasFactor?: false;
}

/** What the table of rights says about a caller. */
function expected(spec: EndpointSpec, who: Who): Refusal {
  if (spec.permission === 'public') return null;
  if (!may(who.role, spec.permission, who.scopes)) return 'not-permitted';
  if (spec.fresh === undefined || who.role === 'local-key') return null;
  if (who.role.endsWith('-key')) return 'not-permitted';
  if (who.hasFactor === false) {
    if (spec.fresh === true) return 'second-factor-needed';
    return who.isFresh ? null : 'password-needed';
  }
  return who.isFresh ? null : 'second-factor-needed';
}

/** Whether a caller was turned away at the door, and why; what the handler itself refuses is not meant. */
function turnedAway(spec: EndpointSpec, { status, code, detail }: Answer): Refusal | 'failed' {
  if (status >= 500) return 'failed';
  if (code === 'not-signed-in' || code === 'second-factor-needed' || code === 'password-needed') return code;
  // Of what a session may do that is not complete, the handler knows which is owed first.
  if (spec.permission === 'access:begin' && detail.includes('not complete')) return null;
  if (code === 'not-permitted' && /among the rights|does not have|not complete/.test(detail)) return code;
  return null;
}

async function check(spec: EndpointSpec, who: string, headers: Headers, expectation: Refusal): Promise<void> {
  const answer = await call(spec.method, filled(spec), headers, spec.body === undefined ? undefined : {});
  const told = `${named(spec)} as ${who}: ${answer.status} ${answer.code} ${answer.detail}`;
  assert.equal(turnedAway(spec, answer), expectation, told);
  if (expectation !== null) assert.equal(answer.status, refusals[expectation], told);
}

/** All at once would be a test of patience. */
async function forEveryRoute(work: (spec: EndpointSpec) => Promise<void>): Promise<void> {
  for (const spec of app.http.specs) await work(spec);
}

test('every endpoint of every contract is served, and what is served besides is known', async () => {
  const declared = new Set<string>();
  const endpointSchema = z.object({
    method: z.string(),
    path: z.string(),
    permission: z.string(),
    answer: z.unknown(),
  });
  for (const file of globSync('*/*contract.ts', { cwd: import.meta.dirname })) {
    const module: object = await import(join(import.meta.dirname, file));
    for (const value of Object.values(module)) {
      const endpoint = endpointSchema.safeParse(value);
      if (endpoint.success) declared.add(`${endpoint.data.method} ${endpoint.data.path}`);
    }
  }
  assert.deepEqual(app.http.specs.map(named).sort(), [...declared].sort());
  assert.deepEqual(
    app.http.otherRoutes.filter((route) => !Object.hasOwn(otherRoutes, route)),
    [],
    'a route that is of no contract needs an entry here',
  );
});

/** What a stranger is answered by routes of no contract, with what stands in the place of parameters. */
const otherRoutes: Readonly<Record<string, { readonly path: string; readonly status: readonly number[] }>> = {
  'GET /health': { path: '/health', status: [200] },
  'GET /metrics': { path: '/metrics', status: [401] },
  'GET /v1/openapi.json': { path: '/v1/openapi.json', status: [200] },
  'GET /sign-in': { path: '/sign-in?token=made-up', status: [410] },
  // A person's browser is led to a page that says what is wrong; a trial is for who may set providers up.
  'GET /sign-in/providers/:provider': { path: `/sign-in/providers/${nowhere}?try=1`, status: [401] },
  'GET /sign-in/providers/:provider/answer': { path: `/sign-in/providers/${nowhere}/answer`, status: [302, 303] },
  'POST /sign-in/providers/:provider/answer': { path: `/sign-in/providers/${nowhere}/answer`, status: [302, 303] },
  // A script without data, for the page that a browser passes through on its way back.
  'GET /sign-in/providers/continue.js': { path: '/sign-in/providers/continue.js', status: [200] },
  'GET /sign-in/providers/:provider/metadata': { path: `/sign-in/providers/${nowhere}/metadata`, status: [404] },
  'GET /v1/ledger/checkpoint': { path: '/v1/ledger/checkpoint', status: [401] },
  'GET /v1/ledger/log/:log/checkpoint': { path: `/v1/ledger/log/${ours}/checkpoint`, status: [401] },
  'GET /v1/ledger/log/:log/tile/*': { path: `/v1/ledger/log/${ours}/tile/0/000`, status: [401] },
  'GET /v1/exports/files/:organisation/:link/:fileName': {
    path: `/v1/exports/files/${ours}/${nowhere}/made-up.csv?signature=made-up`,
    status: [404],
  },
  // For platforms, which sign what they send; a stranger is told nothing, not even whether there is such an address.
  'POST /v1/webhooks/in/:endpoint': { path: '/v1/webhooks/in/made-up', status: [401] },
  'GET /v1/webhooks/in/:endpoint': { path: '/v1/webhooks/in/made-up', status: [401] },
  // What the browser asks before a page of another origin reads notices with a token; and the script that does.
  'OPTIONS /v1/messages/in-product/notices': { path: '/v1/messages/in-product/notices', status: [204] },
  'OPTIONS /v1/messages/in-product/seen': { path: '/v1/messages/in-product/seen', status: [204] },
  'GET /widget/notices.js': { path: '/widget/notices.js', status: [200] },
  // The link of an announcement, which opens one thing only: no more of them.
  'GET /opt-out/:token': { path: '/opt-out/made-up', status: [404] },
  'POST /opt-out/:token': { path: '/opt-out/made-up', status: [404] },
  'GET /notices/:key': { path: '/notices/made-up', status: [404] },
  'GET /notices/:key/:language': { path: '/notices/made-up/en', status: [404] },
  // Signed links, and mail that a provider signed: what neither is, opens nothing.
  'GET /v1/messages/files/:organisation/:attachment': {
    path: `/v1/messages/files/${ours}/${nowhere}?until=9999999999999&signature=AA`,
    status: [404],
  },
  'POST /v1/messages/in/:organisation/:mailbox': { path: `/v1/messages/in/${ours}/${nowhere}`, status: [401] },
  // The console: the same for everybody, and without data.
  'GET /*': { path: '/settings', status: [200, 503] },
};

test('routes of no contract tell strangers nothing', async () => {
  for (const [route, { path, status }] of Object.entries(otherRoutes)) {
    const [method = ''] = route.split(' ');
    const answer = await call(method, path, {});
    assert.ok(status.includes(answer.status), `${route}: ${answer.status} ${answer.detail}`);
  }
});

test('every permission of a contract is in the table of rights', async () => {
  const known = (spec: EndpointSpec) => spec.permission === 'public' || may('local-key', spec.permission);
  assert.deepEqual(app.http.specs.filter((spec) => !known(spec)).map(named), []);
});

test('an answer that holds the address of a person says so, and is recorded', () => {
  const personal = /^(email|address|ownerEmail|phone)$/;
  const names = (schema: unknown): string[] => {
    if (typeof schema !== 'object' || schema === null) return [];
    const own = 'properties' in schema ? Object.keys(Object(schema.properties)) : [];
    return [...own, ...Object.values(schema).flatMap(names)];
  };
  const holds = (spec: EndpointSpec) =>
    names(z.toJSONSchema(spec.answer, { unrepresentable: 'any' })).some((name) => personal.test(name));
  // What is one's own is no news, and what changes somebody is an entry anyway.
  const others = app.http.specs.filter(
    ({ method, permission }) => method === 'GET' && !/:(own|begin)$/.test(permission),
  );
  assert.deepEqual(others.filter((spec) => spec.reveals === undefined && holds(spec)).map(named), []);
  assert.ok(others.filter((spec) => spec.reveals !== undefined && holds(spec)).length >= 3);
});

test('without a session, with a made-up, an ended and an expired one nobody gets further than public routes', async () => {
  const cookieName = (await kept.cookieOf('owner')).split('=')[0];
  const ended = await kept.cookieOf('owner');
  await fetch(`${address}/v1/access/session`, {
    method: 'DELETE',
    headers: { cookie: ended, 'sec-fetch-site': 'same-origin' },
  });
  const expired = await sessionWithLimit('expires_at');
  const idle = await sessionWithLimit('idle_at');
  const callers: Record<string, Headers> = {
    nobody: {},
    'a made-up cookie': { cookie: `${cookieName}=made-up` },
    'an ended session': { cookie: ended },
    'an expired session': { cookie: expired },
    'an idle session': { cookie: idle },
    'a made-up key': { authorization: 'Bearer kept_api_made-up' },
  };
  await forEveryRoute(async (spec) => {
    const expectation = spec.permission === 'public' ? null : 'not-signed-in';
    for (const [who, headers] of Object.entries(callers)) await check(spec, who, headers, expectation);
  });
});

/** A session one of whose limits was a second ago. */
async function sessionWithLimit(column: 'expires_at' | 'idle_at'): Promise<string> {
  const person = await kept.addPerson({ organisationId: ours, role: 'owner' });
  const cookie = await kept.cookieOf(person);
  await admin.query(`update access.session set ${column} = now() - interval '1 second' where person_id = $1`, [
    person.id,
  ]);
  return cookie;
}

const roles = ['owner', 'admin', 'dpo', 'engineer', 'agent', 'auditor'] as const;

for (const role of roles)
  test(`every route as ${role}`, async () => {
    const refused = await kept.cookieOf(role);
    await forEveryRoute(async (spec) => {
      const expectation = expected(spec, { role, isFresh: true });
      // Who is let in may well change something about themselves: each time somebody else.
      const cookie = expectation === null ? await cookieOfNew(role) : refused;
      await check(spec, role, { cookie }, expectation);
    });
  });

async function cookieOfNew(role: (typeof roles)[number], isFresh = true): Promise<string> {
  const person = await kept.addPerson({ organisationId: ours, role, totp: true });
  return kept.cookieOf(person, { fresh: isFresh, organisationId: ours });
}

test('every sensitive route as an owner who has shown no second factor of late', async () => {
  const cookie = await cookieOfNew('owner', false);
  assert.ok(sensitive().length > 10);
  for (const spec of sensitive())
    await check(spec, 'stale owner', { cookie }, expected(spec, { role: 'owner', isFresh: false }));
});

const sensitive = () => app.http.specs.filter((spec) => spec.fresh !== undefined);

for (const isFresh of [true, false])
  test(`every sensitive route without any second factor, signed in ${isFresh ? 'just now' : 'long ago'}`, async () => {
    assert.ok(sensitive().some((spec) => spec.fresh === 'own'));
    for (const spec of sensitive()) {
      const person = await kept.addPerson({ organisationId: ours, role: 'engineer' });
      const cookie = await kept.cookieOf(person, { fresh: isFresh, organisationId: ours });
      await check(spec, 'engineer', { cookie }, expected(spec, { role: 'engineer', isFresh, hasFactor: false }));
    }
  });

test('every route with a session that still owes its second factor', async () => {
  await forEveryRoute(async (spec) => {
    const { token } = await openSession(kept.access, { personId: kept.people.owner.id, methods: ['password'] });
    const expectation = expected(spec, { role: 'beginner', isFresh: false });
    await check(spec, 'half signed in', { cookie: `kept_session=${token}` }, expectation);
  });
});

test('every route with the key of the machine, which may all but what needs a person', async () => {
  await forEveryRoute((spec) =>
    check(spec, 'local key', localKey, expected(spec, { role: 'local-key', isFresh: true })),
  );
});

test('every route with a key of each kind, rightly and wrongly scoped', async () => {
  const all = await makeKey({ kind: 'api', scopes: keyScopes });
  const ingest = await makeKey({ kind: 'ingest' });
  const site = await makeKey({ kind: 'site', origins: ['https://www.example.com'] });
  const wrong = new Map<string, Headers>();
  for (const scope of keyScopes)
    wrong.set(scope, (await makeKey({ kind: 'api', scopes: keyScopes.filter((other) => other !== scope) })).headers);
  await forEveryRoute(async (spec) => {
    const isFresh = false;
    const scoped = (scopes: readonly string[]) => expected(spec, { role: 'api-key', scopes, isFresh });
    await check(spec, 'api key', all.headers, scoped(keyScopes));
    const lacking = wrong.get(spec.permission);
    if (lacking !== undefined) {
      assert.equal(scoped(keyScopes.filter((scope) => scope !== spec.permission)), 'not-permitted');
      await check(spec, 'wrongly scoped key', lacking, 'not-permitted');
    }
    await check(spec, 'ingest key', ingest.headers, expected(spec, { role: 'ingest-key', isFresh }));
    const fromSite = { ...site.headers, origin: 'https://www.example.com' };
    await check(spec, 'site key', fromSite, expected(spec, { role: 'site-key', isFresh }));
  });
});

test('every route with an expired and a revoked key', async () => {
  const expired = await makeKey({
    kind: 'api',
    scopes: keyScopes,
    expiresAt: new Date(Date.now() - 1000).toISOString(),
  });
  const revoked = await makeKey({ kind: 'api', scopes: keyScopes });
  const answer = await call('DELETE', `/v1/access/keys/${revoked.id}`, localKey);
  assert.equal(answer.status, 204);
  await forEveryRoute(async (spec) => {
    const expectation = spec.permission === 'public' ? null : 'not-signed-in';
    await check(spec, 'expired key', expired.headers, expectation);
    await check(spec, 'revoked key', revoked.headers, expectation);
  });
});

test('what is another organisation’s is not found, by whatever route, and stays as it is', async () => {
  const filled = { kept, admin, address, localKey, makeKey: async () => (await makeKey({ kind: 'ingest' })).id };
  const rows = await fillOrganisation(filled);
  const attacker = await kept.addPerson({ organisationId: theirs, role: 'owner' });
  const ownCookie = await cookieOfNew('owner');
  const withParameters = app.http.specs.filter((spec) => spec.path.includes(':'));
  const tried = new Set<string>();
  const before = await pictureOf(filled);
  for (const spec of withParameters) {
    const path = spec.path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = rows[name];
      assert.ok(value !== undefined, `${named(spec)} has the parameter ${name}: say here which of our rows it is`);
      tried.add(name);
      return encodeURIComponent(value);
    });
    const body = bodies[named(spec)];
    if (spec.body !== undefined) assert.ok(spec.body.safeParse(body).success, `${named(spec)} needs a valid body here`);
    if (spec.method === 'GET') {
      const own = await call('GET', path, { cookie: ownCookie });
      assert.notEqual(own.status, 404, `${named(spec)} finds our own row: ${own.detail}`);
    }
    const cookie = await kept.cookieOf(attacker, { organisationId: theirs });
    const answer = await call(spec.method, path, { cookie }, body);
    assert.equal(answer.status, 404, `${named(spec)}: ${answer.status} ${answer.code} ${answer.detail}`);
    assert.match(answer.code ?? '', /-not-found$|^no-policy$/, named(spec));
  }
  assert.deepEqual([...tried].sort(), Object.keys(rows).sort(), 'every row that stands here is tried');
  assert.deepEqual(await pictureOf(filled), before);
});

test('a person cannot turn to an organisation they do not belong to', async () => {
  const cookie = await cookieOfNew('owner');
  const answer = await call('PUT', '/v1/access/session/organisation', { cookie }, { organisation: theirs });
  assert.deepEqual([answer.status, answer.code], [404, 'organisation-not-found']);
});
