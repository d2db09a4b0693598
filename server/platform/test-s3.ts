import { mkdtempSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import S3rver from 's3rver';
import { loadS3, openS3Client, readS3Url } from './s3-client.ts';

/** An S3-compatible server of the test's own on a free port, with what it really holds. */
export interface TestS3 {
  /** For KEPT_FILES_URL, and for the credential of a system. */
  url(bucket: string, prefix?: string): string;
  read(bucket: string, key: string): Promise<Buffer>;
  write(bucket: string, key: string, content: Buffer): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
  /** Has it look as if it had been written then. */
  setWrittenAt(bucket: string, key: string, at: Date): void;
  close(): Promise<void>;
}

/** @param directory where it keeps its files; the buckets are there from the start */
export async function startTestS3(directory: string, buckets: readonly string[] = ['kept-files']): Promise<TestS3> {
  const place = mkdtempSync(join(directory, 's3-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory: place,
    configureBuckets: buckets.map((name) => ({ name, configs: [] })),
  });
  const { port } = await server.run();
  const url = (bucket: string, prefix = '') =>
    `s3://S3RVER:S3RVER@${bucket}/${prefix}?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}`;
  const client = async () => {
    const read = readS3Url(url('any'));
    if (read === undefined) throw new Error('this is no address of a bucket');
    return openS3Client(read);
  };
  const opened = await client();
  const { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } = await loadS3();
  return {
    url,
    async read(Bucket, Key) {
      const { Body } = await opened.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async write(Bucket, Key, Body) {
      await opened.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    async remove(Bucket, Key) {
      await opened.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    setWrittenAt(bucket, key, at) {
      utimesSync(join(place, bucket, `${key}._S3rver_object`), at, at);
    },
    async close() {
      opened.destroy();
      await server.close();
    },
  };
}
