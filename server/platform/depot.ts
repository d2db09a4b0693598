import type { StoredFile } from './files.ts';
import type { StoredPart } from './sealed-file.ts';

/** A place that keeps octets under keys and knows nothing of what they mean: a folder, a bucket. */
export interface Depot {
  /** Whole or not at all. What `content` throws is thrown. @throws Failure `storage-unavailable` */
  put(key: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void>;
  /** Octets `start` to `end` (exclusive; null: to the last); undefined where there is nothing. */
  get(key: string, start: number, end: number | null): Promise<StoredPart | undefined>;
  remove(key: string): Promise<void>;
  list(prefix: string): AsyncIterable<StoredFile>;
  sweep(before: Date): Promise<number>;
  close(): Promise<void>;
}
