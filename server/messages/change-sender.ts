import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { messagesProblems } from './contract.ts';
import { isMailAddress } from './mail-address.ts';
import { findSender, type SenderRecord, writeSender } from './sender-store.ts';

const fail = failuresOf(messagesProblems);

/** In whose name the organisation writes. */
export async function readSender(tx: Tx): Promise<SenderRecord> {
  return findSender(tx);
}

/**
 * Changes it, for what is queued from now on.
 * @throws Failure `address-invalid`
 */
export async function changeSender(
  tx: Tx,
  wanted: { readonly fromName: string | null; readonly replyTo: string | null; readonly actor: Actor },
): Promise<SenderRecord> {
  const { fromName, replyTo, actor } = wanted;
  if (replyTo !== null && !isMailAddress(replyTo))
    throw fail('address-invalid', 'Write one address for answers, such as privacy@example.org.');
  const before = await findSender(tx);
  const fields = [
    ...(before.fromName === fromName ? [] : ['fromName']),
    ...(before.replyTo === replyTo ? [] : ['replyTo']),
  ];
  if (fields.length === 0) return before;
  await writeSender(tx, { fromName, replyTo });
  await recordEntry(tx, { kind: 'message.sender-changed', actor, body: { fields } });
  return { fromName, replyTo, changedAt: tx.at };
}
