import { hash } from 'node:crypto';
import type { Bytes } from './proof.ts';

/**
 * The Merkle tree of a log in tiles (C2SP tlog-tiles): pure arithmetic and hashing, no storage.
 * A tile of level L holds up to 256 hashes of complete subtrees of 256^L leaves each. Since a log only grows, a tile
 * only grows at its end: the tile of an earlier, smaller tree is a prefix of the one that is there now.
 */

export const tileWidth = 256;
const hashSize = 32;

/** Which tile: its level and its index within the level. */
export interface TileId {
  readonly level: number;
  readonly index: number;
}

/** A tile with its hashes, 32 octets each, one after the other. */
export interface Tile extends TileId {
  readonly hashes: Bytes;
}

/** Tiles at hand, by `tileKey`. */
export type Tiles = ReadonlyMap<string, Bytes>;

/** Leaves `from` (inclusive) to `to` (exclusive). */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** RFC 6962: the root of a log without entries. */
export const emptyRoot: Bytes = sha256(new Uint8Array(0));

/** SHA-256 in one synchronous call. */
export function sha256(data: Uint8Array): Bytes {
  return new Uint8Array(hash('sha256', data, 'buffer'));
}

/** RFC 6962 hash of a leaf. */
export function leafHashOf(leaf: string): Bytes {
  return new Uint8Array(hash('sha256', `\0${leaf}`, 'buffer'));
}

export function tileKey(tile: TileId): string {
  return `${tile.level}/${tile.index}`;
}

/** Tiles in a map by their keys. */
export function tileMap(tiles: Iterable<Tile>): Map<string, Bytes> {
  return new Map(Array.from(tiles, (tile) => [tileKey(tile), tile.hashes]));
}

/** Hashes in a tile of a tree of this size; 0 where it has none yet. */
export function widthOf(tile: TileId, size: number): number {
  const complete = Math.floor(size / tileWidth ** tile.level);
  return Math.min(tileWidth, Math.max(0, complete - tile.index * tileWidth));
}

/** The tiles that are not full in a tree of this size, one per level at most; what appending needs to know. */
export function edgeOf(size: number): TileId[] {
  const edge: TileId[] = [];
  for (let level = 0, complete = size; complete > 0; level += 1, complete = Math.floor(complete / tileWidth)) {
    if (complete % tileWidth > 0) edge.push({ level, index: Math.floor(complete / tileWidth) });
  }
  return edge;
}

/**
 * Appends leaf hashes.
 * @param size entries before
 * @param edge the tiles of `edgeOf(size)`
 * @param hashes the new leaf hashes, one after the other
 * @returns every tile that is new or grew, whole
 */
export function appendLeaves(size: number, edge: Tiles, hashes: Bytes): Tile[] {
  const changed: Tile[] = [];
  let incoming = hashes;
  for (let level = 0, complete = size; incoming.length > 0; level += 1, complete = Math.floor(complete / tileWidth)) {
    const first = Math.floor(complete / tileWidth);
    const before = complete % tileWidth === 0 ? new Uint8Array(0) : needTile(edge, { level, index: first });
    const all = join(before.subarray(0, (complete % tileWidth) * hashSize), incoming);
    const full: Bytes[] = [];
    for (let at = 0; at < all.length; at += tileWidth * hashSize) {
      const tile = {
        level,
        index: first + at / (tileWidth * hashSize),
        hashes: all.slice(at, at + tileWidth * hashSize),
      };
      changed.push(tile);
      if (tile.hashes.length === tileWidth * hashSize) full.push(combine(tile.hashes));
    }
    incoming = join(...full);
  }
  return changed;
}

/** The tiles from which the hashes of these ranges can be had. */
export function tilesFor(ranges: readonly Range[]): TileId[] {
  const needed = new Map<string, TileId>();
  for (const range of ranges) {
    for (const subtree of subtreesOf(range)) {
      const { tile } = placeOf(subtree);
      needed.set(tileKey(tile), tile);
    }
  }
  return [...needed.values()];
}

/** RFC 6962 hash of the tree over a range that a proof or a root asks for. */
export function rangeHash(range: Range, tiles: Tiles): Bytes {
  const subtrees = subtreesOf(range).map((subtree) => subtreeHash(subtree, tiles));
  return (
    subtrees.reduceRight<Bytes | undefined>((right, left) => (right ? nodeHash(left, right) : left), undefined) ??
    emptyRoot
  );
}

/** Ranges whose hashes are the audit path of a leaf, from the leaf up (RFC 6962, 2.1.1). */
export function inclusionRanges(index: number, size: number): Range[] {
  const path: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
    }
  }
  return path.reverse();
}

/** Ranges whose hashes are the consistency proof between two sizes (RFC 6962, 2.1.2). */
export function consistencyRanges(first: number, second: number): Range[] {
  if (first === 0 || first === second) return [];
  const path: Range[] = [];
  let [from, to] = [0, second];
  while (first !== to) {
    const middle = from + splitOf(to - from);
    if (first <= middle) {
      path.push({ from: middle, to });
      to = middle;
    } else {
      path.push({ from, to: middle });
      from = middle;
    }
  }
  if (from > 0) path.push({ from, to });
  return path.reverse();
}

/** `tile/<level>/<index>[.p/<width>]` with the index in groups of three digits: 1234067 is `x001/x234/067`. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${path}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** Reads what `tilePath` writes, and nothing else; undefined for another path. */
export function parseTilePath(path: string): { level: number | 'entries'; index: number; width: number } | undefined {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  const [, named, groups, partial] = match ?? [];
  if (named === undefined || groups === undefined) return undefined;
  const level = named === 'entries' ? named : Number(named);
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? tileWidth : Number(partial);
  // Writing it again refuses every other spelling: leading zeroes, empty groups, a full width as a partial one.
  return Number.isSafeInteger(index) &&
    width > 0 &&
    tilePath(level, index, width) === path &&
    (level === 'entries' || level < 64)
    ? { level, index, width }
    : undefined;
}

/** A complete subtree: leaves `index · 2^height` to `(index + 1) · 2^height`. */
interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** The complete subtrees of a range, largest and leftmost first. The range begins where its largest one may begin. */
function subtreesOf(range: Range): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let from = range.from; from < range.to; ) {
    const height = heightOf(range.to - from);
    subtrees.push({ height, index: from / 2 ** height });
    from += 2 ** height;
  }
  return subtrees;
}

/** Where a complete subtree lies: its tile, its first hash there, and how many. */
function placeOf(subtree: Subtree): { tile: TileId; offset: number; count: number } {
  const level = Math.floor(subtree.height / 8);
  const count = 2 ** (subtree.height % 8);
  const first = subtree.index * count;
  return { tile: { level, index: Math.floor(first / tileWidth) }, offset: first % tileWidth, count };
}

function subtreeHash(subtree: Subtree, tiles: Tiles): Bytes {
  const { tile, offset, count } = placeOf(subtree);
  const hashes = needTile(tiles, tile).subarray(offset * hashSize, (offset + count) * hashSize);
  if (hashes.length !== count * hashSize)
    throw new Error(`tile ${tileKey(tile)} ends before its hash ${offset + count}`);
  return combine(hashes);
}

/** The root over hashes whose number is a power of two. Most of a log's hashing happens here, so nothing is copied twice. */
function combine(hashes: Bytes): Bytes {
  const input = Buffer.alloc(1 + 2 * hashSize, 1);
  let level = hashes;
  while (level.length > hashSize) {
    const above = new Uint8Array(level.length / 2);
    for (let at = 0; at < level.length; at += 2 * hashSize) {
      input.set(level.subarray(at, at + 2 * hashSize), 1);
      above.set(hash('sha256', input, 'buffer'), at / 2);
    }
    level = above;
  }
  return level.slice();
}

function nodeHash(left: Bytes, right: Bytes): Bytes {
  return combine(join(left, right));
}

/** The largest power of two below n, for n > 1 (RFC 6962, 2.1). */
function splitOf(n: number): number {
  return 2 ** heightOf(n - 1);
}

/** The largest h with 2^h ≤ n; by doubling, since `Math.log2` rounds up just below large powers. */
function heightOf(n: number): number {
  let height = 0;
  while (2 ** (height + 1) <= n) height += 1;
  return height;
}

function needTile(tiles: Tiles, tile: TileId): Bytes {
  const hashes = tiles.get(tileKey(tile));
  if (hashes === undefined) throw new Error(`tile ${tileKey(tile)} is missing`);
  return hashes;
}

function join(...parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
