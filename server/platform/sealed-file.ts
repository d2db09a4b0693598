import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { failuresOf } from './failure.ts';
import { type ByteRange, storageProblems, type WrittenFile } from './files.ts';

const fail = failuresOf(storageProblems);

/** What seals the key of a file. */
export interface KeySeal {
  close(secret: string, purpose: string, id: string): Buffer;
  open(sealed: Buffer, purpose: string, id: string): string;
}

/**
 * A stored file: `KPF1` ‖ length of the sealed key (2) ‖ sealed key ‖ segments. Each segment is 64 KiB of the content (the
 * last one what is left) and its tag, AES-256-GCM under a key of this file alone. The nonce is the segment's number and
 * whether it is the last, so that segments can neither change places nor be left out, and the file cannot be cut short
 * (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015). The key is sealed for this one place.
 */
const MAGIC = Buffer.from('KPF1');
const PURPOSE = 'stored file';
const LENGTH_AT = MAGIC.length;
const KEY_AT = LENGTH_AT + 2;
export const SEGMENT_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const STORED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES;
/** More than any header has. */
export const HEADER_AT_MOST = 1024;

/** Encrypts on the way; once it has come to its end `written` says what went through. */
export function sealFile(
  seal: KeySeal,
  key: string,
  source: AsyncIterable<Uint8Array>,
): { readonly stored: AsyncIterable<Buffer>; written(): WrittenFile } {
  const fileKey = randomBytes(32);
  const sealedKey = seal.close(fileKey.toString('base64'), PURPOSE, key);
  if (KEY_AT + sealedKey.length > HEADER_AT_MOST) throw new Error('a sealed key is longer than a header may be');
  const hash = createHash('sha256');
  let bytes = 0;
  let whole = false;
  async function* stored(): AsyncGenerator<Buffer> {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(sealedKey.length);
    yield Buffer.concat([MAGIC, length, sealedKey]);
    const room = Buffer.alloc(SEGMENT_BYTES);
    let filled = 0;
    let number = 0;
    for await (const piece of source) {
      hash.update(piece);
      bytes += piece.length;
      for (let from = 0; from < piece.length; ) {
        // A full segment waits for a next octet, since the last one is marked as such.
        if (filled === SEGMENT_BYTES) {
          yield closeSegment(fileKey, number, false, room);
          number += 1;
          filled = 0;
        }
        const taken = Math.min(SEGMENT_BYTES - filled, piece.length - from);
        room.set(piece.subarray(from, from + taken), filled);
        filled += taken;
        from += taken;
      }
    }
    yield closeSegment(fileKey, number, true, room.subarray(0, filled));
    whole = true;
  }
  return {
    stored: stored(),
    written() {
      if (!whole) throw new Error('the file was not written to its end');
      return { bytes, sha256: hash.digest('hex') };
    },
  };
}

/** A part of what is stored, as the storage gives it. */
export interface StoredPart {
  /** Of all that is stored under the key. */
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The plain content of what `sealFile` wrote.
 * @param get a part of what is stored: octets `start` to `end`, or to the last one
 * @throws Failure `file-damaged`
 */
export async function* openFile(
  seal: KeySeal,
  key: string,
  get: (start: number, end: number | null) => Promise<StoredPart>,
  range?: ByteRange,
): AsyncGenerator<Buffer> {
  const head = await get(0, HEADER_AT_MOST);
  const { fileKey, bodyAt } = readHeader(seal, key, await collect(head.content));
  const bodyBytes = head.size - bodyAt;
  const segments = Math.max(1, Math.ceil(bodyBytes / STORED_SEGMENT_BYTES));
  const plainBytes = bodyBytes - segments * TAG_BYTES;
  if (plainBytes < 0) throw damaged();
  const start = range?.start ?? 0;
  const end = Math.min(range?.end ?? plainBytes, plainBytes);
  if (range !== undefined && start >= end) return;
  const first = Math.floor(start / SEGMENT_BYTES);
  const last = Math.max(first, Math.ceil(end / SEGMENT_BYTES) - 1);
  const isToTheEnd = last === segments - 1;
  const part = await get(
    bodyAt + first * STORED_SEGMENT_BYTES,
    isToTheEnd ? null : bodyAt + (last + 1) * STORED_SEGMENT_BYTES,
  );
  let number = first;
  for await (const stored of inSegments(part.content)) {
    // A storage that gives more than there was when its size was asked for has another file by now.
    if (number > last) throw damaged();
    const plain = openSegment(fileKey, number, number === segments - 1, stored);
    const at = number * SEGMENT_BYTES;
    yield plain.subarray(Math.max(0, start - at), Math.min(plain.length, end - at));
    number += 1;
  }
  if (number !== last + 1) throw damaged();
}

function readHeader(seal: KeySeal, key: string, head: Buffer): { fileKey: Buffer; bodyAt: number } {
  if (head.length < KEY_AT || !head.subarray(0, LENGTH_AT).equals(MAGIC)) throw damaged();
  const bodyAt = KEY_AT + head.readUInt16BE(LENGTH_AT);
  if (head.length < bodyAt) throw damaged();
  try {
    const fileKey = Buffer.from(seal.open(head.subarray(KEY_AT, bodyAt), PURPOSE, key), 'base64');
    return { fileKey, bodyAt };
  } catch (cause) {
    throw fail('file-damaged', 'The key of this file does not open: it was changed, moved, or sealed elsewhere.', {
      cause,
    });
  }
}

function closeSegment(fileKey: Buffer, number: number, isLast: boolean, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', fileKey, nonceOf(number, isLast));
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function openSegment(fileKey: Buffer, number: number, isLast: boolean, stored: Buffer): Buffer {
  if (stored.length < TAG_BYTES) throw damaged();
  const text = stored.subarray(0, stored.length - TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', fileKey, nonceOf(number, isLast), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(stored.subarray(text.length));
  const plain = decipher.update(text);
  try {
    decipher.final();
    return plain;
  } catch (cause) {
    throw damaged(cause);
  }
}

function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

async function* inSegments(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of content) {
    held.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    bytes += piece.length;
    if (bytes < STORED_SEGMENT_BYTES) continue;
    let rest = Buffer.concat(held, bytes);
    while (rest.length >= STORED_SEGMENT_BYTES) {
      yield rest.subarray(0, STORED_SEGMENT_BYTES);
      rest = rest.subarray(STORED_SEGMENT_BYTES);
    }
    held = [rest];
    bytes = rest.length;
  }
  if (bytes > 0) yield Buffer.concat(held, bytes);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(content));
}

function damaged(cause?: unknown) {
  return fail('file-damaged', 'This file is not as it was written: it was changed, cut short or put together anew.', {
    cause,
  });
}
