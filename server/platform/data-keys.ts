import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import {
  type DataKeyUse,
  insertDataKeys,
  type NewDataKey,
  type StoredDataKey,
  selectDataKeys,
} from './data-key-store.ts';
import type { Database } from './database.ts';
import { failuresOf } from './failure.ts';
import { newId } from './ids.ts';
import { type Keyring, openKeyring } from './keyring.ts';
import { sealProblems } from './kms.ts';

const fail = failuresOf(sealProblems);

/** How often a node looks for keys that others made. */
export const REREAD_MS = 30_000;
/** A new key is not sealed with before every node has had time to learn it. */
const SETTLES_MS = 120_000;
export const DATA_KEYS_LOCK = 'platform.data-keys';

/** A data key, open. */
export interface DataKey {
  /** UUID. */
  readonly id: string;
  readonly use: DataKeyUse;
  readonly key: KeyObject;
  readonly createdAt: Date;
}

/** The open data keys of one node. */
export interface DataKeys {
  /** The one that is sealed with now. */
  current(): DataKey;
  find(id: string): DataKey | undefined;
  /** What keys are derived from. */
  derivation(): KeyObject;
  /**
   * Learns keys that others made.
   * @throws Failure `sealing-key-unusable`, `sealing-key-unavailable`, `database-unavailable`
   */
  refresh(): Promise<void>;
}

/**
 * Opens the data keys of the database, and makes the first ones where there are none.
 * @param keyring what the configuration named when the node started
 */
export async function openDataKeys(place: {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
}): Promise<DataKeys> {
  const { config, db, clock } = place;
  const open = new Map<string, DataKey>();
  let ordered: readonly DataKey[] = [];

  async function refresh(): Promise<void> {
    const stored = await db.globalTransaction(selectDataKeys);
    const unknown = stored.filter((key) => !open.has(key.id));
    if (unknown.length === 0) return;
    const keyring = await openKeyring(config, { make: false });
    try {
      for (const key of await Promise.all(unknown.map((one) => unwrapDataKey(keyring, one)))) open.set(key.id, key);
    } finally {
      keyring.close();
    }
    ordered = [...open.values()].sort(newestFirst);
  }

  if ((await db.globalTransaction(selectDataKeys)).length === 0) await makeFirst(config, db, clock);
  await refresh();
  return {
    current() {
      const sealing = ordered.filter((key) => key.use === 'seal');
      const settled = clock.now().getTime() - SETTLES_MS;
      const key = sealing.find(({ createdAt }) => createdAt.getTime() <= settled) ?? sealing.at(-1);
      if (key === undefined) throw fail('sealing-key-unusable', 'This database has no key to seal with.');
      return key;
    },
    find: (id) => open.get(id),
    derivation() {
      const key = ordered.find(({ use }) => use === 'derive');
      if (key === undefined) throw fail('sealing-key-unusable', 'This database has no key to derive keys from.');
      return key.key;
    },
    refresh,
  };
}

/** The same on every node, also of keys that were made at the same instant. */
function newestFirst(one: DataKey, other: DataKey): number {
  return other.createdAt.getTime() - one.createdAt.getTime() || (one.id < other.id ? 1 : -1);
}

/** Of nodes that start on an empty database at the same time, one makes the keys. */
async function makeFirst(config: Config, db: Database, clock: Clock): Promise<void> {
  const lock = await db.lock(DATA_KEYS_LOCK, 'exclusive');
  try {
    if ((await db.globalTransaction(selectDataKeys)).length > 0) return;
    const keyring = await openKeyring(config, { make: true });
    try {
      const keys = [await makeDataKey(keyring, 'derive', clock.now()), await makeDataKey(keyring, 'seal', clock.now())];
      await db.globalTransaction((tx) => insertDataKeys(tx, keys));
    } finally {
      keyring.close();
    }
  } finally {
    await lock.release();
  }
}

/** A new key, wrapped, not yet stored. */
export async function makeDataKey(keyring: Keyring, use: DataKeyUse, at: Date): Promise<NewDataKey> {
  return wrapDataKey(keyring, { id: newId<'DataKey'>(at), use }, randomBytes(32));
}

/** Wraps a key, and sees that it can be unwrapped: a key that is lost takes all it sealed with it. */
export async function wrapDataKey(
  { current }: Keyring,
  { id, use }: Pick<DataKey, 'id' | 'use'>,
  key: Buffer,
): Promise<NewDataKey> {
  const context = contextOf(id, use);
  const { wrapped, version } = await current.wrap(Buffer.concat([key, checksumOf(key)]), context);
  if (!keyIn(await current.unwrap(wrapped, context))?.equals(key))
    throw fail('sealing-key-unusable', `${current.name} does not unwrap what it wrapped.`);
  return { id, use, wrapped, wrappedBy: current.name, wrappedVersion: version };
}

/** @throws Failure `sealing-key-unusable`, `sealing-key-unavailable` */
export async function unwrapDataKey(keyring: Keyring, stored: StoredDataKey): Promise<DataKey> {
  const { id, use, createdAt } = stored;
  const key = keyIn(await keyring.unwrap(stored.wrapped, stored.wrappedBy, contextOf(id, use)));
  if (key === undefined) throw fail('sealing-key-unusable', `${stored.wrappedBy} unwraps something else.`);
  return { id, use, createdAt, key: createSecretKey(key) };
}

function contextOf(id: string, use: DataKeyUse): string {
  return `kept data key ${id} to ${use}`;
}

/** A key that came back changed would seal what nobody can open, so it says of itself that it is whole. */
function checksumOf(key: Buffer): Buffer {
  return createHash('sha256').update('kept data key').update(key).digest().subarray(0, 8);
}

function keyIn(content: Buffer): Buffer | undefined {
  const key = content.subarray(0, 32);
  return content.length === 40 && content.subarray(32).equals(checksumOf(key)) ? key : undefined;
}
