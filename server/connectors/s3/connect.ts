import { readS3Url } from '../../platform/s3-client.ts';
import {
  type Batch,
  type BatchOutcome,
  type Condition,
  type ConnectedSystem,
  type Exclusion,
  type Inspection,
  type Measure,
  type PendingBatch,
  StatementRefused,
  SystemUnreachable,
  type Target,
} from '../connector.ts';
import { heldPaths } from '../folder/dispose.ts';
import { meets } from '../folder/walk.ts';
import { type Bucket, type FoundObject, openBucket } from './bucket.ts';

/** Where the connector reports what no call can answer. `pino` fits. */
interface BucketLog {
  warn(details: object, message: string): void;
}

/**
 * A bucket of S3-compatible storage, whose objects are files: targets are what a key begins with, and paths are relative to
 * the prefix in the address. Throws `SystemUnreachable`.
 */
export async function connectS3(options: {
  readonly name: string;
  /** `s3://key:secret@bucket/prefix?region=…&endpoint=…` */
  readonly url: string;
  readonly timeZone?: string;
  readonly log?: BucketLog | undefined;
}): Promise<ConnectedSystem> {
  const { name, log } = options;
  const place = readS3Url(options.url);
  if (place === undefined)
    throw new SystemUnreachable(
      `The credential of ${name} is no address of a bucket.`,
      'Write it like s3://key:secret@bucket/prefix?region=eu-central-1, the secret with percent escapes.',
      undefined,
    );
  const bucket = await openBucket(name, place, options.timeZone ?? 'UTC');
  const freed = { bytes: 0 };
  const remove = async (paths: readonly string[]) => {
    const failed = await bucket.removeAll(paths);
    if (failed.length > 0) log?.warn({ system: name, files: failed.length }, 'files could not be removed');
    return failed;
  };
  return {
    kind: 's3',
    inspect: (target) => inspect(bucket, target),
    measure: (target, condition, exclusion) => measure(bucket, target, condition, exclusion),
    async estimate(target, condition, exclusion) {
      const measured = await measure(bucket, target, condition, exclusion);
      return { ...measured, exact: true, seconds: measured.matching / objectsPerSecond, walBytes: 0 };
    },
    disposeBatch: (batch) => dispose(bucket, batch, freed),
    outcomeOf: async () => 'unknown',
    async reclaim() {
      const { bytes } = freed;
      freed.bytes = 0;
      return { bytesReusable: 0, bytesReturned: bytes, elapsedMs: 0 };
    },
    pressure: async () => [],
    async probe() {
      throw notADatabase(name);
    },
    readAccounts() {
      throw notADatabase(name);
    },
    readAttachmentPaths() {
      throw notADatabase(name);
    },
    async removeFile(path) {
      if ((await bucket.find(path)) === undefined) return 'missing';
      return (await remove([path])).length === 0 ? 'removed' : 'failed';
    },
    removeFiles: remove,
    async *listFiles(target) {
      for await (const { path, modifiedAt, bytes } of bucket.list(target)) yield { path, modifiedAt, bytes };
    },
    close: async () => bucket.close(),
  };
}

/** What one process manages with a few requests at a time; only an order of magnitude. */
const objectsPerSecond = 100;

async function inspect(bucket: Bucket, target: Target): Promise<Inspection> {
  let rowEstimate = 0;
  let bytes = 0;
  for await (const file of bucket.list(target)) {
    rowEstimate += 1;
    bytes += file.bytes;
  }
  return {
    obstacles: [],
    path: 'file',
    pathReason: 'Files go one by one.',
    dependants: [],
    references: [],
    rowEstimate,
    bytes,
    partitions: [],
  };
}

async function measure(bucket: Bucket, target: Target, condition: Condition, exclusion: Exclusion): Promise<Measure> {
  const held = heldPaths(exclusion.keys);
  const sum = { rows: 0, matching: 0, excluded: 0, withoutClock: 0 };
  let oldestAt: Date | null = null;
  let oldestMatchingAt: Date | null = null;
  let oldestExcludedAt: Date | null = null;
  for await (const file of bucket.list(target)) {
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

/** One batch. The caller is told before the first object goes, since nothing can be undone afterwards. */
async function dispose(bucket: Bucket, batch: Batch, freed: { bytes: number }): Promise<BatchOutcome> {
  const started = performance.now();
  if (batch.action.kind !== 'delete')
    throw new StatementRefused(
      'files-only-go',
      'A file can be deleted but not anonymised.',
      'Give files a rule that deletes.',
    );
  const { due, cursor } = await choose(bucket, batch);
  const none: PendingBatch = { disposed: 0, disposedExact: true, refused: 0, cursor, dropped: [] };
  if (due.length === 0) return { ...none, elapsedMs: performance.now() - started };
  await batch.beforeCommit(null, { ...none, disposed: due.length });
  // One that was written again since it was looked at is young again.
  const still: FoundObject[] = [];
  for (const file of due) {
    const now = await bucket.find(file.path);
    if (now?.getTime() === file.modifiedAt.getTime()) still.push(file);
  }
  const failed = new Set(await bucket.removeAll(still.map(({ path }) => path)));
  for (const { path, bytes } of still) if (!failed.has(path)) freed.bytes += bytes;
  return {
    ...none,
    disposed: still.length - failed.size,
    refused: failed.size,
    elapsedMs: performance.now() - started,
  };
}

/** The next objects that are due, having looked at about `size`, and where to go on. */
async function choose(
  bucket: Bucket,
  batch: Batch,
): Promise<{ due: readonly FoundObject[]; cursor: PendingBatch['cursor'] }> {
  const held = heldPaths(batch.exclusion.keys);
  const due: FoundObject[] = [];
  if (batch.exclusion.dataset) return { due, cursor: null };
  const after = batch.cursor === null ? null : String(batch.cursor['after']);
  let looked = 0;
  for await (const file of bucket.list(batch.target, after)) {
    looked += 1;
    if (meets(file, batch.condition) && !held.has(file.path)) due.push(file);
    if (looked >= batch.size) return { due, cursor: { after: file.path } };
  }
  return { due, cursor: null };
}

function notADatabase(name: string): StatementRefused {
  return new StatementRefused(
    'no-database',
    `${name} is a bucket of files, not a database.`,
    'Correct the system in the data map.',
  );
}
