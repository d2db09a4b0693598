import type { Tx } from '../platform/database.ts';
import { applyHappening } from './apply-happening.ts';

/**
 * A cancelled account's data is gone, but for what a law keeps. Ending twice changes nothing.
 * @param account the organisation's own key
 * @throws Failure `account-not-found`, `account-not-cancelled`
 */
export async function endAccount(tx: Tx, account: string, at: Date): Promise<void> {
  await applyHappening(tx, account, { kind: 'end', at }, tx.at);
}
