import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { MessageReason } from './contract.ts';
import { type MessageRecord, markFailed, markSent } from './store.ts';

const actor: Actor = { kind: 'system', id: 'messages' };

/** The mail server took the message over: marks and records it. */
export async function concludeSent(tx: Tx, message: MessageRecord): Promise<void> {
  await markSent(tx, message.id);
  const body = { message: message.id, template: message.template, channel: 'mail' };
  await recordEntry(tx, { kind: 'message.sent', actor, body, commitment: message.commitment });
}

/** The message will not be sent: marks and records it, with the reason. */
export async function concludeFailed(
  tx: Tx,
  message: MessageRecord,
  failure: { readonly reason: MessageReason; readonly reply: string | null },
): Promise<void> {
  await markFailed(tx, message.id, failure);
  const body = { message: message.id, template: message.template, channel: 'mail', reason: failure.reason };
  await recordEntry(tx, { kind: 'message.failed', actor, body, commitment: message.commitment });
}
