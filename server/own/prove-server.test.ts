import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:net';
import { after, test } from 'node:test';
import { createServer, type TlsOptions } from 'node:tls';
import { SystemUnreachable } from '../connectors/connector.ts';
import { probeTls } from '../connectors/tls/probe-tls.ts';
import { makeTestCertificate } from '../messages/test-certificate.ts';
import { fixedClock } from '../platform/clock.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { proveEncryptedInTransit } from './prove-server.ts';

const { platform, close } = await openTestPlatform();
const { certificate: cert, key } = makeTestCertificate(fixedClock(new Date().toISOString()).now());
const ends: (() => Promise<unknown>)[] = [close];
after(async () => {
  for (const end of ends) await end();
});

/** A server in front of Kept, as a proxy would be. */
async function listen(options: TlsOptions): Promise<number> {
  const server = createServer({ cert, key, ...options }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  server.unref();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.unshift(async () => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const prove = (publicUrl: string | undefined, host = '127.0.0.1') =>
  proveEncryptedInTransit({ ...platform, config: { ...platform.config, publicUrl, host } });

const old = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;

test('each version of TLS is tried by itself', async () => {
  const place = async (options: TlsOptions) => ({ host: '127.0.0.1', port: await listen(options) });
  assert.deepEqual(await probeTls(await place({ minVersion: 'TLSv1.2' })), ['TLSv1.2', 'TLSv1.3']);
  assert.deepEqual(await probeTls(await place({ ...old, maxVersion: 'TLSv1.1' })), ['TLSv1', 'TLSv1.1']);
  assert.deepEqual(await probeTls(await place({ ...old })), ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
});

test('nobody who answers is no proof, and plain speech is no TLS', async () => {
  const plain = createPlainServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const address = plain.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  assert.deepEqual(await probeTls({ host: '127.0.0.1', port }), []);
  plain.close();
  await once(plain, 'close');
  await assert.rejects(probeTls({ host: '127.0.0.1', port }), SystemUnreachable);
});

test('CF-23: an address that still takes old TLS is a broken promise, and kept once it does not', async () => {
  const broken = await prove(`https://localhost:${await listen(old)}`);
  assert.equal(broken.status, 'broken');
  assert.equal(broken.reason?.code, 'old-tls');
  assert.match(broken.reason?.text.en ?? '', /TLSv1, TLSv1\.1/);
  const kept = await prove(`https://localhost:${await listen({ minVersion: 'TLSv1.2' })}`);
  assert.deepEqual([kept.status, kept.reason], ['kept', null]);
});

test('CF-23: plain HTTP is a broken promise, but on this machine, where nothing crosses a network', async () => {
  const states = [
    [await prove('http://privacy.example.org'), 'broken', 'plain-http'],
    [await prove(undefined, '0.0.0.0'), 'unproven', 'no-public-address'],
    [await prove(undefined, '127.0.0.1'), 'kept', 'this-machine-only'],
    [await prove('http://localhost:7040'), 'kept', 'this-machine-only'],
  ] as const;
  for (const [found, status, code] of states) assert.deepEqual([found.status, found.reason?.code], [status, code]);
});
