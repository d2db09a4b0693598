import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openNote, parseCheckpoint, parseVerifierKey } from './proof.ts';
import { sequence } from './sequence.ts';
import { listLeaves, listLogs } from './store.ts';
import { openTestLedger, signedHead, type TestLedger } from './test-ledger.ts';
import { appendLeaves, leafHashOf, rangeHash, tileMap } from './tree.ts';

let ledger: TestLedger;

before(async () => {
  ledger = await openTestLedger();
});
after(() => ledger.close());

test('kill -9 while recording and sequencing loses no acknowledged entry and forks nothing', async () => {
  const { platform, organisationId, dataDirectory } = ledger;
  const acknowledged = new Set<string>();
  // A signing takes some milliseconds: these moments lie before, in and after its steps.
  for (const ms of [0, 1, 3, 6, 10, 15]) {
    for (const id of await runAndKill(ms)) acknowledged.add(id);
  }
  assert.ok(acknowledged.size > 300, `only ${acknowledged.size} entries were acknowledged`);
  assert.equal((await sequence(platform, organisationId)).refusal, null);

  const head = await signedHead(platform, organisationId);
  const leaves = await platform.db.transaction(organisationId, async (tx) => {
    const [log, ...others] = await listLogs(tx);
    assert.deepEqual(others, []);
    return listLeaves(tx, log?.number ?? 0, 0, head.size);
  });
  assert.equal(leaves.length, head.size);
  const ids = leaves.map((leaf): string => JSON.parse(leaf).id);
  assert.equal(new Set(ids).size, ids.length, 'no entry is there twice');
  const there = new Set(ids);
  assert.deepEqual(
    [...acknowledged].filter((id) => !there.has(id)),
    [],
  );

  // Every head that was ever signed is a prefix of what is there now.
  const tiles = tileMap(appendLeaves(0, new Map(), new Uint8Array(Buffer.concat(leaves.map(leafHashOf)))));
  const file = join(dataDirectory, 'checkpoints', `${encodeURIComponent(head.origin)}.txt`);
  const notes = readFileSync(file, 'utf8')
    .split(/(?<=\n— [^\n]+\n)\n/)
    .slice(0, -1);
  assert.ok(notes.length >= 18, `only ${notes.length} heads were signed`);
  const key = await parseVerifierKey(head.key);
  let size = 0;
  for (const note of notes) {
    const checkpoint = parseCheckpoint(await openNote(note, key));
    assert.ok(checkpoint.size > size, `${checkpoint.size} follows ${size}`);
    size = checkpoint.size;
    assert.deepEqual(rangeHash({ from: 0, to: size }, tiles), checkpoint.root);
  }
  assert.equal(size, head.size);
});

/** Lets a process sign three times, kills it that long after, and answers what it had acknowledged. */
async function runAndKill(ms: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'test-sequencing-process.ts');
  const child = spawn(process.execPath, [script, ledger.adminUrl, ledger.dataDirectory, ledger.organisationId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'close');
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    if (child.exitCode === null && !child.killed && (output.match(/^signed /gm)?.length ?? 0) >= 3) {
      await sleep(ms);
      assert.ok(child.kill('SIGKILL'), 'it was still working');
    }
  }
  await gone;
  assert.equal(child.signalCode, 'SIGKILL');
  // The last line may be torn.
  const lines = output.split('\n').slice(0, -1);
  return lines.filter((line) => !line.startsWith('signed'));
}
