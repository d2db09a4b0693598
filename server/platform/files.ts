import { problems } from './contract.ts';

export const storageProblems = problems({
  'file-not-found': { status: 404, title: 'There is no such file' },
  'file-damaged': { status: 500, title: 'A stored file was changed or cut short' },
  'storage-unavailable': { status: 503, title: 'The storage for files cannot be reached' },
});

/** What a file turned out to be: its plain content, as whoever downloads it will count and hash it. */
export interface WrittenFile {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface StoredFile {
  readonly key: string;
  /** As stored, so with what encryption adds. */
  readonly bytes: number;
  readonly writtenAt: Date;
}

/** A part of the plain content: octets `start` (inclusive) to `end` (exclusive). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Files outside the database, encrypted always, in a folder or in S3-compatible storage (KEPT_FILES_URL). Keys are opaque
 * and hold nothing personal: `exports/<organisation>/<uuid>`, `attachments/<organisation>/<uuid>`; parts of letters,
 * digits, `-` and `_`, separated by `/`. Whoever writes a file writes its key into the database before, so that a process
 * that is killed leaves nothing that nobody knows of.
 */
export interface Files {
  /**
   * Writes a file whole or not at all; one under the same key is replaced at the end. Memory does not grow with the size.
   * What `source` throws is thrown, and nothing was written.
   * @throws Failure `storage-unavailable`
   */
  write(
    key: string,
    source: AsyncIterable<Uint8Array>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<WrittenFile>;
  /**
   * The plain content. Every octet was authenticated before it is given out; a file that was changed, cut short, put
   * together anew or moved to another key throws on the way.
   * @throws Failure `file-not-found`, `file-damaged`, `storage-unavailable`
   */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Fine when it is not there. @throws Failure `storage-unavailable` */
  remove(key: string): Promise<void>;
  /** All whose key begins with the prefix, which ends in `/` or is empty; ascending by key. */
  list(prefix: string): AsyncIterable<StoredFile>;
  /**
   * Removes what writers that were killed left half done and did not touch since `before`; such parts are never listed.
   * @returns how many
   */
  sweep(before: Date): Promise<number>;
  close(): Promise<void>;
}
