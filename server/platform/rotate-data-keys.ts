import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import {
  insertDataKeys,
  type NewDataKey,
  replaceWrapping,
  type StoredDataKey,
  selectDataKeys,
} from './data-key-store.ts';
import { DATA_KEYS_LOCK, makeDataKey, unwrapDataKey, wrapDataKey } from './data-keys.ts';
import type { Database, GlobalTx } from './database.ts';
import { failuresOf } from './failure.ts';
import { type Keyring, keyFileOf, openKeyring } from './keyring.ts';
import { type KeyKeeper, sealProblems } from './kms.ts';
import { newLocalKey, readKeyFile, writeKeyFile } from './kms-local.ts';

const fail = failuresOf(sealProblems);

interface Place {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
}

/** What a rotation did. */
export interface Rotation {
  /** Data keys that were wrapped anew. */
  readonly dataKeys: number;
  readonly keeper: KeyKeeper;
  /** The key they are wrapped with now. */
  readonly name: string;
}

/**
 * Wraps every data key with the key that the configuration names now, so that whatever wrapped them before opens
 * nothing in the database any more, and adds a data key for what is sealed from here on. Where the sealing key is in a
 * file, makes a new one first, unless a change under way is to be finished or `isPrepared`: then the new one stands
 * there already. May be killed at any instant and begun again: until the end the file holds both keys.
 * @param store commits what `write` does, and whatever goes with it
 * @throws Failure `rotation-under-way`, `sealing-key-unusable`, `sealing-key-unavailable`
 */
export async function rotateDataKeys(
  place: Place,
  { isPrepared }: { readonly isPrepared: boolean },
  store: (write: (tx: GlobalTx) => Promise<void>, rotation: Rotation) => Promise<void>,
): Promise<Rotation> {
  const lock = await place.db.tryLock(DATA_KEYS_LOCK);
  if (lock === null) throw fail('rotation-under-way', 'Somebody rotates the keys at this moment. Ask how it stands.');
  try {
    const stored = await place.db.globalTransaction(selectDataKeys);
    const file = isPrepared ? null : keyFileOf(place.config);
    const keyring = await keyringToRotateTo(place.config, stored, file);
    try {
      const rotation = await wrapAll(place, keyring, stored, store);
      // Nothing needs the earlier ones now. They stand in the file until here, should we be killed on the way.
      if (file !== null) writeKeyFile(file, readKeyFile(file, false).slice(0, 1));
      return rotation;
    } finally {
      keyring.close();
    }
  } finally {
    await lock.release();
  }
}

async function keyringToRotateTo(
  config: Config,
  stored: readonly StoredDataKey[],
  file: string | null,
): Promise<Keyring> {
  const keyring = await openKeyring(config, { make: false });
  const isBehind = stored.some((key) => key.wrappedBy !== keyring.current.name);
  if (file === null || isBehind) return keyring;
  keyring.close();
  writeKeyFile(file, [newLocalKey(), ...readKeyFile(file, false)]);
  return openKeyring(config, { make: false });
}

async function wrapAll(
  { clock }: Place,
  keyring: Keyring,
  stored: readonly StoredDataKey[],
  store: Parameters<typeof rotateDataKeys>[2],
): Promise<Rotation> {
  const wrapped: NewDataKey[] = [];
  for (const key of stored) {
    const open = await unwrapDataKey(keyring, key);
    wrapped.push(await wrapDataKey(keyring, key, open.key.export()));
  }
  const made = await makeDataKey(keyring, 'seal', clock.now());
  const { keeper, name } = keyring.current;
  const rotation = { dataKeys: wrapped.length, keeper, name };
  await store(async (tx) => {
    for (const key of wrapped) await replaceWrapping(tx, key);
    await insertDataKeys(tx, [made]);
  }, rotation);
  return rotation;
}

/** The keys of the database, and the one that the configuration says they are to be wrapped with. */
export interface KeyState {
  readonly keeper: KeyKeeper;
  readonly name: string;
  readonly dataKeys: readonly StoredDataKey[];
}

/** @throws Failure `sealing-key-unusable` where the configured key is not there */
export async function describeDataKeys({ config, db }: Omit<Place, 'clock'>): Promise<KeyState> {
  const keyring = await openKeyring(config, { make: false });
  keyring.close();
  const { keeper, name } = keyring.current;
  return { keeper, name, dataKeys: await db.globalTransaction(selectDataKeys) };
}
