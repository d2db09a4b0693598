import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { MessageReason, MessageState } from './contract.ts';
import { findRecord, type MessageRecord } from './store.ts';

/** What became of a message. */
export interface MessageProgress {
  readonly state: MessageState;
  /** Why it is still queued or has failed; null when it was not tried yet or was sent. */
  readonly reason: MessageReason | null;
  readonly sentAt: Date | null;
}

/** What became of a message, as whoever queued it may want to know. */
export async function findMessage(tx: Tx, id: Id<'Message'>): Promise<MessageProgress | undefined> {
  const record = await findRecord(tx, id);
  return record === undefined
    ? undefined
    : { state: publicState(record), reason: record.reason, sentAt: record.sentAt };
}

/** Being handed over counts as queued: whether it went is not known yet. */
export function publicState(record: MessageRecord): MessageState {
  return record.state === 'sending' ? 'queued' : record.state;
}
