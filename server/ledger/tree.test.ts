import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Bytes, verifyConsistency, verifyInclusion } from './proof.ts';
import reference from './testdata/rfc6962.json' with { type: 'json' };
import {
  appendLeaves,
  consistencyRanges,
  edgeOf,
  emptyRoot,
  inclusionRanges,
  parseTilePath,
  type Range,
  rangeHash,
  sha256,
  tileKey,
  tileMap,
  tilePath,
  tilesFor,
  tileWidth,
  widthOf,
} from './tree.ts';

/** Leaf hashes 0, 1, 2 … of the trees below. */
const leaves = Array.from({ length: 1100 }, (_, at) => sha256(Buffer.from(`leaf ${at}`)));

test('roots are those of RFC 6962', () => {
  const hashes = reference.leaves.map((leaf) => sha256(Buffer.from(`00${leaf}`, 'hex')));
  assert.equal(Buffer.from(emptyRoot).toString('hex'), reference.emptyRoot);
  for (const [at, root] of reference.roots.entries()) {
    const log = grow(new Log(), hashes.slice(0, at + 1));
    assert.equal(Buffer.from(log.root()).toString('hex'), root);
  }
});

test('for every size up to 300, root, tiles and proofs agree with a naive tree', async () => {
  const log = new Log();
  for (let size = 1; size <= 300; size += 1) {
    grow(log, leaves.slice(size - 1, size));
    assert.equal(text([log.root()]), text([naiveRoot(0, size)]));
    // All of them in small trees; in larger ones the ends, the borders of tiles and a few at random.
    const some = fc.sample(fc.integer({ min: 0, max: size - 1 }), 6);
    const all = Array.from({ length: size }, (_, at) => at);
    const picked = size <= 70 ? all : [0, size - 1, size - 2, 127, 128, 254, 255, 256, 257, ...some];
    for (const index of picked.filter((at) => at < size)) await agree(log, index);
  }
});

async function agree(log: Log, index: number): Promise<void> {
  const { size } = log;
  const root = naiveRoot(0, size);
  const inclusion = log.hashes(inclusionRanges(index, size));
  assert.equal(text(inclusion), text(naivePath(index, 0, size)), `entry ${index} of ${size}`);
  const from = index + 1;
  const consistency = log.hashes(consistencyRanges(from, size));
  assert.equal(text(consistency), text(naiveConsistency(from, 0, size, true)), `from ${from} to ${size}`);
  // What is built also satisfies the verifier, which shares no code with the builder.
  await verifyInclusion({ index, size, leaf: naiveRoot(index, from), root, proof: inclusion }, sha256);
  const claim = { from, to: size, fromRoot: naiveRoot(0, from), toRoot: root, proof: consistency };
  await verifyConsistency(claim, sha256);
}

test('however entries are batched, the tiles are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }), (batches) => {
      const log = new Log();
      for (const batch of batches) grow(log, leaves.slice(log.size, Math.min(log.size + batch, leaves.length)));
      const whole = grow(new Log(), leaves.slice(0, log.size));
      assert.deepEqual(log.tiles, whole.tiles);
      assert.deepEqual(log.root(), naiveRoot(0, log.size));
    }),
    { numRuns: 60 },
  );
});

test('a root of an earlier size can be had from the tiles of a later one', () => {
  const log = grow(new Log(), leaves);
  for (let size = 1; size <= leaves.length; size += 13) {
    assert.deepEqual(rangeHash({ from: 0, to: size }, log.tiles), naiveRoot(0, size));
  }
});

test('tiles that lie wholly below a minimum index are needed for nothing above it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(),
      (size, part, pick) => {
        const minimum = Math.floor(size * part);
        const index = minimum + (pick % Math.max(1, size - minimum));
        const ranges = index < size ? inclusionRanges(index, size) : [];
        const from = Math.max(1, minimum);
        for (const tile of tilesFor([...ranges, ...consistencyRanges(from, size), { from: 0, to: from }])) {
          assert.ok((tile.index + 1) * tileWidth ** (tile.level + 1) > minimum, `tile ${tileKey(tile)} at ${minimum}`);
        }
      },
    ),
  );
});

test('a tree of 70,000 entries has the tiles that C2SP tlog-tiles names', () => {
  assert.deepEqual(edgeOf(70_000), [
    { level: 0, index: 273 },
    { level: 1, index: 1 },
    { level: 2, index: 0 },
  ]);
  assert.equal(widthOf({ level: 0, index: 272 }, 70_000), 256);
  assert.equal(widthOf({ level: 0, index: 273 }, 70_000), 112);
  assert.equal(widthOf({ level: 1, index: 1 }, 70_000), 17);
  assert.equal(widthOf({ level: 2, index: 0 }, 70_000), 1);
  assert.equal(widthOf({ level: 0, index: 274 }, 70_000), 0);
  assert.deepEqual(edgeOf(256), [{ level: 1, index: 0 }]);
});

test('tile paths are those of C2SP tlog-tiles, and only those are read', () => {
  assert.equal(tilePath(0, 1_234_067, 256), 'tile/0/x001/x234/067');
  assert.equal(tilePath('entries', 5, 17), 'tile/entries/005.p/17');
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 63 }),
      fc.maxSafeNat(),
      fc.integer({ min: 1, max: 256 }),
      (level, index, width) => {
        assert.deepEqual(parseTilePath(tilePath(level, index, width)), { level, index, width });
      },
    ),
  );
  const bad = ['tile/64/000', 'tile/00/000', 'tile/0/0', 'tile/0/x000/001', 'tile/0/000.p/0', 'tile/0/000.p/256'];
  for (const path of [...bad, 'tile/0/000.p/07', 'tile/-1/000', 'tile/data/000', 'tile/0/123/456', 'tile/0/001/'])
    assert.equal(parseTilePath(path), undefined, path);
});

/** A log in memory, with what the database holds. */
class Log {
  size = 0;
  tiles = new Map<string, Bytes>();

  root(): Bytes {
    return rangeHash({ from: 0, to: this.size }, this.tiles);
  }

  /** Uses only the tiles that `tilesFor` asks for. */
  hashes(ranges: readonly Range[]): Bytes[] {
    const needed = new Map(tilesFor(ranges).map((tile) => [tileKey(tile), this.tiles.get(tileKey(tile)) ?? emptyRoot]));
    return ranges.map((range) => rangeHash(range, needed));
  }
}

/** Far quicker to compare than arrays of octets. */
function text(hashes: readonly Bytes[]): string {
  return Buffer.concat(hashes).toString('hex');
}

function grow(log: Log, hashes: readonly Bytes[]): Log {
  const edge = tileMap(
    edgeOf(log.size).map((tile) => ({ ...tile, hashes: log.tiles.get(tileKey(tile)) ?? emptyRoot })),
  );
  for (const tile of appendLeaves(log.size, edge, new Uint8Array(Buffer.concat(hashes)))) {
    log.tiles.set(tileKey(tile), tile.hashes);
  }
  log.size += hashes.length;
  return log;
}

/** MTH of RFC 6962, word for word. */
const known = new Map<string, Bytes>();
function naiveRoot(from: number, to: number): Bytes {
  const [only] = leaves.slice(from, from + 1);
  if (to - from === 1 && only !== undefined) return only;
  const key = `${from}-${to}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const middle = split(from, to);
  const root = sha256(Buffer.concat([Buffer.of(1), naiveRoot(from, middle), naiveRoot(middle, to)]));
  known.set(key, root);
  return root;
}

/** PATH of RFC 6962, word for word. */
function naivePath(index: number, from: number, to: number): Bytes[] {
  if (to - from === 1) return [];
  const middle = split(from, to);
  return index < middle
    ? [...naivePath(index, from, middle), naiveRoot(middle, to)]
    : [...naivePath(index, middle, to), naiveRoot(from, middle)];
}

/** SUBPROOF of RFC 6962, word for word; `first` is an absolute size. */
function naiveConsistency(first: number, from: number, to: number, whole: boolean): Bytes[] {
  if (first === to) return whole ? [] : [naiveRoot(from, to)];
  const middle = split(from, to);
  return first <= middle
    ? [...naiveConsistency(first, from, middle, whole), naiveRoot(middle, to)]
    : [...naiveConsistency(first, middle, to, false), naiveRoot(from, middle)];
}

function split(from: number, to: number): number {
  let power = 1;
  while (power * 2 < to - from) power *= 2;
  return from + power;
}
