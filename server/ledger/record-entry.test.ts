import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Actor } from '../platform/contract.ts';
import { openTestPlatform, type TestPlatform } from '../platform/test-database.ts';
import { entryBodies } from './bodies-contract.ts';
import { exampleId } from './body-contract.ts';
import { type EntryKind, entryKinds, entryKindTable } from './kinds-contract.ts';
import { canonicalJson, newEntryId, readLeaf } from './leaf.ts';
import { onEntry } from './listen.ts';
import { commitTo, opensCommitment, recordEntries, recordEntry } from './record-entry.ts';
import { findEntry, listEntryRows } from './store.ts';

const actor: Actor = { kind: 'system', id: 'test' };
let test1: TestPlatform;

before(async () => {
  test1 = await openTestPlatform();
});
after(() => test1.close());

test('every kind is described, and the database knows the same kinds', async () => {
  assert.deepEqual([...entryKinds].sort(), Object.keys(entryKindTable).sort());
  const { platform, organisationId } = test1;
  const rows = await platform.db.transaction(organisationId, async (tx) => {
    await recordEntries(
      tx,
      entryKinds.map((kind) => ({ kind, actor, body: entryBodies[kind].example })),
    );
    return listEntryRows(tx, { limit: 200 });
  });
  assert.deepEqual(rows.map((row) => readLeaf(row.leaf).kind).sort(), [...entryKinds].sort());
});

test('an entry exists if and only if its transaction commits', async () => {
  const { platform, organisationId } = test1;
  const entry = { kind: 'hold.released', actor, body: { hold: exampleId } } as const;
  let lost: string | undefined;
  const failing = platform.db.transaction(organisationId, async (tx) => {
    lost = await recordEntry(tx, entry);
    throw new Error('the change failed');
  });
  await assert.rejects(failing, /the change failed/);
  const kept = await platform.db.transaction(organisationId, (tx) => recordEntry(tx, entry));
  const rows = await platform.db.transaction(organisationId, (tx) => listEntryRows(tx, { limit: 200 }));
  const ids = rows.map((row) => String(row.id));
  assert.ok(ids.includes(kept));
  assert.ok(lost !== undefined && !ids.includes(lost));
});

/** Members out of order, and text that JSON has to escape. */
const text = { promise: 'ünïcode\n', dataset: '"', remaining: null, held: 0, disposed: 1 };
const figures = { refused: 0, remaining: 0, disposed: 1, disposedAtMost: 1, bytesReusable: 0, bytesReturned: 0 };

test('the leaf is canonical JSON with a salt of its own', async () => {
  const { platform, organisationId } = test1;
  const body = { steps: [text], run: exampleId, ...figures };
  const entry = { kind: 'disposal.finished', actor, body } as const;
  const leaves = await platform.db.transaction(organisationId, async (tx) => {
    const ids = await recordEntries(tx, [entry, entry]);
    return Promise.all(ids.map(async (id) => (await findEntry(tx, id))?.leaf ?? ''));
  });
  const [first, second] = leaves.map(readLeaf);
  assert.equal(leaves[0], canonicalJson(JSON.parse(leaves[0] ?? '')));
  assert.deepEqual(first?.body, entry.body);
  assert.equal(first?.organisation, organisationId);
  assert.equal(Buffer.from(first?.salt ?? '', 'base64url').length, 16);
  assert.notEqual(first?.salt, second?.salt);
});

test('an e-mail address cannot get into the ledger', async () => {
  const { platform, organisationId } = test1;
  const body = { nested: ['x', { to: 'ana@example.com' }] };
  const attempt = platform.db.transaction(organisationId, (tx) =>
    recordEntry(tx, { kind: 'message.sent', actor, body }),
  );
  await assert.rejects(attempt, /holds an e-mail address/);
});

test('an entry that no bundle could hold is refused', async () => {
  const { platform, organisationId } = test1;
  const body = { text: 'é'.repeat(33_000) };
  const attempt = platform.db.transaction(organisationId, (tx) =>
    recordEntry(tx, { kind: 'hold.placed', actor, body }),
  );
  await assert.rejects(attempt, { code: 'entry-too-large' });
});

test('another organisation sees nothing of it, and the application cannot take an entry back', async () => {
  const { platform, organisationId } = test1;
  const other = await test1.newOrganisation();
  const id = await platform.db.transaction(organisationId, (tx) =>
    recordEntry(tx, { kind: 'hold.released', actor, body: { hold: exampleId } }),
  );
  assert.equal(await platform.db.transaction(other, (tx) => findEntry(tx, id)), undefined);
  for (const table of ['ledger.pending', 'ledger.entry'] as const) {
    const attempt = platform.db.transaction(organisationId, (tx) =>
      tx.db.deleteFrom(table).where('entry_id', '=', id).where('organisation_id', '=', organisationId).execute(),
    );
    await assert.rejects(attempt, /permission denied/);
  }
  const change = platform.db.transaction(organisationId, (tx) =>
    tx.db.updateTable('ledger.pending').set({ leaf: '{}' }).where('organisation_id', '=', organisationId).execute(),
  );
  await assert.rejects(change, /permission denied/);
});

test('a commitment opens with its details and its salt, and with nothing else', () => {
  const details = { recipient: 'someone', rows: 3 };
  const { salt, commitment } = commitTo(details);
  assert.ok(opensCommitment(commitment, { rows: 3, recipient: 'someone' }, salt));
  assert.ok(!opensCommitment(commitment, { ...details, rows: 4 }, salt));
  assert.ok(!opensCommitment(commitment, details, commitTo(details).salt));
});

test('ids sort in the order in which they were made, even where the clock stands still or steps back', () => {
  const start = new Date('2030-01-01T00:00:00.000Z');
  const ids = Array.from({ length: 10_000 }, (_, at) => newEntryId(new Date(start.getTime() - (at % 3))));
  assert.deepEqual(ids, ids.toSorted());
  assert.equal(new Set(ids).size, ids.length);
});

test('a listener hears of every entry of its kinds that committed, even after a failure, and of no other', async () => {
  const { platform, organisationId } = test1;
  const heard: string[] = [];
  let failures = 0;
  onEntry(platform, {
    name: 'test-listener',
    kinds: ['contract.ended', 'erasure.received'],
    async handle(entry) {
      if (failures === 0) {
        failures += 1;
        throw new Error('not this time');
      }
      assert.equal(entry.organisationId, organisationId);
      heard.push(`${entry.kind} ${canonicalJson(entry.body)}`);
    },
  });
  const record = (kind: EntryKind) =>
    platform.db.transaction(organisationId, (tx) => recordEntry(tx, { kind, actor, body: entryBodies[kind].example }));
  await record('contract.ended');
  await record('hold.placed');
  await record('erasure.received');
  const failing = platform.db.transaction(organisationId, async (tx) => {
    await recordEntry(tx, { kind: 'contract.ended', actor, body: entryBodies['contract.ended'].example });
    throw new Error('rolled back');
  });
  await assert.rejects(failing, /rolled back/);
  await platform.tasks.start();
  const deadline = performance.now() + 20_000;
  while (heard.length < 2 && performance.now() < deadline) await new Promise((wake) => setTimeout(wake, 50));
  await platform.tasks.settled();
  const told = (kind: EntryKind) => `${kind} ${canonicalJson(entryBodies[kind].example)}`;
  assert.deepEqual(heard.sort(), [told('contract.ended'), told('erasure.received')]);
});
