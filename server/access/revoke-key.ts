import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { markKeyRevoked } from './key-store.ts';

const fail = failuresOf(accessProblems);

/**
 * Revokes a key: from the commit on it opens nothing.
 * @throws Failure `key-not-found`, also for one that was revoked before
 */
export async function revokeKey(tx: Tx, by: Actor, id: Id<'Key'>): Promise<void> {
  const kind = await markKeyRevoked(tx, id);
  if (kind === undefined) throw fail('key-not-found', 'There is no such key, or it was revoked already.');
  await recordEntry(tx, { kind: 'access.key-revoked', actor: by, body: { key: id, kind } });
}
