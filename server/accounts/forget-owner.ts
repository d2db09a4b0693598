import type { Tx } from '../platform/database.ts';
import { lockAccounts, saveAccounts } from './store.ts';

/** Forgets the address of an account's owner, once nothing needs to be told any more. Unknown accounts have none. */
export async function forgetOwner(tx: Tx, account: string): Promise<void> {
  const [row] = await lockAccounts(tx, [account]);
  if (row === undefined || row.ownerForgottenAt !== null) return;
  await saveAccounts(tx, [{ ...row, ownerEmail: null, ownerForgottenAt: tx.at }]);
}
