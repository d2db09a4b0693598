import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { exampleId } from './body-contract.ts';
import { getConsistencyOf, getReceiptOf } from './find-receipt.ts';
import { getStatusOf } from './ledger-status.ts';
import { getLedgerEntry, listLedgerEntries } from './list-entries.ts';
import { fromBase64, verifyConsistency, verifyReceipt } from './proof.ts';
import { recordEntry } from './record-entry.ts';
import { sequence } from './sequence.ts';
import { listLeaves, listLogs } from './store.ts';
import { openTestLedger, record, signedHead, type TestLedger, testActor } from './test-ledger.ts';
import { appendLeaves, leafHashOf, rangeHash, tileMap } from './tree.ts';

let ledger: TestLedger;

before(async () => {
  ledger = await openTestLedger();
});
after(() => ledger.close());

test('recorded entries get their places in order, are signed, and every receipt holds', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  const ids = await record(platform, organisationId, 700, { perTransaction: 40 });
  assert.deepEqual(await sequence(platform, organisationId), { placed: 700, signedSize: 700, refusal: null });
  assert.deepEqual(await sequence(platform, organisationId), { placed: 0, signedSize: 700, refusal: null });
  const head = await signedHead(platform, organisationId);
  assert.equal(head.size, 700);
  for (const at of [0, 1, 255, 256, 511, 512, 698, 699]) {
    const id = ids[at];
    assert.ok(id !== undefined);
    const receipt = await platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, id));
    const verdict = await verifyReceipt(JSON.parse(JSON.stringify(receipt)), head.key);
    assert.ok(verdict.valid, JSON.stringify(verdict));
    assert.deepEqual([verdict.entry.id, verdict.index, verdict.size], [id, at, 700]);
  }
});

test('a receipt that was changed anywhere is refused, with the reason', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  const [, id] = await record(platform, organisationId, 5);
  await sequence(platform, organisationId);
  const { key } = await signedHead(platform, organisationId);
  assert.ok(id !== undefined);
  const receipt = await platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, id));
  const other = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const cases: [unknown, string, string][] = [
    [receipt, key, 'valid'],
    [{ ...receipt, leaf: receipt.leaf.replace('"refused":0', '"refused":1') }, key, 'root-mismatch'],
    [{ ...receipt, index: 2 }, key, 'root-mismatch'],
    [{ ...receipt, index: 5 }, key, 'index-out-of-range'],
    [{ ...receipt, proof: receipt.proof.slice(1) }, key, 'malformed-proof'],
    [{ ...receipt, proof: [...receipt.proof, receipt.proof[0]] }, key, 'malformed-proof'],
    [{ ...receipt, proof: ['x'] }, key, 'malformed-proof'],
    [{ ...receipt, checkpoint: receipt.checkpoint.replace('\n5\n', '\n6\n') }, key, 'wrong-signature'],
    [{ ...receipt, checkpoint: receipt.checkpoint.slice(0, -3) }, key, 'malformed-checkpoint'],
    [receipt, other, 'unknown-signer'],
    [receipt, 'not a key', 'malformed-key'],
    [{ ...receipt, format: 'kept-receipt-2' }, key, 'malformed-receipt'],
    ['{}', key, 'malformed-receipt'],
    [null, key, 'malformed-receipt'],
  ];
  for (const [candidate, publicKey, expected] of cases) {
    const verdict = await verifyReceipt(candidate, publicKey);
    assert.equal(verdict.valid ? 'valid' : verdict.reason, expected, JSON.stringify(verdict));
    if (!verdict.valid) assert.ok(verdict.explanation.length > 10);
  }
});

test('one tree grows into the next: every earlier head is consistent with every later one', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  const heads = [];
  for (const count of [1, 2, 60, 300, 1, 700]) {
    await record(platform, organisationId, count);
    await sequence(platform, organisationId);
    heads.push(await signedHead(platform, organisationId));
  }
  for (const [at, first] of heads.entries()) {
    for (const second of heads.slice(at)) {
      const answer = await platform.db.transaction(organisationId, (tx) =>
        getConsistencyOf(tx, first.size, second.size),
      );
      const proof = answer.proof.map((hash) => fromBase64(hash));
      await verifyConsistency({ from: first.size, to: second.size, fromRoot: first.root, toRoot: second.root, proof });
    }
  }
  const beyond = platform.db.transaction(organisationId, (tx) => getConsistencyOf(tx, 1, 1065));
  await assert.rejects(beyond, { code: 'size-out-of-range' });
});

test('forty writers whose transactions commit out of order lose nothing, whoever sequences meanwhile', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  const another = await ledger.openAnother();
  const ids: string[] = [];
  let writing = true;
  const writer = async (number: number) => {
    for (let round = 0; round < 8; round += 1) {
      const id = await platform.db.transaction(organisationId, async (tx) => {
        const id = await recordEntry(tx, {
          kind: 'disposal.approved',
          actor: testActor,
          body: { plan: exampleId, rows: number * 8 + round },
        });
        // Some commit long after they recorded, so that others overtake them.
        if ((number + round) % 3 === 0) await new Promise((wake) => setTimeout(wake, (number * 7) % 50));
        return id;
      });
      ids.push(id);
    }
  };
  const sequencer = async (on: typeof platform) => {
    while (writing) await sequence(on, organisationId);
  };
  const sequencers = [sequencer(platform), sequencer(another)];
  await Promise.all(Array.from({ length: 40 }, (_, number) => writer(number)));
  writing = false;
  await Promise.all(sequencers);
  await sequence(platform, organisationId);
  await expectWhole(organisationId, ids);
});

test('a checkpoint is on the disk outside the database before it is in it, and the same note', async () => {
  const { platform, dataDirectory } = ledger;
  const organisationId = await ledger.newOrganisation();
  await record(platform, organisationId, 3);
  await sequence(platform, organisationId);
  const head = await signedHead(platform, organisationId);
  const file = join(dataDirectory, 'checkpoints', `${encodeURIComponent(head.origin)}.txt`);
  assert.equal(readFileSync(file, 'utf8'), `${head.note}\n`);
});

test('a crash after committing the tree, or after writing outside, is made good by the next call', async () => {
  const { platform, dataDirectory, adminUrl } = ledger;
  const organisationId = await ledger.newOrganisation();
  await record(platform, organisationId, 10);
  await sequence(platform, organisationId);
  const { note, origin } = await signedHead(platform, organisationId);
  // As if the process had died between the file and the commit of the checkpoint.
  const client = new pg.Client(adminUrl);
  await client.connect();
  await client.query('delete from ledger.checkpoint where organisation_id = $1', [organisationId]);
  await client.end();
  assert.equal((await getStatusOf(platform, organisationId)).signedSize, 0);
  assert.deepEqual(await sequence(platform, organisationId), { placed: 0, signedSize: 10, refusal: null });
  assert.equal((await signedHead(platform, organisationId)).note, note);
  const file = join(dataDirectory, 'checkpoints', `${encodeURIComponent(origin)}.txt`);
  assert.equal(readFileSync(file, 'utf8'), `${note}\n`, 'it is not written twice');
});

test('entries are listed newest first, page by page, whatever their state', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  const first = await record(platform, organisationId, 30);
  await sequence(platform, organisationId);
  const second = await record(platform, organisationId, 30);
  const expected = [...first, ...second].reverse();
  const listed: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < 10; page += 1) {
    const answer = await platform.db.transaction(organisationId, (tx) => listLedgerEntries(tx, { limit: 8, after }));
    listed.push(...answer.items.map((item) => item.id));
    if (answer.next === null) break;
    after = answer.next;
  }
  assert.deepEqual(listed, expected);
  const [newest, oldest] = [second.at(-1), first[0]];
  assert.ok(newest !== undefined && oldest !== undefined);
  const read = (id: typeof newest) => platform.db.transaction(organisationId, (tx) => getLedgerEntry(tx, id));
  assert.deepEqual([(await read(newest)).state, (await read(newest)).index], ['pending', null]);
  assert.deepEqual([(await read(oldest)).state, (await read(oldest)).index], ['signed', 0]);
  const early = platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, newest));
  await assert.rejects(early, { code: 'receipt-not-ready' });
  const ofKind = await platform.db.transaction(organisationId, (tx) =>
    listLedgerEntries(tx, { limit: 50, kind: 'hold.placed' }),
  );
  assert.deepEqual(ofKind.items, []);
});

/** Every entry is in the log once, and the signed root is the root over exactly these leaves. */
async function expectWhole(organisationId: typeof ledger.organisationId, ids: readonly string[]): Promise<void> {
  const { platform } = ledger;
  const head = await signedHead(platform, organisationId);
  assert.equal(head.size, ids.length);
  const leaves = await platform.db.transaction(organisationId, async (tx) => {
    const [log] = await listLogs(tx);
    return listLeaves(tx, log?.number ?? 0, 0, head.size);
  });
  assert.deepEqual(leaves.map((leaf) => JSON.parse(leaf).id).sort(), ids.toSorted());
  const tiles = appendLeaves(0, new Map(), new Uint8Array(Buffer.concat(leaves.map(leafHashOf))));
  assert.deepEqual(rangeHash({ from: 0, to: head.size }, tileMap(tiles)), head.root);
}
