import { access, constants, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type Condition,
  type ConnectedSystem,
  type Exclusion,
  type Inspection,
  type Measure,
  type Obstacle,
  type Pressure,
  type Reclaimed,
  StatementRefused,
  type Target,
} from '../connector.ts';
import { nearestNames } from '../nearest.ts';
import { disposeFiles, heldPaths } from './dispose.ts';
import { type Remover, removeAll } from './remove.ts';
import { errnoOf, folderOf, openRoot, type Root, requireRoot } from './root.ts';
import { meets, walk } from './walk.ts';

/** Where the connector reports what no call can answer. `pino` fits. */
interface FolderLog {
  warn(details: object, message: string): void;
}

/** A folder of files of a customer: attachments, backups, logs. Throws `SystemUnreachable`. */
export async function connectFolder(options: {
  readonly name: string;
  readonly path: string;
  /** Zone in which dates in names are meant, UTC when absent. */
  readonly timeZone?: string;
  readonly log?: FolderLog | undefined;
}): Promise<ConnectedSystem> {
  const root = await openRoot(options.name, options.path, options.timeZone ?? 'UTC');
  const kept = new Set<string>();
  const remover: Remover = {
    root,
    kept,
    freed: new Map(),
    refused: (code) => options.log?.warn({ system: options.name, code }, 'a file could not be removed'),
  };
  const remember = (target: Target) => kept.add(join(root.path, target.name));
  return {
    kind: 'folder',
    async inspect(target) {
      remember(target);
      return inspect(root, target);
    },
    async measure(target, condition, exclusion) {
      remember(target);
      return measure(root, target, condition, exclusion);
    },
    async estimate(target, condition, exclusion) {
      remember(target);
      const measured = await measure(root, target, condition, exclusion);
      return { ...measured, exact: true, seconds: measured.matching / filesPerSecond, walBytes: 0 };
    },
    async disposeBatch(batch) {
      remember(batch.target);
      return disposeFiles(remover, batch);
    },
    outcomeOf: async () => 'unknown',
    reclaim: async (target) => reclaim(remover, target),
    pressure: () => pressure(root),
    async probe() {
      throw notADatabase(root);
    },
    readAccounts() {
      throw notADatabase(root);
    },
    readAttachmentPaths() {
      throw notADatabase(root);
    },
    async removeFile(relativePath) {
      const [removal = 'failed'] = await removeAll(remover, [relativePath]);
      return removal;
    },
    async removeFiles(relativePaths) {
      const removals = await removeAll(remover, relativePaths);
      return relativePaths.filter((_path, index) => removals[index] === 'failed');
    },
    async *listFiles(target) {
      remember(target);
      for await (const { path, modifiedAt, bytes } of walk(root, target)) yield { path, modifiedAt, bytes };
    },
    close: async () => {},
  };
}

/** What a spinning disk manages at half duty; only an order of magnitude. */
const filesPerSecond = 500;

async function inspect(root: Root, target: Target): Promise<Inspection> {
  await requireRoot(root);
  const empty = {
    path: 'file' as const,
    pathReason: 'Files go one by one.',
    dependants: [],
    references: [],
    partitions: [],
  };
  const obstacle = await obstacleOf(root, target);
  if (obstacle !== null) return { ...empty, obstacles: [obstacle], rowEstimate: 0, bytes: 0 };
  let rowEstimate = 0;
  let bytes = 0;
  for await (const file of walk(root, target)) {
    rowEstimate += 1;
    bytes += file.bytes;
  }
  return { ...empty, obstacles: [], rowEstimate, bytes };
}

async function obstacleOf(root: Root, target: Target): Promise<Obstacle | null> {
  let folder: string;
  try {
    folder = await folderOf(root, target.name);
  } catch (error) {
    if (!(error instanceof StatementRefused)) throw error;
    const siblings = await readdir(join(root.path, dirname(target.name)), { withFileTypes: true }).catch(() => []);
    const names = siblings
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(dirname(target.name), entry.name));
    return {
      code: 'missing-table',
      place: target.name,
      explanation: error.message,
      remedy: error.remedy,
      nearest: error.code === 'ENOENT' ? nearestNames(target.name, names) : [],
    };
  }
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return {
      code: 'missing-privilege',
      place: target.name,
      explanation: `This process may not remove files in ${target.name} (${errnoOf(error)}).`,
      remedy: 'Give the user of this process read, write and search permission on the folder and those below it.',
      nearest: [],
    };
  }
}

async function measure(root: Root, target: Target, condition: Condition, exclusion: Exclusion): Promise<Measure> {
  const held = heldPaths(exclusion.keys);
  const sum = { rows: 0, matching: 0, excluded: 0, withoutClock: 0 };
  let oldestAt: Date | null = null;
  let oldestMatchingAt: Date | null = null;
  let oldestExcludedAt: Date | null = null;
  for await (const file of walk(root, target)) {
    const at = file.span.from;
    sum.rows += 1;
    oldestAt = earlier(oldestAt, at);
    if (!meets(file, condition)) continue;
    if (exclusion.dataset || held.has(file.path)) {
      sum.excluded += 1;
      oldestExcludedAt = earlier(oldestExcludedAt, at);
    } else {
      sum.matching += 1;
      oldestMatchingAt = earlier(oldestMatchingAt, at);
    }
  }
  return { ...sum, oldestAt, oldestMatchingAt, oldestExcludedAt };
}

function earlier(one: Date | null, other: Date): Date {
  return one !== null && one < other ? one : other;
}

/** What removals below the target have given back since it was last asked: the blocks of the files. */
function reclaim(remover: Remover, target: Target): Reclaimed {
  const started = performance.now();
  let bytesReturned = 0;
  for (const [folder, bytes] of remover.freed) {
    const isBelow = target.name === '.' || folder === target.name || folder.startsWith(`${target.name}/`);
    if (!isBelow) continue;
    bytesReturned += bytes;
    remover.freed.delete(folder);
  }
  return { bytesReusable: 0, bytesReturned, elapsedMs: performance.now() - started };
}

/** Removing files makes room, so only a disk without room for the removal itself is a reason to wait. */
const leastBytes = 16 * 1024 ** 2;

async function pressure(root: Root): Promise<readonly Pressure[]> {
  await requireRoot(root);
  const disk = await statfs(root.path);
  const free = disk.bavail * disk.bsize;
  if (free >= leastBytes) return [];
  return [{ code: 'low-disk', explanation: `The volume of ${root.name} has ${Math.round(free / 1024)} KiB left.` }];
}

function notADatabase(root: Root): StatementRefused {
  return new StatementRefused(
    'no-database',
    `${root.name} is a folder, not a database.`,
    'Correct the system in the data map.',
  );
}
