import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { deliverCheckpoints } from './deliver-checkpoints.ts';
import { getStatusOf } from './ledger-status.ts';
import { checkpointText, signNote } from './note.ts';
import { parseCheckpoint, splitNote } from './proof.ts';
import { sequence } from './sequence.ts';
import { readSigningKey } from './signing-key.ts';
import { openTestLedger, record, signedHead, type TestLedger } from './test-ledger.ts';

/** An operator's endpoint: keeps what it is sent, and tells the newest when asked. */
const endpoint: { received: string[]; status: number; tells: boolean } = { received: [], status: 204, tells: true };
let server: Server;
let ledger: TestLedger;

before(async () => {
  server = createServer((request, response) => {
    if (request.method === 'GET') {
      const log = new URL(request.url ?? '', 'http://endpoint').searchParams.get('log');
      const newest = endpoint.received.findLast((note) => note.startsWith(`${log}\n`));
      response.statusCode = endpoint.tells && newest !== undefined ? 200 : 404;
      response.end(response.statusCode === 200 ? newest : '');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (endpoint.status < 300) endpoint.received.push(Buffer.concat(chunks).toString('utf8'));
      response.statusCode = endpoint.status;
      response.end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ledger = await openTestLedger({ environment: { KEPT_CHECKPOINT_URL: `${address()}/checkpoints` } });
});
after(async () => {
  await ledger.close();
  await new Promise((done) => server.close(done));
});

test('an endpoint that is away does not delay signing, and gets everything in order once it is back', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  endpoint.status = 503;
  for (const expected of [2, 4, 6]) {
    await record(platform, organisationId, 2);
    assert.equal((await sequence(platform, organisationId)).signedSize, expected);
    await deliverCheckpoints(platform, organisationId);
  }
  const away = (await getStatusOf(platform, organisationId)).outside.find((copy) => copy.place === 'endpoint');
  assert.deepEqual(away, {
    place: 'endpoint',
    size: null,
    undelivered: 3,
    problem: 'The endpoint for checkpoints answered 503.',
  });
  endpoint.status = 204;
  await Promise.all([1, 2, 3].map(() => deliverCheckpoints(platform, organisationId)));
  assert.deepEqual(sizesOf(organisationId), [2, 4, 6]);
  assert.equal(endpoint.received.at(-1), (await signedHead(platform, organisationId)).note);
  const back = (await getStatusOf(platform, organisationId)).outside.find((copy) => copy.place === 'endpoint');
  assert.deepEqual(back, { place: 'endpoint', size: 6, undelivered: 0, problem: null });
});

test('an endpoint that remembers more than the database and the files keeps a new process from signing', async () => {
  const organisationId = await ledger.newOrganisation();
  await record(ledger.platform, organisationId, 3);
  await sequence(ledger.platform, organisationId);
  const { note } = await signedHead(ledger.platform, organisationId);
  // The endpoint has a head of this very log that neither database nor files know: both were restored.
  const { text } = splitNote(note);
  const state = await readSigningKey(ledger.platform);
  assert.ok('key' in state);
  const { origin, root } = parseCheckpoint(text);
  endpoint.received.push(await signNote(checkpointText(origin, 50, root), { name: origin, ...state.key }));
  const another = await ledger.openAnother();
  await record(another, organisationId, 1);
  const { refusal } = await sequence(another, organisationId);
  assert.equal(refusal?.code, 'database-behind');
  assert.match(refusal?.explanation ?? '', /the endpoint for checkpoints has a signed checkpoint of 50/);
});

test('an endpoint that only takes is enough', async () => {
  endpoint.tells = false;
  const organisationId = await ledger.newOrganisation();
  const another = await ledger.openAnother();
  await record(another, organisationId, 1);
  assert.deepEqual(await sequence(another, organisationId), { placed: 1, signedSize: 1, refusal: null });
});

function sizesOf(organisationId: string): number[] {
  const mine = endpoint.received.filter((note) => note.includes(organisationId));
  return mine.map((note) => parseCheckpoint(splitNote(note).text).size);
}

function address(): string {
  const bound: AddressInfo | string | null = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server listens on a port');
  return `http://127.0.0.1:${bound.port}`;
}
