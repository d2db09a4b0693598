import { posix } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { loadS3, openS3Client, type S3Place, s3CodeOf } from '../../platform/s3-client.ts';
import { StatementRefused, SystemUnreachable, type Target } from '../connector.ts';
import { dateInName } from '../folder/name-date.ts';
import { partsOf } from '../folder/root.ts';
import type { FoundFile } from '../folder/walk.ts';

export type FoundObject = FoundFile;

/** The objects behind a prefix. Every call may throw `SystemUnreachable` or `StatementRefused`. */
export interface Bucket {
  /** Those of a target in byte order of their paths, behind `after`. */
  list(target: Target, after?: string | null): AsyncGenerator<FoundObject>;
  /** When it was written; undefined where there is none. */
  find(path: string): Promise<Date | undefined>;
  /** Removes them; resolves to those that could not go. */
  removeAll(paths: readonly string[]): Promise<string[]>;
  close(): void;
}

const AT_ONCE = 8;

/** Opens the bucket and looks whether it lets go of what is removed. */
export async function openBucket(name: string, place: S3Place, timeZone: string): Promise<Bucket> {
  const client = await openS3Client(place);
  try {
    await requireForgetting(client, name, place);
  } catch (error) {
    client.destroy();
    throw error;
  }
  const named = (path: string) => ({ Bucket: place.bucket, Key: place.prefix + path });
  return {
    list: (target, after = null) => list(client, { name, place, timeZone }, target, after),
    async find(path) {
      const { HeadObjectCommand } = await loadS3();
      try {
        return (await client.send(new HeadObjectCommand(named(path)))).LastModified;
      } catch (error) {
        if (['NotFound', 'NoSuchKey'].includes(s3CodeOf(error))) return undefined;
        throw troubleOf(name, error);
      }
    },
    async removeAll(paths) {
      const { DeleteObjectCommand } = await loadS3();
      const failed: string[] = [];
      for (let from = 0; from < paths.length; from += AT_ONCE)
        await Promise.all(
          paths.slice(from, from + AT_ONCE).map(async (path) => {
            if (partsOf(path) === null) {
              failed.push(path);
              return;
            }
            try {
              await client.send(new DeleteObjectCommand(named(path)));
            } catch (error) {
              const code = s3CodeOf(error);
              if (code === 'NoSuchKey' || code === 'NotFound') return;
              const trouble = troubleOf(name, error);
              // Nobody there is no answer about any of them.
              if (trouble instanceof SystemUnreachable) throw trouble;
              failed.push(path);
            }
          }),
        );
      return failed;
    },
    close: () => client.destroy(),
  };
}

/** A bucket with versions keeps what is removed, so that a removal proves nothing. */
async function requireForgetting(client: S3Client, name: string, place: S3Place): Promise<void> {
  const { GetBucketVersioningCommand } = await loadS3();
  try {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: place.bucket }));
    if (Status === undefined) return;
    throw new StatementRefused(
      'versioned-bucket',
      `The bucket of ${name} keeps earlier versions of its objects, so what is removed is still there.`,
      'Use a bucket without versioning.',
    );
  } catch (error) {
    if (error instanceof StatementRefused) throw error;
    // Storages that know no versions keep none.
    if (['NotImplemented', 'MethodNotAllowed', 'InvalidArgument'].includes(s3CodeOf(error))) return;
    throw troubleOf(name, error);
  }
}

async function* list(
  client: S3Client,
  { name, place, timeZone }: { name: string; place: S3Place; timeZone: string },
  target: Target,
  after: string | null,
): AsyncGenerator<FoundObject> {
  const { ListObjectsV2Command } = await loadS3();
  const below = prefixOf(name, target);
  const match = target.files?.match ?? '**';
  let before: Buffer | null = null;
  let token: string | undefined;
  do {
    const answer = await client
      .send(
        new ListObjectsV2Command({
          Bucket: place.bucket,
          Prefix: place.prefix + below,
          ...(token !== undefined && { ContinuationToken: token }),
          ...(token === undefined && after !== null && { StartAfter: place.prefix + after }),
        }),
      )
      .catch((error: unknown) => {
        throw troubleOf(name, error);
      });
    for (const { Key, Size, LastModified } of answer.Contents ?? []) {
      if (Key === undefined || LastModified === undefined || Key.endsWith('/')) continue;
      const key = Buffer.from(Key);
      if (before !== null && Buffer.compare(before, key) >= 0) throw unordered(name);
      before = key;
      const path = Key.slice(place.prefix.length);
      if (!isMeant(path.slice(below.length), match)) continue;
      const modified = { from: LastModified, to: new Date(LastModified.getTime() + 1) };
      const span = (target.files?.clock === 'name' ? dateInName(path, timeZone) : undefined) ?? modified;
      yield { path, span, modifiedAt: LastModified, bytes: Size ?? 0 };
    }
    token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function prefixOf(name: string, target: Target): string {
  if (target.name === '' || target.name === '.') return '';
  if (partsOf(target.name) !== null) return `${target.name}/`;
  throw new StatementRefused(
    'outside-root',
    `A folder of ${name} leads out of it.`,
    'Correct the folder in the data map.',
  );
}

/** Globs pass over hidden files; a promise about a folder does not. */
function isMeant(path: string, match: string): boolean {
  return posix.matchesGlob(path, match) || posix.matchesGlob(path.replaceAll(/(^|\/)\./g, '$1_.'), match);
}

/** Files that nobody names are found by merging two sorted lists: another order would take files that are named. */
function unordered(name: string): StatementRefused {
  return new StatementRefused(
    'unordered-listing',
    `The storage of ${name} does not list its objects in the order of their keys.`,
    'Use a storage that lists as S3 does, in UTF-8 byte order (directory buckets do not).',
  );
}

const unreachable = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'NoSuchBucket',
  'PermanentRedirect',
  'CredentialsProviderError',
  'TimeoutError',
  'NetworkingError',
  'ServiceUnavailable',
  'SlowDown',
  'InternalError',
]);

function troubleOf(name: string, error: unknown): SystemUnreachable | StatementRefused {
  const code = s3CodeOf(error);
  if (unreachable.has(code) || /^E[A-Z_]+$/.test(code))
    return new SystemUnreachable(
      `The storage of ${name} does not answer as it should (${code}).`,
      'Look at the address, the region and the credentials, and whether the bucket is there.',
      code,
    );
  return new StatementRefused(
    code,
    `The storage of ${name} refused (${code}).`,
    'Let these credentials list the bucket, ask for its versioning, and read and delete its objects.',
  );
}
