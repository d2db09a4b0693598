import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { listRecords, type MessageFilter } from './log-store.ts';
import type { MessageRecord } from './store.ts';

/** A page of messages, newest first; `next` is the `after` of the following page, null at the end. */
export async function listMessages(
  tx: Tx,
  filter: MessageFilter,
): Promise<{ readonly items: readonly MessageRecord[]; readonly next: Id<'Message'> | null }> {
  const items = await listRecords(tx, filter);
  return { items, next: items.length === filter.limit ? (items.at(-1)?.id ?? null) : null };
}
