import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { MessageState } from './contract.ts';
import { listRecords, type MessageRecord } from './store.ts';

/** A page of messages, newest first; `next` is the `after` of the following page, null at the end. */
export async function listMessages(
  tx: Tx,
  query: {
    readonly state?: MessageState | undefined;
    readonly after?: Id<'Message'> | undefined;
    readonly limit: number;
  },
): Promise<{ readonly items: readonly MessageRecord[]; readonly next: Id<'Message'> | null }> {
  const items = await listRecords(tx, query);
  return { items, next: items.length === query.limit ? (items.at(-1)?.id ?? null) : null };
}
