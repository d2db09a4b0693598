import type { Stats } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { StatementRefused, SystemUnreachable } from '../connector.ts';

/** A folder of a customer, pinned: a volume that was unmounted since must not look like one whose files are gone. */
export interface Root {
  readonly name: string;
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly device: number;
  readonly inode: number;
  /** IANA zone in which dates in names are meant. */
  readonly timeZone: string;
}

/** Throws `SystemUnreachable` where there is no such folder or it cannot be read. */
export async function openRoot(name: string, path: string, timeZone: string): Promise<Root> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    if (!found.isDirectory()) throw gone(name, 'is no folder', 'ENOTDIR');
    return { name, path: real, device: found.dev, inode: found.ino, timeZone };
  } catch (error) {
    if (error instanceof SystemUnreachable) throw error;
    throw gone(name, 'cannot be opened', errnoOf(error));
  }
}

/** Throws `SystemUnreachable` where the folder is no longer the one that was opened. */
export async function requireRoot(root: Root): Promise<void> {
  let found: Stats;
  try {
    found = await stat(root.path);
  } catch (error) {
    throw gone(root.name, 'is not there any more', errnoOf(error));
  }
  if (found.dev !== root.device || found.ino !== root.inode) {
    throw gone(root.name, 'is another one than before (was the volume unmounted?)', 'ESTALE');
  }
}

function gone(name: string, what: string, code: string): SystemUnreachable {
  return new SystemUnreachable(
    `The folder of ${name} ${what} (${code}).`,
    'Check that the volume is mounted, that the path in the credential is right and that this process may read it.',
    code,
  );
}

export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

/** Turns what the file system said into `StatementRefused`; bugs pass unchanged. Paths may name people: left out. */
export function refusal(root: Root, error: unknown): unknown {
  const code = errnoOf(error);
  if (code === 'unknown' || error instanceof StatementRefused || error instanceof SystemUnreachable) return error;
  const remedy =
    code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
      ? 'Let this process read and write the folder and everything below it.'
      : 'Look at the log of the machine for this volume.';
  return new StatementRefused(code, `The folder of ${root.name} refused (${code}).`, remedy);
}

/**
 * Parts of a path relative to the root, or null for anything that could lead out of it: absolute paths, `..`, empty
 * parts, NULs and backslashes (which Windows takes for separators).
 */
export function partsOf(relativePath: string): readonly string[] | null {
  const parts = relativePath.split('/');
  const isSafe = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\0\\]/.test(part));
  return isSafe ? parts : null;
}

/**
 * The folder a target names, absolute. Throws `StatementRefused` where its name, or a symbolic link on the way, leads out
 * of the root.
 */
export async function folderOf(root: Root, target: string): Promise<string> {
  if (target === '' || target === '.') return root.path;
  const parts = partsOf(target);
  if (parts === null) throw outside(root);
  const wanted = join(root.path, ...parts);
  let real: string;
  try {
    real = await realpath(wanted);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT')
      throw new StatementRefused(
        'ENOENT',
        `${root.name} has no folder ${target}.`,
        'Correct the folder in the data map, or create it.',
      );
    throw refusal(root, error);
  }
  // Links inside are not followed either: the same files would be met under two names.
  if (real !== wanted) throw outside(root);
  return wanted;
}

/** Whether a real path lies in the root. */
export function isInside(root: Root, real: string): boolean {
  return real === root.path || real.startsWith(root.path.endsWith(sep) ? root.path : root.path + sep);
}

/** Makes removals in a folder survive a power cut. */
export async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** As `lstat`, undefined where there is nothing. */
export async function look(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function outside(root: Root): StatementRefused {
  return new StatementRefused(
    'outside-root',
    `A folder of ${root.name} leads out of the root, or through a symbolic link.`,
    'Name a folder below the root in the data map, without “..” and symbolic links.',
  );
}
