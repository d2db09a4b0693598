import type { Tx } from '../platform/database.ts';
import type { AccountState } from './contract.ts';
import { type Account, listByKey } from './store.ts';

/** A page of accounts in the order of their keys; `next` is the `after` of the following page, null at the end. */
export async function listAccounts(
  tx: Tx,
  query: { readonly state?: AccountState | undefined; readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly items: readonly Account[]; readonly next: string | null }> {
  const items = await listByKey(tx, query);
  return { items, next: items.length === query.limit ? (items.at(-1)?.account ?? null) : null };
}
