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
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import { problems } from './contract.ts';
import { failuresOf } from './failure.ts';

export const sealProblems = problems({
  'sealing-key-unusable': { status: 500, title: 'The key that seals secrets cannot be used' },
});
const fail = failuresOf(sealProblems);

/** Seals secrets that the database must not give away by itself. */
export interface Seal {
  /**
   * @param purpose what the secret is for, such as `totp`
   * @param id whose it is: a sealed value that is moved to another row does not open
   */
  close(secret: string, purpose: string, id: string): Buffer;
  /** @throws Failure `sealing-key-unusable` when another key sealed it, or it was changed or moved */
  open(sealed: Buffer, purpose: string, id: string): string;
  /** Another key of 32 octets, always the same for a purpose, for what is not sealed but must not be guessed. */
  derive(purpose: string): Buffer;
}

// version (1) ‖ key id (8) ‖ nonce (12) ‖ tag (16) ‖ ciphertext
const VERSION = 1;
const KEY_ID_AT = 1;
const NONCE_AT = 9;
const TAG_AT = 21;
const TEXT_AT = 37;

/**
 * Reads the key, 32 random octets as Base64, from `sealing.key` of the data directory or where KEPT_SEALING_KEY_FILE
 * says; makes it when missing. Several nodes share one file.
 * @throws Failure `sealing-key-unusable`
 */
export function openSeal(config: Config): Seal {
  const key = readSealingKey(config.sealingKeyFile ?? join(config.dataDirectory, 'sealing.key'));
  const keyId = createHash('sha256').update('kept sealing key').update(key.export()).digest().subarray(0, 8);
  return {
    derive: (purpose) => Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `kept ${purpose}`, 32)),
    close(secret, purpose, id) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(contextOf(purpose, id));
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), keyId, nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, purpose, id) {
      if (sealed[0] !== VERSION || !sealed.subarray(KEY_ID_AT, NONCE_AT).equals(keyId))
        throw fail(
          'sealing-key-unusable',
          'A secret was sealed with another key. Put back the file sealing.key that this database belongs to.',
        );
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(NONCE_AT, TAG_AT), { authTagLength: 16 })
        .setAAD(contextOf(purpose, id))
        .setAuthTag(sealed.subarray(TAG_AT, TEXT_AT));
      try {
        return decipher.update(sealed.subarray(TEXT_AT), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw fail('sealing-key-unusable', 'A sealed secret was changed or belongs elsewhere.', { cause });
      }
    },
  };
}

function contextOf(purpose: string, id: string): Buffer {
  return Buffer.from(`${purpose}\0${id}`);
}

function readSealingKey(file: string): KeyObject {
  const octets = Buffer.from(readOrMake(file).trim(), 'base64');
  if (octets.length !== 32) throw fail('sealing-key-unusable', `${file} does not hold 32 octets as Base64.`);
  return createSecretKey(octets);
}

function readOrMake(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code !== 'ENOENT') throw fail('sealing-key-unusable', `${file} cannot be read (${code}).`, { cause });
  }
  // Whole or not at all, and never in the place of one that another process made in the meantime.
  const draft = `${file}.${randomUUID()}`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code !== 'EEXIST') throw fail('sealing-key-unusable', `${file} cannot be written (${code}).`, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
}
