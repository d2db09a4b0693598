import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkpointText, privateKeyFromSeed, rawPublicKey, signNote, verifierKey } from './note.ts';
import {
  type Bytes,
  Flaw,
  fromBase64,
  leafHash,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  splitNote,
  toBase64,
  verifyConsistency,
  verifyInclusion,
} from './proof.ts';
import argon from './testdata/argon2020.json' with { type: 'json' };
import reference from './testdata/rfc6962.json' with { type: 'json' };

// golang.org/x/mod/sumdb/note, note_test.go.
const peter = {
  key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  // "PRIVATE+KEY+PeterNeumann+c74f20a3+…" without its algorithm octet.
  seed: fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz').slice(1),
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  line: '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};
const enoch = {
  key: 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop',
  line: '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n',
};

// The key of the Go checksum database, as cmd/go carries it, and two of its published tree heads.
const goSumKey = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
const goSumNotes = [
  {
    size: 6_476_701,
    note: 'go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n',
  },
  {
    size: 15_067_302,
    note: 'go.sum database tree\n15067302\ngJyioq6dwR9n+NjEWORfYmH+ubeYm3kH42BBQ0bTpYI=\n\n— sum.golang.org Az3grp1rvWOs5NKlr/xR4GLN/CDyzzakmt1o61uSxYKpK1SerqOP2ClbX/peKUZjYnyomH5Xz7GZG3TpB7OeKn4E2ww=\n— test.example.com qTGhC/xIPQ0AXKHK6Y+9ypRfuvMZWPjRXM8NiOg5M1WREn07VQXyuIXM3NRNav3ieVFLUqDRK77PWDmL6w8w84UqeAw=\n',
  },
];

const someHash = hex('abacaba000000000000000000000000000000000000000000060061e00123456');

test('the reference inclusion proofs of Certificate Transparency hold, and nothing near them does', async () => {
  for (const { index, size, proof: path } of reference.inclusion) {
    const proof = path.map(hex);
    const leaf = await leafHash(hex(reference.leaves[index] ?? ''));
    const claim = { index, size, leaf, proof, root: root(size) };
    await verifyInclusion(claim);
    const wrong: (typeof claim)[] = [
      { ...claim, index: index - 1 },
      { ...claim, index: index + 1 },
      { ...claim, index: index ^ 2 },
      { ...claim, size: size * 2 },
      { ...claim, size: Math.floor(size / 2) },
      { ...claim, leaf: someHash },
      { ...claim, root: hex(reference.emptyRoot) },
      { ...claim, root: someHash },
      { ...claim, proof: [...proof, claim.root] },
      { ...claim, proof: [...proof, new Uint8Array(0)] },
      { ...claim, proof: [claim.root, ...proof] },
      ...proof.map((_, at) => ({ ...claim, proof: proof.toSpliced(at, 1) })),
      ...proof.map((hash, at) => ({ ...claim, proof: proof.with(at, flipped(hash)) })),
    ];
    for (const claim of wrong) await assert.rejects(verifyInclusion(claim), Flaw);
  }
});

test('the reference consistency proofs of Certificate Transparency hold, and nothing near them does', async () => {
  for (const { from, to, proof: path } of reference.consistency) {
    const proof = path.map(hex);
    const claim = { from, to, proof, fromRoot: root(from), toRoot: root(to) };
    await verifyConsistency(claim);
    if (from === to) continue;
    const wrong: (typeof claim)[] = [
      { ...claim, from: from - 1 },
      { ...claim, from: from + 1 },
      { ...claim, from: from ^ 2 },
      { ...claim, to: to * 2 },
      { ...claim, to: Math.floor(to / 2) },
      { ...claim, fromRoot: someHash },
      { ...claim, toRoot: someHash },
      { ...claim, fromRoot: claim.toRoot, toRoot: claim.fromRoot },
      { ...claim, proof: [] },
      { ...claim, proof: [...proof, claim.toRoot] },
      { ...claim, proof: [claim.fromRoot, ...proof] },
      { ...claim, proof: proof.slice(0, -1) },
      ...proof.map((hash, at) => ({ ...claim, proof: proof.with(at, flipped(hash)) })),
    ];
    for (const claim of wrong) await assert.rejects(verifyConsistency(claim), Flaw);
  }
});

test('the proofs of a real log of 961,984,013 entries hold, as in the vectors of Go', async () => {
  const [rootHash, inclusion] = [fromBase64(argon.root), argon.inclusion.map((hash) => fromBase64(hash))];
  const leaf = await leafHash(fromBase64(argon.leaf));
  await verifyInclusion({ index: argon.index, size: argon.size, leaf, proof: inclusion, root: rootHash });
  const claim = {
    from: argon.from,
    to: argon.size,
    fromRoot: fromBase64(argon.fromRoot),
    toRoot: rootHash,
    proof: argon.consistency.map((hash) => fromBase64(hash)),
  };
  await verifyConsistency(claim);
  await assert.rejects(verifyConsistency({ ...claim, from: claim.from + 1 }), Flaw);
});

test('tree heads of the Go checksum database open under its public key', async () => {
  const key = await parseVerifierKey(goSumKey);
  for (const { note, size } of goSumNotes) {
    const checkpoint = parseCheckpoint(await openNote(note, key));
    assert.equal(checkpoint.origin, 'go.sum database tree');
    assert.equal(checkpoint.size, size);
    await assert.rejects(openNote(note.replace(`\n${size}\n`, `\n${size + 1}\n`), key), { reason: 'wrong-signature' });
  }
});

test('signing gives the very octets that Go publishes', async () => {
  const signer = { name: 'PeterNeumann', privateKey: privateKeyFromSeed(peter.seed) };
  assert.equal(await signNote(peter.text, signer), `${peter.text}\n${peter.line}`);
  assert.equal(await verifierKey('PeterNeumann', rawPublicKey(signer.privateKey)), peter.key);
});

test('a tree head is written as Go writes it', async () => {
  const golden = 'go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n';
  const hash = await leafHash(new TextEncoder().encode('hello world'));
  assert.equal(checkpointText('go.sum database tree', 123_456_789_012, hash), golden);
  assert.deepEqual(parseCheckpoint(golden), { origin: 'go.sum database tree', size: 123_456_789_012, root: hash });
});

test('a note opens under any of its signers, whoever else signed it', async () => {
  const both = `${peter.text}\n${peter.line}${enoch.line}`;
  for (const signer of [peter, enoch])
    assert.equal(await openNote(both, await parseVerifierKey(signer.key)), peter.text);
  const repeated = `${peter.text}\n${peter.line}${peter.line}`;
  assert.equal(await openNote(repeated, await parseVerifierKey(peter.key)), peter.text);
  await assert.rejects(openNote(`${peter.text}\n${peter.line}`, await parseVerifierKey(enoch.key)), {
    reason: 'unknown-signer',
  });
});

test('a malformed note is refused, as the vectors of Go say', async () => {
  const key = await parseVerifierKey(peter.key);
  const bad = [
    peter.text,
    `${peter.text}\n`,
    `${peter.text}\n${peter.line.slice(0, -1)}`,
    `\u0001${peter.text}\n${peter.line}`,
    `\ufffd${peter.text}\n${peter.line}`,
    `${peter.text}\n${peter.line.replace('PeterNeumann', 'Bad Name')}`,
    `${peter.text}\n${peter.line}Unexpected line.\n`,
    `${peter.text}\n${peter.line.repeat(101)}`,
  ];
  for (const note of bad) await assert.rejects(openNote(note, key), { reason: 'malformed-checkpoint' });
  const broken = `${peter.line.slice(0, 60)}ABCD${peter.line.slice(60)}`;
  await assert.rejects(openNote(`${peter.text}\n${broken}`, key), { reason: 'wrong-signature' });
});

test('no part and no change of a verifier key passes for one, as the vectors of Go say', async () => {
  await parseVerifierKey(peter.key);
  const refuse = (text: string) => assert.rejects(parseVerifierKey(text), { reason: 'malformed-key' }, text);
  for (let from = 0; from <= peter.key.length; from += 1)
    for (let to = from + 1; to <= peter.key.length; to += 1)
      if (from !== 0 || to !== peter.key.length) await refuse(peter.key.slice(from, to));
  for (let at = 0; at < peter.key.length; at += 1) {
    const next = String.fromCharCode(peter.key.charCodeAt(at) + 1);
    await refuse(peter.key.slice(0, at) + next + peter.key.slice(at + 1));
  }
  await refuse('PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==');
  await refuse('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
});

test('what is not a checkpoint is refused', () => {
  const hash = toBase64(someHash);
  for (const text of ['', 'log\n', `log\n1\n${hash}`, `\n1\n${hash}\n`, `log\n01\n${hash}\n`, `log\n-1\n${hash}\n`])
    assert.throws(() => parseCheckpoint(text), { reason: 'malformed-checkpoint' });
  for (const text of [`log\n0xab\n${hash}\n`, 'log\n1\nTszz\n', `log\n9007199254740993\n${hash}\n`])
    assert.throws(() => parseCheckpoint(text), { reason: 'malformed-checkpoint' });
  assert.equal(parseCheckpoint(`log\n1\n${hash}\nan extension\n`).size, 1);
});

test('the text of a note ends at its last blank line', () => {
  assert.equal(splitNote(`a\n\nb\n\n${peter.line}`).text, 'a\n\nb\n');
});

function hex(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function root(size: number): Bytes {
  return hex(reference.roots[size - 1] ?? reference.emptyRoot);
}

function flipped(hash: Bytes): Bytes {
  return hash.with(0, (hash[0] ?? 0) ^ 8);
}
