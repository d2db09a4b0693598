import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OrganisationId } from '../platform/contract.ts';
import { type HttpServer, openHttp } from '../platform/http.ts';
import { openNote, parseCheckpoint, parseVerifierKey, verifyReceipt } from './proof.ts';
import { registerLedgerRoutes } from './routes.ts';
import { sequence } from './sequence.ts';
import { registerLedgerTasks } from './tasks.ts';
import { openTestLedger, record, type TestLedger, testActor } from './test-ledger.ts';
import { appendLeaves, leafHashOf, rangeHash, tileMap, tilePath } from './tree.ts';

let ledger: TestLedger;
let http: HttpServer;
let caller: OrganisationId;

before(async () => {
  ledger = await openTestLedger({ environment: { KEPT_PUBLIC_URL: 'https://privacy.example.com/' } });
  caller = ledger.organisationId;
  await registerLedgerTasks(ledger.platform, async () => [{ id: ledger.organisationId, slug: 'mare' }]);
  http = openHttp(ledger.platform, async () => ({ organisationId: caller, actor: testActor, language: 'en' }));
  registerLedgerRoutes(http, ledger.platform);
});
after(async () => {
  await http.close();
  await ledger.close();
});

test('before the first entry there is a status, and no key or checkpoint', async () => {
  const status = await get('/v1/ledger/status');
  assert.deepEqual([status.body['size'], status.body['signing'], status.body['log']], [0, 'ok', null]);
  assert.equal((await get('/v1/ledger/checkpoint')).body['code'], 'no-checkpoint');
  assert.equal((await get('/v1/ledger/key')).body['code'], 'log-not-found');
});

test('recording an entry is enough: soon after it has a receipt that holds', async () => {
  await ledger.platform.tasks.start();
  const [id] = await record(ledger.platform, ledger.organisationId, 1);
  await ledger.platform.tasks.settled();
  const entry = await get(`/v1/ledger/entries/${id}`);
  assert.deepEqual([entry.body['state'], entry.body['index']], ['signed', 0]);
  const key = String((await get('/v1/ledger/key')).body['key']);
  assert.ok(key.startsWith(`privacy.example.com/v1/ledger/log/${ledger.organisationId}+`), key);
  const receipt = await get(`/v1/ledger/entries/${id}/receipt`);
  const verdict = await verifyReceipt(receipt.body, key);
  assert.ok(verdict.valid, JSON.stringify(verdict));
});

test('another log client can rebuild and check the whole log from its tiles alone', async () => {
  await record(ledger.platform, ledger.organisationId, 599);
  await sequence(ledger.platform, ledger.organisationId);
  const log = `/v1/ledger/log/${ledger.organisationId}`;
  const key = await parseVerifierKey(String((await get('/v1/ledger/key')).body['key']));
  const checkpoint = parseCheckpoint(await openNote((await get(`${log}/checkpoint`)).text, key));
  assert.equal(checkpoint.size, 600);
  const leaves: string[] = [];
  for (const [index, width] of [
    [0, 256],
    [1, 256],
    [2, 88],
  ] as const) {
    const bundle = (await get(`${log}/${tilePath('entries', index, width)}`)).octets;
    for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at)) {
      leaves.push(bundle.toString('utf8', at + 2, at + 2 + bundle.readUInt16BE(at)));
    }
    const tile = await get(`${log}/${tilePath(0, index, width)}`);
    assert.deepEqual(tile.octets, Buffer.concat(leaves.slice(index * 256).map(leafHashOf)));
    assert.equal(tile.type, 'application/octet-stream');
  }
  const tiles = tileMap(appendLeaves(0, new Map(), new Uint8Array(Buffer.concat(leaves.map(leafHashOf)))));
  assert.deepEqual(rangeHash({ from: 0, to: 600 }, tiles), checkpoint.root);
  const above = await get(`${log}/${tilePath(1, 0, 2)}`);
  assert.deepEqual(above.octets, Buffer.from(tiles.get('1/0') ?? []));
  // An earlier, narrower tile is still served.
  assert.deepEqual(
    (await get(`${log}/${tilePath(0, 2, 5)}`)).octets,
    Buffer.concat(leaves.slice(512, 517).map(leafHashOf)),
  );
});

test('what the log does not have is not found', async () => {
  const log = `/v1/ledger/log/${ledger.organisationId}`;
  for (const path of [
    'tile/0/002',
    'tile/0/002.p/89',
    'tile/0/003',
    'tile/2/000.p/1',
    'tile/0/2',
    'tile/entries/009',
  ]) {
    assert.deepEqual([(await get(`${log}/${path}`)).body['code'], path], ['tile-not-found', path]);
  }
  for (const name of ['.1', '.2', '.0', '.1.1', '.x'])
    assert.equal((await get(`${log}${name}/checkpoint`)).status, 404);
  const unknown = await get('/v1/ledger/entries/01900000-0000-7000-8000-000000000000');
  assert.equal(unknown.body['code'], 'entry-not-found');
  assert.equal((await get('/v1/ledger/consistency?from=0&to=5')).body['code'], 'size-out-of-range');
  const cursor = await get('/v1/ledger/entries?after=yesterday');
  assert.deepEqual([cursor.status, cursor.body['code']], [400, 'invalid-input']);
});

test('another organisation sees nothing of it', async () => {
  const [id] = await record(ledger.platform, ledger.organisationId, 1);
  caller = await ledger.newOrganisation();
  try {
    const log = `/v1/ledger/log/${ledger.organisationId}`;
    for (const path of [`/v1/ledger/entries/${id}`, `/v1/ledger/entries/${id}/receipt`, `${log}/checkpoint`]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get(`${log}/tile/0/000`)).status, 404);
    assert.deepEqual((await get('/v1/ledger/entries')).body['items'], []);
    assert.equal((await get('/v1/ledger/status')).body['size'], 0);
  } finally {
    caller = ledger.organisationId;
  }
});

test('a log that can be signed is not begun anew', async () => {
  const answer = await http.fastify.inject({
    method: 'POST',
    url: '/v1/ledger/logs',
    payload: { reason: 'restored-backup' },
  });
  assert.deepEqual([answer.statusCode, answer.json().code], [409, 'signing-works']);
});

test('the metrics tell size, what waits and the age of the checkpoint', async () => {
  const metrics = await ledger.platform.metrics.metrics();
  assert.match(metrics, /kept_ledger_entries{organisation="mare"} \d+/);
  for (const name of ['pending', 'signing_refused', 'checkpoint_age_seconds', 'undelivered_checkpoints']) {
    assert.match(metrics, new RegExp(`kept_ledger_${name}{organisation="mare"}`));
  }
});

async function get(url: string) {
  const answer = await http.fastify.inject({ method: 'GET', url });
  const type = String(answer.headers['content-type']);
  const body: Record<string, unknown> = type.includes('json') ? answer.json() : {};
  return { status: answer.statusCode, text: answer.body, octets: answer.rawPayload, type, body };
}
