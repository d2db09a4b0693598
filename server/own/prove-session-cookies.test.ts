import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createPlainServer, type RequestListener, request, type Server } from 'node:http';
import { createServer } from 'node:https';
import { after, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { openTestAccess, type TestAccess } from '../access/test-access.ts';
import { makeTestCertificate } from '../messages/test-certificate.ts';
import { fixedClock } from '../platform/clock.ts';
import { Failure } from '../platform/failure.ts';
import { openOutbound } from '../platform/outbound.ts';
import { proveSessionCookies } from './prove-session-cookies.ts';

const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});
const { certificate: cert, key } = makeTestCertificate(fixedClock(new Date().toISOString()).now());
setDefaultCACertificates([...getCACertificates('default'), cert]);

/** What the proxy does to each cookie on its way out, and which server stands behind it. */
const proxy = { change: (line: string): string | undefined => line, to: '' };

const pass: RequestListener = (asked, answer) => {
  const onward = request(new URL(asked.url ?? '/', proxy.to), { method: asked.method, headers: asked.headers });
  onward.on('response', (back) => {
    const cookies = (back.headers['set-cookie'] ?? []).map(proxy.change).filter((line) => line !== undefined);
    answer.writeHead(back.statusCode ?? 502, { ...back.headers, 'set-cookie': cookies });
    back.pipe(answer);
  });
  onward.on('error', () => answer.writeHead(502).end());
  asked.pipe(onward);
};

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A Kept behind the proxy, which is its public address. */
async function openBehind(scheme: 'http' | 'https', host: string): Promise<TestAccess> {
  const port = await listen(scheme === 'http' ? createPlainServer(pass) : createServer({ cert, key }, pass));
  const server = await openTestAccess({ environment: { KEPT_PUBLIC_URL: `${scheme}://${host}:${port}` } });
  ends.push(server.close);
  return server;
}

/** Names lead to this machine, as they lead to a proxy elsewhere. */
const outbound = openOutbound({
  allow: [],
  lookup: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
});
ends.push(outbound.close);

async function prove({ platform, access, address }: TestAccess, change: typeof proxy.change = (line) => line) {
  proxy.change = change;
  proxy.to = address;
  const { status, reason } = await proveSessionCookies({ ...platform, outbound }, access.listening);
  return [status, reason?.code ?? null, reason?.figures['lacking'] ?? null];
}

const without = (attribute: RegExp) => (line: string) => line.replace(attribute, '');
const broken = (lacking: string) => ['broken', 'cookie-unprotected', lacking];

test('CF-23: on this machine the cookie needs all but what a network asks for', async () => {
  const server = await openTestAccess();
  ends.push(server.close);
  assert.deepEqual(await prove(server), ['kept', 'this-machine-only', null]);
  const local = await openBehind('http', 'localhost');
  assert.deepEqual(await prove(local), ['kept', 'this-machine-only', null]);
  assert.deepEqual(await prove(local, without(/; HttpOnly/)), broken('HttpOnly'));
  assert.deepEqual(await prove(local), ['kept', 'this-machine-only', null]);
});

test('CF-23: a public address over plain HTTP is a broken promise', async () => {
  assert.deepEqual(await prove(await openBehind('http', 'privacy.example.org')), broken('Secure, __Host-'));
});

test('CF-23: what a proxy takes from the cookie, or adds to it, is a broken promise until it no longer does', async () => {
  const server = await openBehind('https', 'localhost');
  const kept = ['kept', null, null];
  assert.deepEqual(await prove(server), kept);
  const changes: [change: typeof proxy.change, lacking: string][] = [
    [without(/; HttpOnly/), 'HttpOnly'],
    [without(/; SameSite=Lax/), 'SameSite'],
    [(line) => line.replace('SameSite=Lax', 'SameSite=None'), 'SameSite'],
    [(line) => line.replace('Path=/', 'Path=/v1'), 'Path=/'],
    [without(/; Secure/), 'Secure'],
    [(line) => `${line}; Domain=localhost`, '__Host-'],
    [without(/;.*/), 'HttpOnly, SameSite, Path=/, Secure'],
  ];
  for (const [change, lacking] of changes) {
    assert.deepEqual(await prove(server, change), broken(lacking));
    assert.deepEqual(await prove(server), kept);
  }
});

test('where no cookie comes back, or nobody answers, nothing is proven', async () => {
  const server = await openBehind('https', 'localhost');
  assert.deepEqual(await prove(server, () => undefined), ['unproven', 'cookie-not-seen', null]);
  await server.http.close();
  assert.deepEqual(await prove(server), ['unproven', 'cookie-not-seen', null], 'the proxy answers 502');
  const gone = { ...server.platform, outbound, config: { ...server.platform.config, publicUrl: 'http://localhost:9' } };
  await assert.rejects(
    proveSessionCookies(gone, server.access.listening),
    (error) => error instanceof Failure && error.code === 'outbound-failed',
  );
});
