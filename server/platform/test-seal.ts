import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { DataKey } from './data-keys.ts';
import { newId } from './ids.ts';
import { type Seal, sealWith } from './seal.ts';

/** A seal with keys of its own, for what needs no database. */
export function openTestSeal(at: Date = new Date()): Seal {
  const makeKey = (): KeyObject => createSecretKey(randomBytes(32));
  const current: DataKey = { id: newId<'DataKey'>(at), use: 'seal', key: makeKey(), createdAt: at };
  const derivation = makeKey();
  return sealWith({
    current: () => current,
    find: (id) => (id === current.id ? current : undefined),
    derivation: () => derivation,
    refresh: () => Promise.resolve(),
  });
}
