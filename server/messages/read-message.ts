import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { messagesProblems } from './contract.ts';
import { findWhole, type WholeMessage } from './log-store.ts';

const fail = failuresOf(messagesProblems);

/**
 * A message with its address and what it says. What is sealed stays so: it opens something, and whoever may read the
 * log may not use it.
 * @throws Failure `message-not-found`
 */
export async function readMessage(tx: Tx, id: Id<'Message'>): Promise<WholeMessage> {
  const whole = await findWhole(tx, id);
  if (whole === undefined) throw fail('message-not-found', 'There is no message under this id.');
  return whole.record.isSealed ? { ...whole, text: null, html: null } : whole;
}

/** Whether it can be sent again: it did not arrive, and it is still known what it said. */
export function isResendable({ record, text }: WholeMessage): boolean {
  const lost = record.state === 'failed' || record.state === 'bounced';
  return lost && record.purgedAt === null && !record.isSealed && text !== null;
}
