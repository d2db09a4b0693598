import type { Tx } from '../platform/database.ts';
import { type MailTo, selectMailTo } from './store.ts';

/** What the organisation sent, or is about to send, to an address, oldest first; as long as its content stays. */
export async function listMailTo(tx: Tx, address: string): Promise<MailTo[]> {
  return selectMailTo(tx, address);
}
