import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { failuresOf } from './failure.ts';
import { type KeyEncryptionKey, sealProblems } from './kms.ts';
import { readKeyOctets } from './kms-reference.ts';

const fail = failuresOf(sealProblems);

// nonce (12) ‖ tag (16) ‖ ciphertext
const TAG_AT = 12;
const TEXT_AT = 28;

/** A key that Kept holds itself, from a file or from the environment: the same octets are the same key. */
export interface LocalKey extends KeyEncryptionKey {
  readonly octets: KeyObject;
  /** The first 8 octets of its fingerprint. */
  readonly fingerprint: Buffer;
}

/** @param octets 32 of them */
export function openLocalKey(octets: Buffer, keeper: 'file' | 'environment'): LocalKey {
  const key = createSecretKey(octets);
  const fingerprint = createHash('sha256').update('kept sealing key').update(octets).digest().subarray(0, 8);
  const wrapping = createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), 'kept wraps data keys', 32)));
  return {
    keeper,
    name: `local:${fingerprint.toString('hex')}`,
    octets: key,
    fingerprint,
    async wrap(dataKey, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', wrapping, nonce).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(dataKey), cipher.final()]);
      return { wrapped: Buffer.concat([nonce, cipher.getAuthTag(), text]), version: null };
    },
    async unwrap(wrapped, context) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', wrapping, wrapped.subarray(0, TAG_AT), { authTagLength: 16 })
          .setAAD(Buffer.from(context))
          .setAuthTag(wrapped.subarray(TAG_AT, TEXT_AT));
        return Buffer.concat([decipher.update(wrapped.subarray(TEXT_AT)), decipher.final()]);
      } catch (cause) {
        throw fail('sealing-key-unusable', 'A data key was wrapped with another key, or was changed.', { cause });
      }
    },
    close() {},
  };
}

/**
 * The keys in a file: each a line of Base64, the first wraps, those below open what is older. Lines with `#` are notes.
 * @param make whether a missing file is made, with one new key
 * @throws Failure `sealing-key-unusable`
 */
export function readKeyFile(file: string, make: boolean): [current: LocalKey, ...earlier: LocalKey[]] {
  const lines = (make ? readOrMake(file) : read(file)).split('\n').map((line) => line.trim());
  const keys = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const octets = readKeyOctets(line);
      if (octets === undefined)
        throw fail('sealing-key-unusable', `${file} does not hold 32 octets as Base64 in each line.`);
      return openLocalKey(octets, 'file');
    });
  const [current, ...earlier] = keys;
  if (current === undefined) throw fail('sealing-key-unusable', `${file} holds no key.`);
  return [current, ...earlier];
}

/**
 * Writes keys into the file, whole or not at all.
 * @throws Failure `sealing-key-unusable` with the remedy where it cannot be written
 */
export function writeKeyFile(file: string, keys: readonly LocalKey[]): void {
  const draft = `${file}.${randomUUID()}`;
  const text = keys.map((key) => `${key.octets.export().toString('base64')}\n`).join('');
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(draft, file);
  } catch (cause) {
    throw fail(
      'sealing-key-unusable',
      `${file} cannot be written (${codeOf(cause)}). Put a new key above the present one in it yourself, on every server, and rotate with --prepared.`,
      { cause },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A new key that no file holds yet. */
export function newLocalKey(): LocalKey {
  return openLocalKey(randomBytes(32), 'file');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = codeOf(cause);
    const missing = `${file} is not there. Put back the sealing key that this database belongs to.`;
    throw fail('sealing-key-unusable', code === 'ENOENT' ? missing : `${file} cannot be read (${code}).`, { cause });
  }
}

function readOrMake(file: string): string {
  if (existsSync(file)) return read(file);
  // Whole or not at all, and never in the place of one that another process made in the meantime.
  const draft = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== 'EEXIST') throw fail('sealing-key-unusable', `${file} cannot be written (${code}).`, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
  return read(file);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
