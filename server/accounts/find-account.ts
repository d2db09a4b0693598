import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { type Account, findById, findByKey } from './store.ts';

export type { Account };

/** The account under the organisation's own key. */
export function findAccount(tx: Tx, account: string): Promise<Account | undefined> {
  return findByKey(tx, account);
}

/** The account that a ledger entry speaks of (`body.account`). */
export function findAccountById(tx: Tx, id: Id<'Account'>): Promise<Account | undefined> {
  return findById(tx, id);
}
