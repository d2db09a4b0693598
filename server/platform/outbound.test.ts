import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Failure } from './failure.ts';
import { isPublic, openOutbound } from './outbound.ts';

let hits = 0;
const server = createServer((request, response) => {
  hits += 1;
  if (request.url === '/redirect') {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
  } else if (request.url === '/large') {
    response.end(Buffer.alloc(2_000_000));
  } else if (request.url === '/slow') {
    response.write('a');
  } else response.end(`hello ${request.method}`);
});
let port = 0;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === 'object');
  port = bound.port;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const refusal = (error: unknown) => error instanceof Failure && error.code === 'outbound-refused';

test('no spelling of an address of this machine or network is called', async () => {
  const outbound = openOutbound({ allow: [] });
  const spellings = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0x7f.1',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '[fe80::1]',
    '[fd00::1]',
    '[ff02::1]',
    '224.0.0.1',
    '255.255.255.255',
    'localhost',
    'LOCALHOST',
  ];
  for (const host of spellings)
    await assert.rejects(outbound.fetch(`http://${host}:${port}/`, { timeoutMs: 2_000 }), refusal, host);
  assert.equal(hits, 0);
  await outbound.close();
});

test('a name that answers with a private address is refused, also when only one of several is', async () => {
  const answers = [
    [{ address: '10.0.0.1', family: 4 }],
    [
      { address: '203.0.113.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ],
  ];
  for (const found of answers) {
    const outbound = openOutbound({ allow: [], lookup: (_name, _options, callback) => callback(null, found) });
    await assert.rejects(outbound.fetch(`http://innocent.example:${port}/`), refusal);
    await outbound.close();
  }
});

test('a name that changes its answer after it was judged gains nothing', async () => {
  let asked = 0;
  const outbound = openOutbound({
    allow: [],
    lookup: (_name, _options, callback) => {
      asked += 1;
      // The first answer is public (and nobody's), every later one is this machine.
      callback(null, asked === 1 ? [{ address: '2a00::1', family: 6 }] : [{ address: '127.0.0.1', family: 4 }]);
    },
  });
  const before = hits;
  const first = await outbound.fetch(`http://rebinding.example:${port}/`, { timeoutMs: 300 }).catch((error) => error);
  assert.ok(first instanceof Failure);
  assert.equal(first.code, 'outbound-failed', 'it tried the address that was judged');
  assert.equal(asked, 1, 'and did not ask again in between');
  await assert.rejects(outbound.fetch(`http://rebinding.example:${port}/`, { timeoutMs: 300 }), refusal);
  assert.equal(hits, before);
  await outbound.close();
});

test('a host the operator named may be private, and so may an address from the configuration', async () => {
  const outbound = openOutbound({ allow: ['localhost'] });
  assert.equal(await (await outbound.fetch(`http://localhost:${port}/`)).text(), 'hello GET');
  const put = await outbound.fetch(`http://127.0.0.1:${port}/`, { operator: true, method: 'PUT', body: 'x' });
  assert.equal(await put.text(), 'hello PUT');
  await assert.rejects(outbound.fetch(`http://127.0.0.1:${port}/`), refusal, 'only the very name is allowed');
  await outbound.close();
});

test('a redirect is answered, not followed', async () => {
  const outbound = openOutbound({ allow: ['localhost'] });
  const answer = await outbound.fetch(`http://localhost:${port}/redirect`);
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.get('location'), 'http://169.254.169.254/latest/meta-data');
  await outbound.close();
});

test('an answer that is too large or too slow is given up', async () => {
  const outbound = openOutbound({ allow: ['localhost'] });
  await assert.rejects(outbound.fetch(`http://localhost:${port}/large`), { code: 'outbound-too-large' });
  const started = performance.now();
  await assert.rejects(outbound.fetch(`http://localhost:${port}/slow`, { timeoutMs: 200 }), {
    code: 'outbound-failed',
  });
  assert.ok(performance.now() - started < 2_000);
  await outbound.close();
});

test('other schemes and credentials in the address are refused', async () => {
  const outbound = openOutbound({ allow: ['localhost'] });
  for (const address of ['file:///etc/passwd', 'ftp://localhost/', 'http://user:secret@localhost/', 'nonsense'])
    await assert.rejects(outbound.fetch(address), refusal, address);
  await outbound.close();
});

test('public addresses are told from the rest', () => {
  assert.ok(isPublic('93.184.215.14'));
  assert.ok(isPublic('2606:2800:21f:cb07:6820:80da:af6b:8b2c'));
  assert.ok(!isPublic('::ffff:10.0.0.1'));
  assert.ok(!isPublic('no address'));
});
