import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { type DataKeys, openDataKeys, REREAD_MS } from './data-keys.ts';
import type { Database } from './database.ts';
import { failuresOf } from './failure.ts';
import { openKeyring } from './keyring.ts';
import { sealProblems } from './kms.ts';
import type { LocalKey } from './kms-local.ts';
import type { Logger } from './log.ts';

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
  /** The same for what is no text. */
  closeBytes(secret: Uint8Array, purpose: string, id: string): Buffer;
  openBytes(sealed: Buffer, purpose: string, id: string): Buffer;
  /** Another key of 32 octets, always the same for a purpose, for what is not sealed but must not be guessed. */
  derive(purpose: string): Buffer;
  /**
   * How a value is sealed, without opening it: `current` under the key that is sealed with now, `earlier` under one
   * before, `older-form` as earlier checkouts of Kept did, `unknown` under a key that is not there, `none` if it is not sealed.
   */
  stateOf(sealed: Buffer): SealState;
  /** Id of the key that is sealed with now. */
  currentKey(): string;
  /**
   * Learns at once the keys that others made, which happens every half minute anyway.
   * @throws Failure `sealing-key-unusable`, `sealing-key-unavailable`, `database-unavailable`
   */
  learn(): Promise<void>;
}
export type SealState = 'current' | 'earlier' | 'older-form' | 'unknown' | 'none';

export interface OpenSeal extends Seal {
  /** Learns no more keys. */
  stop(): Promise<void>;
}

// version (1) ‖ data key id (16) ‖ nonce (12) ‖ tag (16) ‖ ciphertext
const VERSION = 2;
const KEY_ID_AT = 1;
const NONCE_AT = 17;
// Once: version (1) ‖ fingerprint of the sealing key itself (8) ‖ nonce (12) ‖ tag (16) ‖ ciphertext
const OLDER_VERSION = 1;
const OLDER_NONCE_AT = 9;

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;

/**
 * Opens the keys of the database and keeps up with those that other nodes make.
 * @throws Failure `sealing-key-unusable`, `sealing-key-unavailable`
 */
export async function openSeal(place: {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<OpenSeal> {
  const { config, log } = place;
  const keys = await openDataKeys(place);
  let learning = Promise.resolve();
  const timer = setInterval(() => {
    learning = keys.refresh().catch((error) => {
      log.error({ err: error }, 'the keys that other servers seal with cannot be read');
    });
  }, REREAD_MS);
  timer.unref();
  return {
    ...sealWith(keys, await olderKeys(config)),
    async stop() {
      clearInterval(timer);
      await learning;
    },
  };
}

/**
 * Seals with open keys.
 * @param older keys that once sealed values directly
 */
export function sealWith(keys: DataKeys, older: readonly LocalKey[] = []): Seal {
  function openBytes(sealed: Buffer, purpose: string, id: string): Buffer {
    const { key, at } = keyOf(sealed);
    if (key === undefined)
      throw fail(
        'sealing-key-unusable',
        'A secret was sealed with a key that is not there. Put back the sealing key that this database belongs to.',
      );
    return decipher(key, sealed.subarray(at), contextOf(purpose, id));
  }

  function keyOf(sealed: Buffer): { readonly key: KeyObject | undefined; readonly at: number } {
    if (sealed[0] === VERSION) return { key: keys.find(dataKeyIn(sealed))?.key, at: NONCE_AT };
    if (sealed[0] !== OLDER_VERSION) return { key: undefined, at: 0 };
    const fingerprint = sealed.subarray(KEY_ID_AT, OLDER_NONCE_AT);
    return { key: older.find((key) => key.fingerprint.equals(fingerprint))?.octets, at: OLDER_NONCE_AT };
  }

  function closeBytes(secret: Uint8Array, purpose: string, id: string): Buffer {
    const { id: keyId, key } = keys.current();
    const nonce = randomBytes(NONCE_OCTETS);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(contextOf(purpose, id));
    const text = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), octetsOf(keyId), nonce, cipher.getAuthTag(), text]);
  }

  return {
    closeBytes,
    openBytes,
    close: (secret, purpose, id) => closeBytes(Buffer.from(secret), purpose, id),
    open: (sealed, purpose, id) => openBytes(sealed, purpose, id).toString(),
    derive: (purpose) => Buffer.from(hkdfSync('sha256', keys.derivation(), Buffer.alloc(0), `kept ${purpose}`, 32)),
    currentKey: () => keys.current().id,
    learn: () => keys.refresh(),
    stateOf(sealed) {
      const { key, at } = keyOf(sealed);
      if (at === 0 || sealed.length < at + NONCE_OCTETS + TAG_OCTETS) return 'none';
      if (key === undefined) return 'unknown';
      if (at === OLDER_NONCE_AT) return 'older-form';
      return dataKeyIn(sealed) === keys.current().id ? 'current' : 'earlier';
    },
  };
}

/** Keys that Kept holds itself once sealed values directly. Those are sealed anew, but may come back from a backup. */
async function olderKeys(config: Config): Promise<readonly LocalKey[]> {
  const keyring = await openKeyring(config, { make: false });
  keyring.close();
  return keyring.local;
}

function decipher(key: KeyObject, sealed: Buffer, context: Buffer): Buffer {
  const tagAt = NONCE_OCTETS + TAG_OCTETS;
  try {
    const opening = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_OCTETS), {
      authTagLength: TAG_OCTETS,
    })
      .setAAD(context)
      .setAuthTag(sealed.subarray(NONCE_OCTETS, tagAt));
    return Buffer.concat([opening.update(sealed.subarray(tagAt)), opening.final()]);
  } catch (cause) {
    throw fail('sealing-key-unusable', 'A sealed secret was changed or belongs elsewhere.', { cause });
  }
}

function contextOf(purpose: string, id: string): Buffer {
  return Buffer.from(`${purpose}\0${id}`);
}

function octetsOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function dataKeyIn(sealed: Buffer): string {
  const hex = sealed.subarray(KEY_ID_AT, NONCE_AT).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
