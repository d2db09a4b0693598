import { join } from 'node:path';
import type { Config } from './config.ts';
import { Failure, failuresOf } from './failure.ts';
import { type KeyEncryptionKey, sealProblems } from './kms.ts';
import { openAwsKey } from './kms-aws.ts';
import { openGoogleKey } from './kms-google.ts';
import { type LocalKey, openLocalKey, readKeyFile } from './kms-local.ts';
import type { KeyReference } from './kms-reference.ts';
import { openVaultKey } from './kms-vault.ts';

const fail = failuresOf(sealProblems);

/** The key-encryption keys that the configuration names. Opened when needed and closed at once. */
export interface Keyring {
  /** Wraps. */
  readonly current: KeyEncryptionKey;
  /** All of them that Kept holds itself, the current one among them if it is such. */
  readonly local: readonly LocalKey[];
  /**
   * Unwraps with the key that wrapped it, whichever that is now.
   * @param by name of that key
   * @throws Failure `sealing-key-unusable`, `sealing-key-unavailable`
   */
  unwrap(wrapped: Buffer, by: string, context: string): Promise<Buffer>;
  close(): void;
}

/** The file that holds the key; null where it is kept elsewhere. */
export function keyFileOf(config: Config): string | null {
  const reference = referenceOf(config);
  return reference.keeper === 'file' ? reference.path : null;
}

/**
 * @param make whether a missing file is made: only where nothing was wrapped yet
 * @throws Failure `sealing-key-unusable`
 */
export async function openKeyring(config: Config, { make }: { readonly make: boolean }): Promise<Keyring> {
  const [current, ...beside] = await openKeys(referenceOf(config), config, make);
  const earlier: KeyEncryptionKey[] = [...beside];
  for (const reference of config.earlierSealingKeys) earlier.push(...(await openKeys(reference, config, false)));
  const all = [current, ...earlier];
  return {
    current,
    local: all.filter((key) => isLocal(key)),
    async unwrap(wrapped, by, context) {
      const keeper = by.slice(0, by.indexOf(':'));
      const named = all.filter((key) => key.name === by);
      // A service that moved, or an alias that became a key, has another name and the same key.
      const alike = keeper === 'local' ? [] : all.filter((key) => key.name !== by && key.keeper === keeper);
      return unwrapWithAny([...named, ...alike], wrapped, by, context);
    },
    close() {
      for (const key of all) key.close();
    },
  };
}

async function unwrapWithAny(
  keys: readonly KeyEncryptionKey[],
  wrapped: Buffer,
  by: string,
  context: string,
): Promise<Buffer> {
  const causes: Failure[] = [];
  for (const key of keys) {
    try {
      return await key.unwrap(wrapped, context);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      causes.push(error);
    }
  }
  const passing = causes.find((cause) => cause.code === 'sealing-key-unavailable');
  if (passing !== undefined) throw passing;
  const [cause] = causes;
  const remedy = 'Put it back, or name it in KEPT_SEALING_KEYS_EARLIER.';
  const detail = cause?.message ?? 'The configuration names no such key.';
  throw fail('sealing-key-unusable', `The secrets in this database open with ${by}. ${detail} ${remedy}`, { cause });
}

function referenceOf(config: Config): KeyReference {
  const path = config.sealingKeyFile ?? join(config.dataDirectory, 'sealing.key');
  return config.sealingKey ?? { keeper: 'file', path };
}

async function openKeys(
  reference: KeyReference,
  config: Config,
  make: boolean,
): Promise<[KeyEncryptionKey, ...KeyEncryptionKey[]]> {
  switch (reference.keeper) {
    case 'file':
      return readKeyFile(reference.path, make);
    case 'environment':
      return [openLocalKey(reference.key, 'environment')];
    case 'aws-kms':
      return [await openAwsKey(reference)];
    case 'gcp-kms':
      return [await openGoogleKey(reference)];
    case 'vault-transit':
      return [openVaultKey(reference, config.vault)];
  }
}

function isLocal(key: KeyEncryptionKey): key is LocalKey {
  return 'octets' in key;
}
