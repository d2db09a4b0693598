import { realpath, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, flush, isInside, look, partsOf, type Root, requireRoot } from './root.ts';

/** What a removal needs to know beside the path. */
export interface Remover {
  readonly root: Root;
  /** Folders that stay even when they are empty, absolute: the targets that were asked about. */
  readonly kept: ReadonlySet<string>;
  /** Bytes given back so far, by relative folder. */
  readonly freed: Map<string, number>;
  /** Reports a path that was refused; the path itself stays out of the log, since it may name a person. */
  refused(code: string): void;
}

export type Removal = 'removed' | 'missing' | 'failed';

/**
 * Removes files one after the other and makes it durable once per folder. The answer has one removal per path. A path
 * that leads out of the root, a symbolic link and a directory are refused (`failed`).
 */
export async function removeAll(remover: Remover, paths: readonly string[]): Promise<readonly Removal[]> {
  await requireRoot(remover.root);
  const folders = new Map<string, boolean>();
  const touched = new Set<string>();
  const removals: Removal[] = [];
  for (const path of paths) {
    const removal = await removeOne(remover, path, folders);
    if (removal === 'removed') touched.add(dirname(join(remover.root.path, path)));
    removals.push(removal);
  }
  for (const folder of touched) await flush(folder);
  for (const folder of touched) await tidy(remover, folder);
  return removals;
}

async function removeOne(remover: Remover, path: string, folders: Map<string, boolean>): Promise<Removal> {
  const { root } = remover;
  const parts = partsOf(path);
  if (parts === null) return refuse(remover, 'outside-root');
  const full = join(root.path, ...parts);
  try {
    const inside = folders.get(dirname(full)) ?? (await isReallyThere(root, dirname(full)));
    folders.set(dirname(full), inside);
    if (!inside) return refuse(remover, 'outside-root');
    const found = await look(full);
    if (found === undefined) return 'missing';
    if (!found.isFile()) return refuse(remover, found.isSymbolicLink() ? 'symbolic-link' : 'no-file');
    await unlink(full);
    const folder = parts.slice(0, -1).join('/');
    // A file that has another name still keeps its space.
    const bytes = found.nlink > 1 ? 0 : (found.blocks ?? 0) * 512;
    remover.freed.set(folder, (remover.freed.get(folder) ?? 0) + bytes);
    return 'removed';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return 'missing';
    return refuse(remover, errnoOf(error));
  }
}

/** Whether no symbolic link on the way leads elsewhere. A folder that is not there throws ENOENT. */
async function isReallyThere(root: Root, folder: string): Promise<boolean> {
  const real = await realpath(folder);
  return real === folder && isInside(root, real);
}

function refuse(remover: Remover, code: string): Removal {
  remover.refused(code);
  return 'failed';
}

/**
 * Removes a folder that became empty, and those above it that become so; never the root, a folder right below it, or
 * one that is a target, since their being there tells a mounted volume from one that is not.
 */
async function tidy(remover: Remover, folder: string): Promise<void> {
  const { root, kept } = remover;
  let current = folder;
  while (current !== root.path && dirname(current) !== root.path && !kept.has(current) && isInside(root, current)) {
    try {
      await rmdir(current);
    } catch (error) {
      const code = errnoOf(error);
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return;
      remover.refused(code);
      return;
    }
    current = dirname(current);
    await flush(current);
  }
}
