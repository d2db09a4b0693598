import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../platform/config.ts';
import { type Checkpoint, Flaw, openNote, parseCheckpoint, type VerifierKey } from './proof.ts';

/**
 * The checkpoints outside the database, in files: what tells a database that was restored from a backup that it has
 * signed more than it remembers. A file per log (its origin, percent-encoded, and `.txt`) holds the signed notes in
 * the order of signing, a blank line after each. It may be cut at the front; only the newest note counts.
 */
export interface OutsideCopy {
  readonly place: 'data-directory' | 'folder';
  readonly folder: string;
  /**
   * The newest tree head there that this key signed, undefined when there is none.
   * @throws OutsideTrouble when it cannot be told
   */
  latest(origin: string, key: VerifierKey): Promise<Checkpoint | undefined>;
  /**
   * Adds a note and waits until the disk has it.
   * @throws OutsideTrouble
   */
  append(origin: string, note: string): Promise<void>;
}

/** A copy outside the database cannot be read or written; the message says which and why. */
export class OutsideTrouble extends Error {
  constructor(folder: string, cause: unknown) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    super(`The checkpoints in ${folder} cannot be read or written (${reason}).`, { cause });
    this.name = 'OutsideTrouble';
  }
}

/** The copies that the configuration asks for. */
export function outsideCopies(config: Config): OutsideCopy[] {
  const own = fileCopy('data-directory', join(config.dataDirectory, 'checkpoints'));
  return config.checkpointFolder === undefined ? [own] : [own, fileCopy('folder', config.checkpointFolder)];
}

/** How much of a file's end is read: dozens of notes. */
const tailBytes = 16_384;

function fileCopy(place: OutsideCopy['place'], folder: string): OutsideCopy {
  const pathOf = (origin: string) => join(folder, `${encodeURIComponent(origin)}.txt`);
  return {
    place,
    folder,
    async latest(origin, key) {
      try {
        return await newestNote(await readTail(pathOf(origin)), origin, key);
      } catch (error) {
        throw new OutsideTrouble(folder, error);
      }
    },
    async append(origin, note) {
      try {
        // The operator's folder may be a mount that is away just now: writing below its mount point would look fine.
        if (place === 'data-directory') await mkdir(folder, { recursive: true });
        else await stat(folder);
        await appendDurably(pathOf(origin), folder, note);
      } catch (error) {
        throw new OutsideTrouble(folder, error);
      }
    },
  };
}

/** The newest note that this key signed. What is torn or foreign does not count: it proves nothing. */
async function newestNote(text: string, origin: string, key: VerifierKey): Promise<Checkpoint | undefined> {
  const notes = text.match(/^[^\n]+\n\d+\n[A-Za-z0-9+/]{43}=\n\n(?:— [^\n]+\n)+/gm) ?? [];
  for (const note of notes.reverse()) {
    try {
      const checkpoint = parseCheckpoint(await openNote(note, key));
      if (checkpoint.origin === origin) return checkpoint;
    } catch (error) {
      if (!(error instanceof Flaw)) throw error;
    }
  }
  return undefined;
}

async function readTail(path: string): Promise<string> {
  const handle = await openIfThere(path);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function appendDurably(path: string, folder: string, note: string): Promise<void> {
  const handle = await open(path, 'a+', 0o644);
  try {
    const { size } = await handle.stat();
    // After a power cut the end of the file may be torn; a line of its own keeps the next note whole.
    const torn = size > 0 && (await lastByte(handle, size)) !== 0x0a;
    await handle.appendFile(`${torn ? '\n' : ''}${note}\n`);
    await handle.sync();
    if (size === 0) await syncFolder(folder);
  } finally {
    await handle.close();
  }
}

async function lastByte(handle: FileHandle, size: number): Promise<number | undefined> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0];
}

/** A new file survives a power cut only when its folder is on the disk, too. Windows has no such call. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
