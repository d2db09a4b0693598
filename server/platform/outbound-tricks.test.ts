import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { Failure } from './failure.ts';
import { openOutbound } from './outbound.ts';
import { isPrivateName, isPublic } from './public-address.ts';
import { openNameServer } from './test-name-server.ts';

/** Whoever gets through ends here: it listens on every address of this machine, and counts. */
let connections = 0;
const canary = createServer((socket) => {
  connections += 1;
  socket.on('error', () => {});
  socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret');
});
await new Promise<void>((resolve) => canary.listen({ host: '::', port: 0 }, resolve));
const bound = canary.address();
assert.ok(bound !== null && typeof bound === 'object');
const { port } = bound;

const nobody = '2a00::1';
const names = await openNameServer({
  'private.example': ['10.0.0.1'],
  'loopback.example': ['127.0.0.1'],
  'loopback6.example': ['::1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'compatible.example': ['::127.0.0.1'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'metadata.example': ['169.254.169.254'],
  'metadata6.example': ['fd00:ec2::254'],
  'zero.example': ['0.0.0.0'],
  'any6.example': ['::'],
  'mixed.example': ['93.184.215.14', '127.0.0.1'],
  'mixed-families.example': ['93.184.215.14', '::1'],
  'mixed-other-way.example': ['10.0.0.1', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'alias.example': ['CNAME loopback.example'],
  'alias-of-alias.example': ['CNAME alias.example'],
  'alias-to-localhost.example': ['CNAME localhost'],
  localhost: ['127.0.0.1'],
  'endless-alias.example': ['CNAME endless-alias.example'],
  '127.0.0.1.nip.example': ['127.0.0.1'],
  'xn--lcalhost-v3a.example': ['127.0.0.1'],
  'rebinding.example': [[nobody], ['127.0.0.1'], ['127.0.0.1']],
  'rebinding-back.example': [['127.0.0.1'], [nobody]],
  'nobody.example': [nobody],
});
const outbound = openOutbound({ allow: [], nameServers: [names.address] });
after(async () => {
  await outbound.close();
  names.close();
  canary.close();
});

/** An address of this machine other than loopback, where it has one. */
const ownAddress = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

const onCanary = (host: string) => `http://${host}:${port}/`;

/** Spellings of private addresses. `leads`: whoever is not stopped by the guard reaches this machine with it. */
const tricks: readonly { readonly what: string; readonly url: string; readonly leads?: true }[] = [
  { what: 'loopback', url: onCanary('127.0.0.1'), leads: true },
  { what: 'another address of loopback', url: onCanary('127.8.8.8'), leads: true },
  { what: 'the last address of loopback', url: onCanary('127.255.255.254'), leads: true },
  { what: 'two parts', url: onCanary('127.1'), leads: true },
  { what: 'three parts', url: onCanary('127.0.1'), leads: true },
  { what: 'decimal', url: onCanary('2130706433'), leads: true },
  { what: 'hexadecimal', url: onCanary('0x7f000001'), leads: true },
  { what: 'hexadecimal in upper case', url: onCanary('0X7F000001'), leads: true },
  { what: 'octal', url: onCanary('017700000001'), leads: true },
  { what: 'octal parts', url: onCanary('0177.0.0.1'), leads: true },
  { what: 'octal parts with many zeros', url: onCanary('0000177.0.0.01'), leads: true },
  { what: 'hexadecimal parts', url: onCanary('0x7f.0x0.0x0.0x1'), leads: true },
  { what: 'mixed bases', url: onCanary('0x7f.1'), leads: true },
  { what: 'mixed bases, four parts', url: onCanary('0177.0.0x0.1'), leads: true },
  { what: 'a trailing dot', url: onCanary('127.0.0.1.'), leads: true },
  { what: 'zero', url: onCanary('0.0.0.0'), leads: true },
  { what: 'zero as one digit', url: onCanary('0'), leads: true },
  { what: 'zero in hexadecimal', url: onCanary('0x0'), leads: true },
  { what: 'zero with a trailing dot', url: onCanary('0.'), leads: true },
  { what: 'this network', url: onCanary('0.1.2.3') },
  { what: 'full-width digits', url: onCanary('１２７.０.０.１'), leads: true },
  { what: 'circled digits', url: onCanary('①②⑦.⓪.⓪.①'), leads: true },
  { what: 'mathematical digits', url: onCanary('𝟏𝟐𝟕.𝟎.𝟎.𝟏'), leads: true },
  { what: 'ideographic full stops', url: onCanary('127。0。0。1'), leads: true },
  { what: 'half-width full stops', url: onCanary('127｡0｡0｡1'), leads: true },
  { what: 'percent-encoded digits', url: onCanary('%31%32%37.0.0.1'), leads: true },
  { what: 'percent-encoded dots', url: onCanary('127%2e0%2e0%2e1'), leads: true },
  { what: 'a soft hyphen', url: onCanary('127.0.0.1\u00AD'), leads: true },
  { what: 'a tab within', url: onCanary('127.0\t.0.1'), leads: true },
  { what: 'a line feed within', url: onCanary('127.0\n.0.1'), leads: true },
  { what: 'white space before', url: ` ${onCanary('127.0.0.1')}`, leads: true },
  { what: 'backslashes', url: `http:\\\\127.0.0.1:${port}\\`, leads: true },
  { what: 'too few slashes', url: `http:127.0.0.1:${port}/`, leads: true },
  { what: 'too many slashes', url: `http:////127.0.0.1:${port}/`, leads: true },
  { what: 'another host behind a backslash', url: `http://127.0.0.1:${port}\\@nobody.example/`, leads: true },
  { what: 'another host in the fragment', url: `http://127.0.0.1:${port}#@nobody.example/`, leads: true },
  { what: 'another host in the query', url: `http://127.0.0.1:${port}?@nobody.example/`, leads: true },
  { what: 'a scheme in upper case', url: `HTTP://127.0.0.1:${port}/`, leads: true },
  { what: 'over TLS', url: `https://127.0.0.1:${port}/`, leads: true },
  { what: 'IPv6 loopback', url: onCanary('[::1]'), leads: true },
  { what: 'IPv6 loopback in full', url: onCanary('[0000:0000:0000:0000:0000:0000:0000:0001]'), leads: true },
  { what: 'IPv6 loopback with IPv4 digits', url: onCanary('[::0.0.0.1]'), leads: true },
  { what: 'IPv6 unspecified', url: onCanary('[::]'), leads: true },
  { what: 'IPv4-mapped', url: onCanary('[::ffff:127.0.0.1]'), leads: true },
  { what: 'IPv4-mapped in hexadecimal', url: onCanary('[::ffff:7f00:1]'), leads: true },
  { what: 'IPv4-mapped in full', url: onCanary('[0:0:0:0:0:FFFF:7F00:0001]'), leads: true },
  { what: 'IPv4-mapped, private', url: onCanary('[::ffff:10.0.0.1]') },
  { what: 'IPv4-mapped, metadata', url: onCanary('[::ffff:169.254.169.254]') },
  { what: 'IPv4-mapped, zero', url: onCanary('[::ffff:0.0.0.0]'), leads: true },
  { what: 'IPv4-compatible', url: onCanary('[::127.0.0.1]') },
  { what: 'IPv4-translated', url: onCanary('[::ffff:0:127.0.0.1]') },
  { what: 'NAT64', url: onCanary('[64:ff9b::127.0.0.1]') },
  { what: 'NAT64 of metadata', url: onCanary('[64:ff9b::a9fe:a9fe]') },
  { what: 'NAT64 of a public address', url: onCanary('[64:ff9b::5db8:d70e]') },
  { what: 'NAT64 of a local prefix', url: onCanary('[64:ff9b:1::7f00:1]') },
  { what: '6to4', url: onCanary('[2002:7f00:1::1]') },
  { what: '6to4 of a private network', url: onCanary('[2002:a00:1::]') },
  { what: 'Teredo', url: onCanary('[2001:0:5ef5:79fd:0:59d:80ff:fffe]') },
  { what: 'ISATAP on a link', url: onCanary('[fe80::5efe:7f00:1]') },
  { what: 'IPv6 link-local', url: onCanary('[fe80::1]') },
  { what: 'IPv6 link-local with a zone', url: onCanary('[fe80::1%25lo]') },
  { what: 'IPv6 link-local with a bare zone', url: onCanary('[fe80::1%lo]') },
  { what: 'loopback with a zone', url: onCanary('[::1%25lo]') },
  { what: 'IPv6 site-local', url: onCanary('[fec0::1]') },
  { what: 'IPv6 unique local', url: onCanary('[fd00::1]') },
  { what: 'IPv6 unique local, the other half', url: onCanary('[fc00::1]') },
  { what: 'IPv6 multicast', url: onCanary('[ff02::1]') },
  { what: 'IPv6 documentation', url: onCanary('[2001:db8::1]') },
  { what: 'IPv6 documentation, the new range', url: onCanary('[3fff::1]') },
  { what: 'IPv6 benchmarking', url: onCanary('[2001:2::1]') },
  { what: 'IPv6 discard', url: onCanary('[100::1]') },
  { what: 'IPv6 segment routing', url: onCanary('[5f00::1]') },
  { what: 'private, class A', url: onCanary('10.255.255.255') },
  { what: 'private, class B', url: onCanary('172.31.0.1') },
  { what: 'private, class C', url: onCanary('192.168.1.1') },
  { what: 'private in decimal', url: onCanary('167772161') },
  { what: 'carrier-grade NAT', url: onCanary('100.64.0.1') },
  { what: 'metadata of Alibaba, within carrier-grade NAT', url: 'http://100.100.100.200/latest/meta-data/' },
  { what: 'link-local', url: onCanary('169.254.0.1') },
  { what: 'metadata', url: 'http://169.254.169.254/latest/meta-data/' },
  { what: 'metadata in decimal', url: 'http://2852039166/' },
  { what: 'metadata in octal', url: 'http://0251.0376.0251.0376/' },
  { what: 'metadata in hexadecimal', url: 'http://0xa9.0xfe.0xa9.0xfe/' },
  { what: 'metadata in three parts', url: 'http://169.254.43518/' },
  { what: 'metadata of tasks', url: 'http://169.254.170.2/v2/credentials' },
  { what: 'metadata over IPv6', url: 'http://[fd00:ec2::254]/latest/meta-data/' },
  { what: 'metadata of Azure at a public number', url: 'http://168.63.129.16/machine' },
  { what: 'metadata of Oracle, in a reserved range', url: 'http://192.0.0.192/latest/' },
  { what: 'metadata by name', url: 'http://metadata.google.internal/computeMetadata/v1/' },
  { what: 'metadata by a short name', url: 'http://metadata/computeMetadata/v1/' },
  { what: 'the service of a cluster', url: 'http://kubernetes.default.svc.cluster.local/' },
  { what: 'documentation', url: onCanary('203.0.113.1') },
  { what: 'benchmarking', url: onCanary('198.19.0.1') },
  { what: 'protocol assignments', url: onCanary('192.0.0.8') },
  { what: '6to4 relay', url: onCanary('192.88.99.1') },
  { what: 'multicast', url: onCanary('224.0.0.1') },
  { what: 'reserved', url: onCanary('240.0.0.1') },
  { what: 'broadcast', url: onCanary('255.255.255.255') },
  { what: 'localhost', url: onCanary('localhost'), leads: true },
  { what: 'localhost in upper case', url: onCanary('LOCALHOST'), leads: true },
  { what: 'localhost with a trailing dot', url: onCanary('localhost.') },
  { what: 'localhost in full-width letters', url: onCanary('ｌｏｃａｌｈｏｓｔ'), leads: true },
  { what: 'localhost with an enclosed letter', url: onCanary('ⓛocalhost'), leads: true },
  { what: 'below localhost', url: onCanary('kept.localhost') },
  { what: 'a name of the link', url: onCanary('printer.local') },
  { what: 'a name of the home', url: onCanary('router.home.arpa') },
  { what: 'one label', url: onCanary('database') },
  { what: 'credentials', url: `http://user:secret@nobody.example:${port}/` },
  { what: 'a public name as credentials', url: `http://nobody.example@127.0.0.1:${port}/` },
  { what: 'a public name and port as credentials', url: `http://nobody.example:80@127.0.0.1:${port}/` },
  { what: 'credentials twice', url: `http://nobody.example@nobody.example@127.0.0.1:${port}/` },
  { what: 'an empty name before the at sign', url: `http://:secret@127.0.0.1:${port}/` },
  { what: 'the scheme file', url: 'file:///etc/passwd' },
  { what: 'the scheme ftp', url: `ftp://127.0.0.1:${port}/` },
  { what: 'the scheme gopher', url: `gopher://127.0.0.1:${port}/_x` },
  { what: 'the scheme data', url: 'data:text/plain,x' },
  { what: 'the scheme unix', url: 'unix:///var/run/docker.sock' },
  { what: 'the scheme ws', url: `ws://127.0.0.1:${port}/` },
  { what: 'no URL', url: '127.0.0.1' },
  { what: 'a number too large for an address', url: onCanary('4294967296') },
  { what: 'five parts', url: onCanary('127.0.0.0.1') },
  { what: 'a name with a private address', url: onCanary('private.example') },
  { what: 'a name of loopback', url: onCanary('loopback.example') },
  { what: 'a name of IPv6 loopback', url: onCanary('loopback6.example') },
  { what: 'a name with a mapped address', url: onCanary('mapped.example') },
  { what: 'a name with a compatible address', url: onCanary('compatible.example') },
  { what: 'a name with a NAT64 address', url: onCanary('nat64.example') },
  { what: 'a name of metadata', url: onCanary('metadata.example') },
  { what: 'a name of metadata over IPv6', url: onCanary('metadata6.example') },
  { what: 'a name of zero', url: onCanary('zero.example') },
  { what: 'a name of IPv6 unspecified', url: onCanary('any6.example') },
  { what: 'a name with a public and a private address', url: onCanary('mixed.example') },
  { what: 'a name with a public and a private address of the other family', url: onCanary('mixed-families.example') },
  { what: 'a name with a private IPv4 and a public IPv6 address', url: onCanary('mixed-other-way.example') },
  { what: 'an alias', url: onCanary('alias.example') },
  { what: 'an alias of an alias', url: onCanary('alias-of-alias.example') },
  { what: 'an alias of localhost', url: onCanary('alias-to-localhost.example') },
  { what: 'a name that spells an address', url: onCanary('127.0.0.1.nip.example') },
  { what: 'an international name', url: onCanary('lócalhost.example') },
  { what: 'a name that is private first and public later', url: onCanary('rebinding-back.example') },
  ...(ownAddress === undefined
    ? []
    : [{ what: 'an address of this machine', url: onCanary(ownAddress), leads: true as const }]),
];

const isRefusal = (error: unknown) => error instanceof Failure && error.code === 'outbound-refused';

test(`${tricks.length} spellings of what is not public are refused, and nothing is reached`, async (t) => {
  assert.ok(tricks.length >= 60);
  assert.equal(new Set(tricks.map(({ what }) => what)).size, tricks.length);
  for (const { what, url } of tricks)
    await t.test(what, async () => {
      const before = connections;
      await assert.rejects(outbound.fetch(url, { timeoutMs: 2_000 }), isRefusal);
      assert.equal(connections, before);
    });
});

test('the same addresses are not admitted for later', async () => {
  for (const { what, url } of tricks) {
    // By now its name is public.
    if (what !== 'a name that is private first and public later')
      await assert.rejects(outbound.admit(url), isRefusal, what);
  }
  assert.equal((await outbound.admit(`https://nobody.example:${port}/x`)).pathname, '/x');
  assert.equal((await outbound.admit('https://unknown.example/')).host, 'unknown.example', 'judged when it is called');
  assert.equal(connections, 0);
});

test('whoever asks the operator’s way reaches this machine with them, so it is the guard that refuses', async (t) => {
  for (const { what, url } of tricks.filter(({ leads }) => leads === true))
    await t.test(what, async () => {
      const before = connections;
      await outbound.fetch(url, { operator: true, timeoutMs: 2_000 }).catch((error: unknown) => {
        // Nobody speaks TLS there; but somebody was there.
        assert.ok(url.startsWith('https:'), String(error));
      });
      assert.ok(connections > before);
    });
  connections = 0;
});

test('a client with a connection of its own is told no private address', async () => {
  const hosts = ['127.0.0.1', '2130706433', '0x7f.1', '::1', '[::1]', '::ffff:127.0.0.1', 'localhost', 'mixed.example'];
  for (const host of [...hosts, 'alias.example', '127.0.0.1/x', 'a@127.0.0.1', '127.0.0.1:80', ''])
    await assert.rejects(outbound.locate(host, port), isRefusal, host);
  assert.equal(await outbound.locate('nobody.example', 993), nobody);
});

test('a name that turns to this machine after it was judged gains nothing', async () => {
  const first = await outbound.fetch(onCanary('rebinding.example'), { timeoutMs: 400 }).catch((error) => error);
  assert.ok(first instanceof Failure);
  assert.notEqual(first.code, 'outbound-refused', 'it tried the address that was judged');
  const asked = names.asked.filter((name) => name === 'rebinding.example').length;
  assert.ok(asked <= 2, 'one question for each family, and none between judging and connecting');
  await assert.rejects(outbound.fetch(onCanary('rebinding.example'), { timeoutMs: 400 }), isRefusal);
  assert.equal(connections, 0);
});

test('names of this machine and network are not even asked for', () => {
  for (const name of ['localhost', 'metadata.google.internal', 'printer.local', 'router.home.arpa', 'database'])
    assert.ok(!names.asked.includes(name), name);
  assert.ok(names.asked.includes('loopback.example'));
});

test('names without end or answer are given up in time', async () => {
  for (const host of ['endless-alias.example', 'silent.example', 'unknown.example']) {
    const started = performance.now();
    const failure = await outbound.fetch(onCanary(host), { timeoutMs: 1_000 }).catch((error) => error);
    assert.ok(failure instanceof Failure && failure.code !== 'outbound-refused', host);
    assert.ok(performance.now() - started < 2_500, host);
  }
});

test('public addresses and names are told from the rest', () => {
  const yes = [
    '93.184.215.14',
    '1.1.1.1',
    '2606:2800:21f:cb07:6820:80da:af6b:8b2c',
    '2a00::1',
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '11.0.0.1',
    '2001:200::1',
    '2003::1',
  ];
  const no = [
    '',
    'no address',
    '::ffff:93.184.215.14',
    '2a00::1%eth0',
    '1.1',
    '01.1.1.1',
    '4000::1',
    '::2',
    '172.16.0.1',
  ];
  for (const address of yes) assert.ok(isPublic(address), address);
  for (const address of no) assert.ok(!isPublic(address), address);
  for (const name of ['example.com', 'local.example', 'localhost.example', 'internal.example.com.'])
    assert.ok(!isPrivateName(name), name);
  for (const name of ['intra', 'a.LOCAL', 'localhost.', 'x.internal', 'x.lan']) assert.ok(isPrivateName(name), name);
});
