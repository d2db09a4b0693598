import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { keyId, leafHash, nodeHash, toBase64 } from '../../server/ledger/proof.ts';
import { proveReceipt } from './prove.ts';

const log = 'kept.example/0193a000-0001-7abc-8def-0123456789ab';

/** A log of three entries, its key, and the receipt of the last. */
async function makeReceipt() {
  const leaves = [0, 1, 2].map((number) =>
    JSON.stringify({
      actor: { id: 'kept', kind: 'system' },
      at: '2026-11-20T12:00:00.000Z',
      body: { number },
      format: 'kept-entry-1',
      id: `0193a000-0001-7abc-8def-00000000000${number}`,
      kind: 'promise.measured',
      organisation: '0193a000-0001-7abc-8def-0123456789ab',
    }),
  );
  const [first, second, third] = await Promise.all(leaves.map((leaf) => leafHash(new TextEncoder().encode(leaf))));
  const [leaf] = leaves.slice(2);
  assert.ok(first !== undefined && second !== undefined && third !== undefined && leaf !== undefined);
  const pair = await nodeHash(first, second);
  const root = await nodeHash(pair, third);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const octets = new Uint8Array([1, ...publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]);
  const id = await keyId(log, octets);
  const text = `${log}\n3\n${toBase64(root)}\n`;
  const signature = new Uint8Array([...Buffer.from(id, 'hex'), ...sign(null, Buffer.from(text), privateKey)]);
  return {
    key: `${log}+${id}+${toBase64(octets)}`,
    pair: toBase64(pair),
    root: toBase64(root),
    receipt: {
      format: 'kept-receipt-1',
      leaf,
      index: 2,
      proof: [toBase64(pair)],
      checkpoint: `${text}\n— ${log} ${toBase64(signature)}\n`,
    },
  };
}

function statesOf(proof: Awaited<ReturnType<typeof proveReceipt>>) {
  return proof.steps.map(({ state }) => state);
}

test('a good receipt holds in all four steps and shows the way to the root', async () => {
  const { receipt, key, pair, root } = await makeReceipt();
  const proof = await proveReceipt(receipt, key);
  assert.equal(proof.valid, true);
  assert.deepEqual(statesOf(proof), ['holds', 'holds', 'holds', 'holds']);
  assert.deepEqual(proof.levels, [{ side: 'left', neighbour: pair, hash: root }]);
  assert.equal(proof.reached, root);
  assert.equal(proof.signedRoot, root);
  assert.deepEqual([proof.index, proof.size, proof.log], [2, 3, log]);
});

test('a changed entry leads to another root', async () => {
  const { receipt, key } = await makeReceipt();
  const proof = await proveReceipt({ ...receipt, leaf: receipt.leaf.replace('"number":2', '"number":9') }, key);
  assert.equal(proof.valid, false);
  assert.deepEqual(statesOf(proof), ['holds', 'holds', 'fails', 'not-reached']);
  assert.notEqual(proof.reached, proof.signedRoot);
});

test('a checkpoint that was signed by another key fails at the signature', async () => {
  const { receipt } = await makeReceipt();
  const { key } = await makeReceipt();
  const proof = await proveReceipt(receipt, key);
  assert.equal(proof.valid, false);
  assert.deepEqual(statesOf(proof), ['holds', 'holds', 'holds', 'fails']);
  assert.equal(proof.steps.at(-1)?.reason, 'unknown-signer');
});

test('a path that is too short or an index outside the log fails at the path', async () => {
  const { receipt, key } = await makeReceipt();
  assert.deepEqual(statesOf(await proveReceipt({ ...receipt, proof: [] }, key)), [
    'holds',
    'fails',
    'not-reached',
    'not-reached',
  ]);
  const outside = await proveReceipt({ ...receipt, index: 7 }, key);
  assert.equal(outside.steps[1]?.reason, 'index-out-of-range');
});

test('what is no receipt proves nothing', async () => {
  const { key } = await makeReceipt();
  for (const bad of [null, 'receipt', {}, { leaf: 'x', index: '2', proof: [], checkpoint: '' }]) {
    const proof = await proveReceipt(bad, key);
    assert.equal(proof.valid, false);
    assert.equal(proof.steps[0]?.state, 'fails');
  }
});
