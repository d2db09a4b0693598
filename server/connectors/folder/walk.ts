import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Condition, StatementRefused, type Target } from '../connector.ts';
import { dateInName, type Span } from './name-date.ts';
import { errnoOf, folderOf, look, type Root, refusal, requireRoot } from './root.ts';

/** A file of a target. */
export interface FoundFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly span: Span;
  readonly modifiedAt: Date;
  readonly bytes: number;
}

/**
 * The files of a target in byte order of their paths, behind `after`. One directory's names are in memory at a time
 * (and those of the directories above it). Symbolic links are neither followed nor listed.
 */
export async function* walk(root: Root, target: Target, after: string | null = null): AsyncGenerator<FoundFile> {
  await requireRoot(root);
  const folder = await folderOf(root, target.name);
  const prefix = folder === root.path ? '' : `${target.name}/`;
  const match = target.files?.match ?? '**';
  const byName = target.files?.clock === 'name';
  try {
    for await (const path of pathsBelow(folder, prefix, after)) {
      const below = path.slice(prefix.length);
      if (!isMeant(below, match)) continue;
      const found = await look(join(root.path, path));
      if (found === undefined || !found.isFile()) continue;
      const modified = { from: found.mtime, to: new Date(found.mtime.getTime() + 1) };
      const span = (byName ? dateInName(below, root.timeZone) : undefined) ?? modified;
      yield { path, span, modifiedAt: found.mtime, bytes: found.size };
    }
  } catch (error) {
    throw refusal(root, error);
  }
}

/** Globs pass over hidden files; a promise about a folder does not. */
function isMeant(path: string, match: string): boolean {
  return posix.matchesGlob(path, match) || posix.matchesGlob(path.replaceAll(/(^|\/)\./g, '$1_.'), match);
}

async function* pathsBelow(folder: string, prefix: string, after: string | null): AsyncGenerator<string> {
  for (const entry of sorted(await entriesOf(folder))) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) {
      const inside = `${path}/`;
      const isBehind = after === null || compareBytes(inside, after) > 0 || after.startsWith(inside);
      if (isBehind) yield* pathsBelow(join(folder, entry.name), inside, after);
    } else if (entry.isFile() && (after === null || compareBytes(path, after) > 0)) {
      yield path;
    }
  }
}

/** A directory that goes away while we walk has no files; everything else that fails must be seen. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    if (entries.some(({ name }) => name.includes('\u{fffd}'))) {
      throw new StatementRefused(
        'EILSEQ',
        'A file has a name that is not UTF-8, so it could neither be named nor removed.',
        'Rename files whose names are in another encoding.',
      );
    }
    return entries;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** In the order their full paths will have: what is below a directory sorts as its name and a slash. */
function sorted(entries: Dirent[]): Dirent[] {
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name),
  }));
  return keyed.sort((one, other) => Buffer.compare(one.key, other.key)).map(({ entry }) => entry);
}

function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Whether a file is meant. Files know their age and nothing else; other conditions throw `StatementRefused`. */
export function meets(file: FoundFile, condition: Condition): boolean {
  if (condition.kind === 'older') return file.span.to.getTime() <= condition.before.getTime();
  if (condition.kind === 'all') return condition.of.every((part) => meets(file, part));
  throw new StatementRefused(
    'files-have-only-age',
    `A file cannot tell whether it is meant by “${condition.kind}”.`,
    'Give the files a rule by age, or name them as attachments of the rows they belong to.',
  );
}
