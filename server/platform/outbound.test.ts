import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { createServer as createPlainServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';
import { Failure } from './failure.ts';
import { openOutbound } from './outbound.ts';
import { connectorFor } from './outbound-connect.ts';
import type { OutboundRequest } from './outbound-exchange.ts';

const MEGABYTE = 1_000_000;
const open: { close(): unknown }[] = [];
after(async () => {
  for (const one of open.reverse()) await one.close();
});

async function listening(server: Server | ReturnType<typeof createPlainServer>, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  return bound.port;
}

/** A server of raw octets, which hands each connection over once its request has come; `written` counts. */
async function raw(
  answer: (socket: Socket) => void,
): Promise<{ port: number; written: () => number; open: () => number }> {
  const sockets = new Set<Socket>();
  let ended = 0;
  const server = createPlainServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
    socket.on('close', () => {
      ended += socket.bytesWritten;
      sockets.delete(socket);
    });
  });
  const port = await listening(server);
  open.push({
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return {
    port,
    written: () => ended + [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, 0),
    open: () => sockets.size,
  };
}

/** Writes the same octets again and again, as fast as they are taken. */
function pour(socket: Socket, octets: string | Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(octets));
    if (!socket.destroyed) socket.once('drain', more);
  };
  more();
}

let hits = 0;
const server = createServer((request, response) => {
  hits += 1;
  if (request.url === '/redirect') response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end();
  else if (request.url === '/redirect-here') response.writeHead(307, { location: '/redirect-here' }).end();
  else if (request.url === '/large') response.end(Buffer.alloc(2 * MEGABYTE));
  else if (request.url === '/empty') response.writeHead(204).end();
  else if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello'));
  else if (request.url === '/odd') response.writeHead(200, { 'content-encoding': 'odd' }).end('hello');
  else if (request.url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bombs.gzip);
  else if (request.url === '/brotli') response.writeHead(200, { 'content-encoding': 'br' }).end(bombs.brotli);
  else {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => response.end(`hello ${request.method} ${Buffer.concat(chunks)}`));
  }
});
const zeros = Buffer.alloc(100 * MEGABYTE);
const bombs = {
  gzip: gzipSync(zeros, { level: 1 }),
  brotli: brotliCompressSync(zeros, { params: { [zlib.BROTLI_PARAM_QUALITY]: 1 } }),
};
const port = await listening(server);
open.push({
  close() {
    server.closeAllConnections();
    server.close();
  },
});
const outbound = openOutbound({ allow: ['localhost', '127.0.0.1'] });
open.push(outbound);

const refusal = (error: unknown) => error instanceof Failure && error.code === 'outbound-refused';

/** Calls, and says how it ended and how long that took. */
async function outcome(url: string, request?: OutboundRequest): Promise<{ code: string; ms: number }> {
  const started = performance.now();
  const code = await outbound.fetch(url, request).then(
    (answer) => String(answer.status),
    (error: unknown) => (error instanceof Failure ? error.code : String(error)),
  );
  return { code, ms: performance.now() - started };
}

test('a host the operator named may be private, and so may an address from the configuration', async () => {
  assert.equal(await (await outbound.fetch(`http://localhost:${port}/`)).text(), 'hello GET ');
  const narrow = openOutbound({ allow: ['localhost'] });
  const put = await narrow.fetch(`http://127.0.0.1:${port}/`, { operator: true, method: 'PUT', body: 'x' });
  assert.equal(await put.text(), 'hello PUT x');
  await assert.rejects(narrow.fetch(`http://127.0.0.1:${port}/`), refusal, 'only the very name is allowed');
  await assert.rejects(narrow.fetch(`http://127.1:${port}/`), refusal);
  assert.equal(
    await narrow.locate('localhost', port).then((address) => address === '127.0.0.1' || address === '::1'),
    true,
  );
  await narrow.close();
  const six = openOutbound({ allow: ['::1'] });
  assert.equal(await six.locate('[::1]', port), '::1');
  await six.close();
});

test('a connection of a trusted caller serves no other', async () => {
  const narrow = openOutbound({ allow: [] });
  await narrow.fetch(`http://127.0.0.1:${port}/`, { operator: true });
  const before = hits;
  await assert.rejects(narrow.fetch(`http://127.0.0.1:${port}/`), refusal);
  assert.equal(hits, before);
  await narrow.close();
});

test('an address that is public by its number and leads here all the same is left before an octet is sent', async () => {
  let received = 0;
  let came = 0;
  const here = createPlainServer((socket) => {
    came += 1;
    socket.on('data', (chunk) => (received += chunk.byteLength)).on('error', () => {});
  });
  const at = await listening(here);
  open.push(here);
  const guard = { nameServers: [], lookup: () => Promise.resolve([]), ownPlaces: () => [] };
  // What a rule of the machine's own packet filter does: the connection ends elsewhere than it was meant to.
  const connector = connectorFor('guarded', guard, () => ({ host: '127.0.0.1', port: at }));
  const place = { hostname: '93.184.215.14', host: '93.184.215.14', protocol: 'http:', port: String(at) };
  const error = await new Promise((resolve) => connector(place, (...told) => resolve(told[0])));
  assert.ok(refusal(error), String(error));
  assert.deepEqual([came, received], [1, 0]);
});

test('Kept itself and its database are not called, though their host is allowed', async () => {
  const machine = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const hosts = ['localhost', '127.0.0.1', '127.1', '127.9.9.9', '0.0.0.0', '[::1]', '[::ffff:127.0.0.1]'];
  for (const { address, family } of machine)
    if (!address.startsWith('fe80')) hosts.push(family === 'IPv6' ? `[${address}]` : address);
  const allow = hosts.map((host) => new URL(`http://${host}`).hostname);
  const before = hits;
  for (const own of [
    openOutbound({ allow, databaseUrl: `postgresql://kept@localhost:${port}/kept` }),
    openOutbound({ allow, databaseUrl: `postgresql://kept@localhost/kept?host=127.0.0.1&port=${port}` }),
    listensOn({ host: '127.0.0.1', port }),
    listensOn({ host: '0.0.0.0', port }),
    listensOn({ host: '::', port }),
  ]) {
    for (const host of hosts) {
      await assert.rejects(own.fetch(`http://${host}:${port}/metrics`), refusal, host);
      await assert.rejects(own.admit(`http://${host}:${port}/metrics`), refusal, host);
      await assert.rejects(own.locate(host, port), refusal, host);
    }
    assert.equal(hits, before);
    // The operator's own address may be Kept's: so it proves its cookies.
    await own.fetch(`http://127.0.0.1:${port}/`, { operator: true });
    assert.equal(hits, before + 1);
    hits = before;
    await own.close();
  }

  function listensOn(place: { host: string; port: number }) {
    const own = openOutbound({ allow });
    own.occupy(place);
    return own;
  }
});

test('a redirect is answered, not followed, however often it would go on', async () => {
  const answer = await outbound.fetch(`http://localhost:${port}/redirect`);
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.get('location'), 'http://169.254.169.254/latest/');
  const before = hits;
  assert.equal((await outbound.fetch(`http://localhost:${port}/redirect-here`)).status, 307);
  assert.equal(hits, before + 1);
});

test('a body beyond the bound is refused, or cut for whom the status is enough', async () => {
  assert.equal((await outcome(`http://localhost:${port}/large`)).code, 'outbound-too-large');
  const cut = await outbound.fetch(`http://localhost:${port}/large`, { cut: true, maxBytes: 1000 });
  assert.deepEqual([cut.status, cut.isCut, (await cut.arrayBuffer()).byteLength], [200, true, 1000]);
  const whole = await outbound.fetch(`http://localhost:${port}/`, { cut: true });
  assert.deepEqual([whole.isCut, await whole.text()], [false, 'hello GET ']);
  const empty = await outbound.fetch(`http://localhost:${port}/empty`, { cut: true });
  assert.deepEqual([empty.status, empty.isCut, await empty.text()], [204, false, '']);
});

test('ten gigabytes are left where they are', async () => {
  const announced = await raw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n');
    pour(socket, Buffer.alloc(65_536));
  });
  const unannounced = await raw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    pour(socket, `10000\r\n${'x'.repeat(65_536)}\r\n`);
  });
  const untilClose = await raw((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    pour(socket, Buffer.alloc(65_536));
  });
  for (const from of [announced, unannounced, untilClose]) {
    const { code, ms } = await outcome(`http://localhost:${from.port}/`, { timeoutMs: 5_000 });
    assert.equal(code, 'outbound-too-large');
    assert.ok(ms < 4_000, `${ms} ms`);
    const cut = await outbound.fetch(`http://localhost:${from.port}/`, { cut: true, maxBytes: 4_096 });
    assert.deepEqual([cut.status, cut.isCut, (await cut.arrayBuffer()).byteLength], [200, true, 4_096]);
    await settled(() => from.open() === 0);
    // Both connections, with what the system holds on its way.
    assert.ok(from.written() < 40 * MEGABYTE, `${from.written()} bytes were sent`);
  }
});

test('an answer of an octet now and then is given up in time, wherever it drips', async () => {
  const drips = {
    head: 'HTTP/1.1 200 OK\r\nx-slow: 1\r\n',
    body: `HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n`,
    trailer: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nx-trailer: ',
    size: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;extension=',
  };
  for (const [where, begin] of Object.entries(drips)) {
    const from = await raw((socket) => {
      socket.write(begin);
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const { code, ms } = await outcome(`http://localhost:${from.port}/`, { timeoutMs: 300 });
    assert.equal(code, 'outbound-timed-out', where);
    assert.ok(ms >= 290 && ms < 1_500, `${where}: ${ms} ms`);
    await settled(() => from.open() === 0);
    if (where === 'head') continue;
    const cut = await outbound.fetch(`http://localhost:${from.port}/`, { timeoutMs: 300, cut: true });
    assert.deepEqual([cut.status, cut.isCut], [200, true], where);
    await settled(() => from.open() === 0);
  }
});

test('nobody who only listens, and nobody who breaks off, keeps a caller longer than the time for it', async () => {
  const mute = await raw(() => {});
  const dead = await raw((socket) => socket.destroy());
  const broken = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx'));
  const nonsense = await raw((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
  const beyond = await raw((socket) => socket.end('HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'));
  assert.equal((await outcome(`http://localhost:${mute.port}/`, { timeoutMs: 200 })).code, 'outbound-timed-out');
  const tls = await outcome(`https://localhost:${mute.port}/`, { timeoutMs: 200 });
  assert.equal(tls.code, 'outbound-timed-out', 'also while TLS is made');
  assert.ok(tls.ms < 1_500);
  for (const { port: at } of [dead, broken, nonsense, beyond])
    assert.equal((await outcome(`http://localhost:${at}/`)).code, 'outbound-failed');
  const cut = await outbound.fetch(`http://localhost:${broken.port}/`, { cut: true });
  assert.deepEqual([cut.status, cut.isCut, await cut.text()], [200, true, 'x']);
  assert.equal((await outcome('http://localhost:1/')).code, 'outbound-failed');
});

test('headers, announcements and trailers without end are bounded', async () => {
  const floods = {
    headers: ['HTTP/1.1 200 OK\r\n', `x-flood: ${'x'.repeat(1_000)}\r\n`],
    'one header': ['HTTP/1.1 200 OK\r\nx-flood: ', 'x'.repeat(1_000)],
    announcements: ['', 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'],
    trailers: ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n', `x-flood: ${'x'.repeat(1_000)}\r\n`],
  };
  for (const [what, [begin = '', again = '']] of Object.entries(floods)) {
    const from = await raw((socket) => {
      socket.write(begin);
      pour(socket, again);
    });
    const { code, ms } = await outcome(`http://localhost:${from.port}/`, { timeoutMs: 5_000 });
    assert.equal(code, 'outbound-too-large', what);
    assert.ok(ms < 3_000, `${what}: ${ms} ms`);
    await settled(() => from.open() === 0);
    assert.ok(from.written() < 20 * MEGABYTE, `${what}: ${from.written()} bytes`);
  }
});

test('what is packed is unpacked within the bound: a bomb of 100 megabytes stays small', async () => {
  assert.ok(bombs.gzip.byteLength < MEGABYTE && bombs.brotli.byteLength < MEGABYTE);
  const hello = await outbound.fetch(`http://localhost:${port}/gzip`);
  assert.deepEqual([await hello.text(), hello.headers.get('content-encoding')], ['hello', null]);
  assert.equal((await outcome(`http://localhost:${port}/odd`)).code, 'outbound-failed');
  for (const path of ['bomb', 'brotli']) {
    const { code, ms } = await outcome(`http://localhost:${port}/${path}`);
    assert.equal(code, 'outbound-too-large', path);
    assert.ok(ms < 1_000, `${path}: ${ms} ms`);
    const cut = await outbound.fetch(`http://localhost:${port}/${path}`, { cut: true, maxBytes: 200_000 });
    assert.deepEqual([cut.isCut, (await cut.arrayBuffer()).byteLength], [true, 200_000]);
  }
});

test('a caller that gives up is answered at once', async () => {
  const mute = await raw(() => {});
  const already = AbortSignal.abort();
  assert.equal((await outcome(`http://localhost:${mute.port}/`, { signal: already })).code, 'outbound-failed');
  const { code, ms } = await outcome(`http://localhost:${mute.port}/`, { signal: AbortSignal.timeout(100) });
  assert.equal(code, 'outbound-timed-out');
  assert.ok(ms < 1_000);
  await settled(() => mute.open() === 0);
});

test('a caller says nothing of how the message is carried, nor to which host', async () => {
  for (const name of ['Host', 'connection', 'Transfer-Encoding', 'content-length', 'Upgrade'])
    await assert.rejects(outbound.fetch(`http://localhost:${port}/`, { headers: { [name]: 'x' } }), refusal, name);
  const before = hits;
  const { code } = await outcome(`http://localhost:${port}/`, { headers: { 'x-a': 'a\r\nhost: b' } });
  assert.deepEqual([code, hits], ['outbound-failed', before], 'a header holds no line feed');
});

test('proxies that the environment names see nothing', async () => {
  const proxy = await raw((socket) => socket.end('HTTP/1.1 502 Seen\r\ncontent-length: 0\r\n\r\n'));
  const at = `http://127.0.0.1:${proxy.port}`;
  const script = `
    const { openOutbound } = await import(${JSON.stringify(new URL('./outbound.ts', import.meta.url).href)});
    const outbound = openOutbound({ allow: ['localhost'] });
    console.log((await outbound.fetch('http://localhost:${port}/')).status);
    await outbound.close();`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
  const environment = { NODE_USE_ENV_PROXY: '1', NO_PROXY: '', ...Object.fromEntries(names.map((name) => [name, at])) };
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env: environment });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk) => said.push(chunk));
  await new Promise((resolve) => child.on('close', resolve));
  assert.equal(Buffer.concat(said).toString().trim(), '200');
  assert.equal(proxy.written(), 0);
});

async function settled(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition());
}
