import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Depot } from './depot.ts';
import { Failure, failuresOf } from './failure.ts';
import { type StoredFile, storageProblems } from './files.ts';
import { loadS3, openS3Client, type S3Place, s3CodeOf } from './s3-client.ts';
import type { StoredPart } from './sealed-file.ts';

const fail = failuresOf(storageProblems);

const PART_BYTES = 8 * 1024 * 1024;
/** S3 takes 10,000 parts at most: at this size 80 GB. */
const PARTS_AT_ONCE = 2;

/** Files in a bucket of S3-compatible storage. It shows an object when it is whole, and replaces one at that moment. */
export function openS3Depot(place: S3Place): Depot {
  let opening: Promise<S3Client> | undefined;
  const client = () => {
    opening ??= openS3Client(place);
    return opening;
  };
  const named = (key: string) => ({ Bucket: place.bucket, Key: place.prefix + key });
  return {
    put: async (key, content, signal) => put(await client(), named(key), content, signal),
    get: async (key, start, end) => get(await client(), named(key), start, end),
    async remove(key) {
      const { DeleteObjectCommand } = await loadS3();
      try {
        await (await client()).send(new DeleteObjectCommand(named(key)));
      } catch (error) {
        if (s3CodeOf(error) !== 'NoSuchKey') throw unavailable(error);
      }
    },
    async *list(prefix) {
      yield* list(await client(), place, prefix);
    },
    sweep: async (before) => sweep(await client(), place, before),
    async close() {
      (await opening)?.destroy();
    },
  };
}

interface Named {
  readonly Bucket: string;
  readonly Key: string;
}

async function put(
  client: S3Client,
  named: Named,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { Upload } = await import('@aws-sdk/lib-storage');
  // What the source throws is its own: it must not pass for trouble of the storage.
  const source: { failed?: { readonly error: unknown } } = {};
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of content) {
        signal?.throwIfAborted();
        yield piece;
      }
    } catch (error) {
      source.failed = { error };
      throw error;
    }
  }
  const body = Readable.from(watched(), { objectMode: false, highWaterMark: 1024 * 1024 });
  const upload = new Upload({
    client,
    params: { ...named, Body: body, ContentType: 'application/octet-stream' },
    partSize: PART_BYTES,
    queueSize: PARTS_AT_ONCE,
    leavePartsOnError: false,
  });
  const abort = () => void upload.abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await upload.done();
  } catch (error) {
    body.destroy();
    if (source.failed !== undefined) throw source.failed.error;
    signal?.throwIfAborted();
    throw unavailable(error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function get(client: S3Client, named: Named, start: number, end: number | null): Promise<StoredPart | undefined> {
  const { GetObjectCommand } = await loadS3();
  try {
    const Range = `bytes=${start}-${end === null ? '' : end - 1}`;
    const answer = await client.send(new GetObjectCommand({ ...named, Range }));
    if (!(answer.Body instanceof Readable)) throw new Error('the storage answered without a body');
    return { size: sizeOf(answer.ContentRange, answer.ContentLength), content: octets(answer.Body) };
  } catch (error) {
    const code = s3CodeOf(error);
    if (code === 'NoSuchKey' || code === 'NotFound') return undefined;
    // A file that is shorter than its own header says was cut: nothing is behind its end.
    if (code === 'InvalidRange') return { size: start, content: nothing() };
    throw unavailable(error);
  }
}

/** `bytes 0-1023/4096`; a storage that ignores ranges sends everything, which the tags would find out. */
function sizeOf(contentRange: string | undefined, contentLength: number | undefined): number {
  const total = /\/(\d+)$/.exec(contentRange ?? '')?.[1];
  return total === undefined ? (contentLength ?? 0) : Number(total);
}

async function* octets(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) yield piece;
  } catch (error) {
    throw unavailable(error);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* list(client: S3Client, place: S3Place, prefix: string): AsyncGenerator<StoredFile> {
  const { ListObjectsV2Command } = await loadS3();
  let token: string | undefined;
  do {
    const page = { Bucket: place.bucket, Prefix: place.prefix + prefix, ContinuationToken: token };
    const answer = await client.send(new ListObjectsV2Command(page)).catch((error: unknown) => {
      throw unavailable(error);
    });
    for (const { Key, Size, LastModified } of answer.Contents ?? [])
      if (Key !== undefined && LastModified !== undefined)
        yield { key: Key.slice(place.prefix.length), bytes: Size ?? 0, writtenAt: LastModified };
    token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Ends uploads that nobody will finish: their parts take room and are in no list. */
async function sweep(client: S3Client, place: S3Place, before: Date): Promise<number> {
  const { AbortMultipartUploadCommand, ListMultipartUploadsCommand } = await loadS3();
  let swept = 0;
  try {
    const uploads = { Bucket: place.bucket, Prefix: place.prefix };
    const answer = await client.send(new ListMultipartUploadsCommand(uploads));
    for (const { Key, UploadId, Initiated } of answer.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined || Initiated === undefined || Initiated >= before) continue;
      await client.send(new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId }));
      swept += 1;
    }
    return swept;
  } catch (error) {
    // Some storages cannot list them; there a lifecycle rule of the bucket does it (docs/exports.md).
    if (['NotImplemented', 'MethodNotAllowed', 'NoSuchUpload'].includes(s3CodeOf(error))) return swept;
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const remedy = 'Look at KEPT_FILES_URL, and whether its credentials may read, write, list and delete there.';
  return fail('storage-unavailable', `The storage for files refused (${s3CodeOf(cause)}). ${remedy}`, { cause });
}
