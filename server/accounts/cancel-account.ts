import type { Tx } from '../platform/database.ts';
import { applyHappening } from './apply-happening.ts';

/**
 * An account's contract was cancelled; its grace begins. Cancelling twice changes nothing.
 * @param account the organisation's own key
 * @param at when it took effect
 * @param receivedAt when Kept was told, now unless given
 */
export async function cancelAccount(tx: Tx, account: string, at: Date, receivedAt: Date = tx.at): Promise<void> {
  await applyHappening(tx, account, { kind: 'cancel', at }, receivedAt);
}
