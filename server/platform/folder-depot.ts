import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, type Stats } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Depot } from './depot.ts';
import { failuresOf } from './failure.ts';
import { type StoredFile, storageProblems } from './files.ts';
import type { StoredPart } from './sealed-file.ts';

const fail = failuresOf(storageProblems);

/** Where files are written until they are whole. A key cannot begin with a dot, so this is never listed. */
const PARTIAL = '.partial';
/** Folders that are there from the beginning, so that a volume that is not mounted differs from one without files. */
const AREAS = ['exports', 'attachments'];

/**
 * Files in a folder, which several nodes may share. A file is written beside its place, made durable and renamed.
 * @throws Failure `storage-unavailable`
 */
export function openFolderDepot(root: string): Depot {
  try {
    for (const area of [PARTIAL, ...AREAS]) mkdirSync(join(root, area), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unavailable(error);
  }
  const placeOf = (key: string) => join(root, ...key.split('/'));
  return {
    put: (key, content, signal) => put(root, placeOf(key), content, signal),
    async get(key, start, end) {
      const place = placeOf(key);
      const found = await look(place);
      return found === undefined ? undefined : partOf(place, found, start, end);
    },
    async remove(key) {
      const place = placeOf(key);
      try {
        await rm(place);
        await flush(dirname(place));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw unavailable(error);
      }
    },
    list: (prefix) =>
      listBelow(
        root,
        prefix.split('/').filter((part) => part !== ''),
      ),
    async sweep(before) {
      let swept = 0;
      for (const name of await namesIn(join(root, PARTIAL))) {
        const place = join(root, PARTIAL, name);
        const found = await look(place);
        if (found === undefined || found.mtime >= before) continue;
        await rm(place, { force: true });
        swept += 1;
      }
      return swept;
    },
    async close() {},
  };
}

async function put(
  root: string,
  place: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const draft = join(root, PARTIAL, randomUUID());
  const handle = await open(draft, 'wx', 0o600).catch((error) => {
    throw unavailable(error);
  });
  try {
    try {
      for await (const piece of content) {
        signal?.throwIfAborted();
        await writeAll(handle, piece);
      }
      await handle.sync().catch((error) => {
        throw unavailable(error);
      });
    } finally {
      await handle.close();
    }
    signal?.throwIfAborted();
    await moveTo(draft, place);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, piece: Uint8Array): Promise<void> {
  for (let from = 0; from < piece.length; ) {
    try {
      from += (await handle.write(piece, from, piece.length - from)).bytesWritten;
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/** Disposal takes away a folder that became empty, perhaps between making it and moving the file there. */
async function moveTo(draft: string, place: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await rename(draft, place);
      await flush(dirname(place));
      await flush(dirname(dirname(place)));
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt >= 5) throw unavailable(error);
    }
  }
}

function partOf(place: string, { size }: Stats, start: number, end: number | null): StoredPart {
  const last = Math.min(end ?? size, size) - 1;
  return { size, content: start > last ? nothing() : octets(place, start, last) };
}

async function* octets(place: string, start: number, last: number): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(place, { start, end: last, highWaterMark: 256 * 1024 })) yield piece;
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? fail('file-not-found', 'The file went while it was read.') : unavailable(error);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Ascending by the octets of the key: a folder sorts as its name and a slash. */
async function* listBelow(root: string, parts: readonly string[]): AsyncGenerator<StoredFile> {
  const folder = join(root, ...parts);
  const entries: { readonly sort: string; readonly name: string; readonly found: Stats }[] = [];
  for (const name of await namesIn(folder)) {
    if (parts.length === 0 && name === PARTIAL) continue;
    const found = await look(join(folder, name));
    if (found !== undefined) entries.push({ sort: found.isDirectory() ? `${name}/` : name, name, found });
  }
  entries.sort((one, other) => (one.sort < other.sort ? -1 : 1));
  for (const { name, found } of entries) {
    if (found.isDirectory()) yield* listBelow(root, [...parts, name]);
    else if (found.isFile()) yield { key: [...parts, name].join('/'), bytes: found.size, writtenAt: found.mtime };
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unavailable(error);
  }
}

async function look(place: string): Promise<Stats | undefined> {
  try {
    return await stat(place);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw unavailable(error);
  }
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function unavailable(cause: unknown) {
  const code = codeOf(cause);
  const remedy =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'The disk is full: make room, or set KEPT_FILES_URL to another place.'
      : 'Look whether the folder of KEPT_FILES_URL is there and this user may write to it.';
  return fail('storage-unavailable', `The folder for files refused (${code || 'unknown'}). ${remedy}`, { cause });
}
