import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixedClock } from '../platform/clock.ts';
import { getConsistencyOf, getReceiptOf } from './find-receipt.ts';
import { getStatusOf } from './ledger-status.ts';
import { listLedgerEntries } from './list-entries.ts';
import { fromBase64, verifyConsistency, verifyReceipt } from './proof.ts';
import { auditCutoff, pruneLedger } from './prune-ledger.ts';
import { sequence } from './sequence.ts';
import { findTile } from './store.ts';
import { registerLedgerTasks } from './tasks.ts';
import { openTestLedger, record, signedHead, type TestLedger, testActor } from './test-ledger.ts';

const clock = fixedClock('2026-01-01T00:00:00Z');
let ledger: TestLedger;

before(async () => {
  ledger = await openTestLedger({ clock });
});
after(() => ledger.close());

test('past the audit period entries go, and everything after them is still proven', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  const old = await record(platform, organisationId, 900, { perTransaction: 300 });
  await sequence(platform, organisationId);
  const oldHead = await signedHead(platform, organisationId);
  const [oldest] = old;
  assert.ok(oldest !== undefined);
  const oldReceipt = await platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, oldest));
  clock.advance(86_400_000);
  const before = clock.now();
  const young = await record(platform, organisationId, 1_500, { perTransaction: 500 });
  await sequence(platform, organisationId);

  // 900 entries are past the period; 768 of them fill whole bundles.
  assert.deepEqual(await pruneLedger(platform, organisationId, { before, actor: testActor }), { removed: 768 });
  assert.deepEqual(await pruneLedger(platform, organisationId, { before, actor: testActor }), { removed: 0 });
  await sequence(platform, organisationId);

  const status = await getStatusOf(platform, organisationId);
  assert.deepEqual([status.minimumIndex, status.size, status.signing], [768, 2_401, 'ok']);
  const head = await signedHead(platform, organisationId);
  const kept = [...old.slice(768), ...young];
  for (const [at, id] of kept.entries()) {
    if (at % 97 !== 0 && at > 3 && at < kept.length - 3) continue;
    const receipt = await platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, id));
    const verdict = await verifyReceipt(receipt, head.key);
    assert.ok(verdict.valid && verdict.index === 768 + at, JSON.stringify(verdict));
  }
  const gone = platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, oldest));
  await assert.rejects(gone, { code: 'entry-not-found' });
  assert.ok((await verifyReceipt(oldReceipt, head.key)).valid, 'what was handed out before still holds');

  const answer = await platform.db.transaction(organisationId, (tx) => getConsistencyOf(tx, 900, head.size));
  const proof = answer.proof.map((hash) => fromBase64(hash));
  await verifyConsistency({ from: 900, to: head.size, fromRoot: oldHead.root, toRoot: head.root, proof });
  const tile = (index: number) => platform.db.transaction(organisationId, (tx) => findTile(tx, 1, { level: 0, index }));
  assert.equal(await tile(2), undefined, 'tiles that nothing needs are gone');
  assert.equal((await tile(3))?.length, 8_192);

  const page = await platform.db.transaction(organisationId, (tx) =>
    listLedgerEntries(tx, { limit: 5, kind: 'ledger.pruned' }),
  );
  assert.deepEqual(page.items[0]?.body, {
    log: head.origin,
    minimumIndex: 768,
    removed: 768,
    before: before.toISOString(),
  });
});

test('what is not signed yet is not pruned, however old it is', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  await record(platform, organisationId, 600);
  clock.advance(1_000);
  assert.deepEqual(await pruneLedger(platform, organisationId, { before: clock.now(), actor: testActor }), {
    removed: 0,
  });
});

test('the log grows on after it was pruned to its very end', async () => {
  const { platform } = ledger;
  const organisationId = await ledger.newOrganisation();
  await record(platform, organisationId, 512);
  await sequence(platform, organisationId);
  const first = await signedHead(platform, organisationId);
  clock.advance(1_000);
  assert.deepEqual(await pruneLedger(platform, organisationId, { before: clock.now(), actor: testActor }), {
    removed: 512,
  });
  const [id] = await record(platform, organisationId, 300);
  await sequence(platform, organisationId);
  const head = await signedHead(platform, organisationId);
  assert.equal(head.size, 813);
  assert.ok(id !== undefined);
  const receipt = await platform.db.transaction(organisationId, (tx) => getReceiptOf(tx, id));
  assert.ok((await verifyReceipt(receipt, head.key)).valid);
  const answer = await platform.db.transaction(organisationId, (tx) => getConsistencyOf(tx, 512, 813));
  const proof = answer.proof.map((hash) => fromBase64(hash));
  await verifyConsistency({ from: 512, to: 813, fromRoot: first.root, toRoot: head.root, proof });
});

test('the configured audit period is kept by the daily task, and without one nothing ever goes', async () => {
  const start = '2026-03-31T12:00:00Z';
  for (const [months, minimumIndex] of [
    ['', 0],
    ['1', 256],
  ] as const) {
    const its = fixedClock(start);
    const own = await openTestLedger({ clock: its, environment: { KEPT_LEDGER_MONTHS: months } });
    try {
      const { platform, organisationId } = own;
      its.set('2026-02-28T11:59:59Z');
      await record(platform, organisationId, 256);
      its.set('2026-02-28T12:00:00Z');
      await record(platform, organisationId, 300);
      await sequence(platform, organisationId);
      its.set(start);
      await registerLedgerTasks(platform, async () => [{ id: organisationId, slug: 'mare' }]);
      await platform.tasks.start();
      await platform.db.globalTransaction((tx) => platform.tasks.enqueue(tx, 'ledger.prune', {}));
      await platform.tasks.settled();
      assert.equal((await getStatusOf(platform, organisationId)).minimumIndex, minimumIndex, `months: ${months}`);
    } finally {
      await own.close();
    }
  }
});

test('an audit period ends on the same date, or on the last day of a month that lacks it', () => {
  const cutoffs: [at: string, months: number, cutoff: string][] = [
    ['2026-11-20T12:00:00.000Z', 24, '2024-11-20T12:00:00.000Z'],
    ['2026-03-31T12:00:00.000Z', 1, '2026-02-28T12:00:00.000Z'],
    ['2024-03-31T00:00:00.000Z', 1, '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T00:00:00.000Z', 2, '2025-11-30T00:00:00.000Z'],
    ['2024-02-29T00:00:00.000Z', 12, '2023-02-28T00:00:00.000Z'],
    ['2026-05-31T23:59:59.999Z', 12, '2025-05-31T23:59:59.999Z'],
  ];
  for (const [at, months, cutoff] of cutoffs) assert.equal(auditCutoff(new Date(at), months).toISOString(), cutoff, at);
});
