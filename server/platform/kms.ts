import { problems } from './contract.ts';

export const sealProblems = problems({
  'sealing-key-unusable': { status: 500, title: 'The key that seals secrets cannot be used' },
  'sealing-key-unavailable': { status: 503, title: 'The service that holds the sealing key does not answer' },
  'rotation-under-way': { status: 409, title: 'The sealing keys are being rotated already' },
});

/** Where key-encryption keys are kept. */
export type KeyKeeper = 'file' | 'environment' | 'aws-kms' | 'gcp-kms' | 'vault-transit';

/** A data key as the database holds it. */
export interface WrappedKey {
  readonly wrapped: Buffer;
  /** Which version of the key-encryption key wrapped it; null where its keeper does not tell. */
  readonly version: string | null;
}

/**
 * A key that wraps data keys and never lies in the database. All that a key management service has to do for Kept.
 * Both acts throw Failure `sealing-key-unusable` where the key says no, for good, and `sealing-key-unavailable` where
 * its keeper does not answer.
 */
export interface KeyEncryptionKey {
  readonly keeper: KeyKeeper;
  /** Which key it is, the same on every node and after every restart; says nothing about its content. */
  readonly name: string;
  /**
   * @param dataKey 32 octets
   * @param context what is wrapped; the same words are needed to unwrap it
   */
  wrap(dataKey: Buffer, context: string): Promise<WrappedKey>;
  unwrap(wrapped: Buffer, context: string): Promise<Buffer>;
  close(): void;
}
