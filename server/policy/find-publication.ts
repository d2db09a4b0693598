import type { Tx } from '../platform/database.ts';
import { sha256Hex } from './canonical.ts';
import { checkPolicy } from './check-policy.ts';
import { selectByHash, selectFirstPublication, selectHead } from './store.ts';

/** When the organisation first published a policy; undefined while it has none. */
export async function findFirstPublication(tx: Tx): Promise<Date | undefined> {
  return (await selectFirstPublication(tx))?.publishedAt;
}

/** Hash of the version in force, null while there is none: what a new version names as its parent. */
export async function headOfPolicy(tx: Tx): Promise<string | null> {
  return (await selectHead(tx))?.hash ?? null;
}

/** Whether this text ever was in force, however it was written. @throws Error where it does not read */
export async function wasPublished(tx: Tx, source: string): Promise<boolean> {
  const { canonical, findings } = checkPolicy(source, tx.at.toISOString().slice(0, 10));
  if (canonical === undefined) throw new Error(`the policy does not read: ${findings[0]?.message.en ?? ''}`);
  return (await selectByHash(tx, await sha256Hex(canonical))) !== undefined;
}
