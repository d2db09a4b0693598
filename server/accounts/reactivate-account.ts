import type { Tx } from '../platform/database.ts';
import { applyHappening } from './apply-happening.ts';

/**
 * A cancelled account came back within its grace. For an active account nothing changes.
 * @param account the organisation's own key
 * @param receivedAt when Kept was told, now unless given
 * @throws Failure `account-ended` when its data is gone already
 */
export async function reactivateAccount(tx: Tx, account: string, receivedAt: Date = tx.at): Promise<void> {
  await applyHappening(tx, account, { kind: 'reactivate' }, receivedAt);
}
