import { commitTo, recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { messagesProblems } from './contract.ts';
import { findWhole, requeue, type WholeMessage } from './log-store.ts';
import { isMailAddress } from './mail-address.ts';
import { findInForce, lockRecipient } from './opt-out-store.ts';
import { askForDelivery } from './queue-mail.ts';
import { recipientKeyOf } from './recipient-key.ts';
import { domainOf } from './send-over-smtp.ts';
import type { MessageRecord } from './store.ts';

const fail = failuresOf(messagesProblems);

/**
 * Queues a message again that failed or bounced. It stays the same message, so whoever waits for it, such as the end of
 * a contract for its confirmation, hears of it. What it says does not change, but it may go to another address.
 * @param order `to`: another address than before; `mailFrom`: the sender, for the header that names the message
 * @throws Failure of `messagesProblems`
 */
export async function resendMessage(
  tx: Tx,
  id: Id<'Message'>,
  order: { readonly to?: string | undefined; readonly mailFrom: string; readonly actor: Actor },
): Promise<MessageRecord> {
  const whole = await findWhole(tx, id, { locked: true });
  if (whole === undefined) throw fail('message-not-found', 'There is no message under this id.');
  const content = contentOf(whole);
  const to = order.to ?? content.to;
  if (!isMailAddress(to))
    throw fail('address-invalid', 'No mail can be sent to this address. Give another one, such as ana@example.org.');
  const recipientKey = whole.record.category === 'announcement' ? recipientKeyOf(tx, to) : null;
  if (recipientKey !== null) await refuseDeclined(tx, recipientKey);
  const { salt, commitment } = commitTo({ ...content, to });
  const messageId = `<${newId<'Attempt'>(tx.at)}@${domainOf(order.mailFrom)}>`;
  const record = await requeue(tx, id, { recipient: to, recipientKey, salt, commitment, messageId });
  const body = { message: id, template: record.template, corrected: to !== whole.recipient };
  await recordEntry(tx, { kind: 'message.resent', actor: order.actor, body, commitment });
  await askForDelivery(tx, id);
  return record;
}

/** What it said, of a message that may be sent again. */
function contentOf({ record, recipient, subject, text, html }: WholeMessage) {
  if (record.state !== 'failed' && record.state !== 'bounced')
    throw fail('message-not-failed', 'This message is on its way or has been sent.');
  if (record.isSealed)
    throw fail('message-holds-secret', 'It holds a link that works once. Have a new one made where it came from.');
  if (record.purgedAt !== null || subject === null || text === null || html === null)
    throw fail('message-purged', 'Address and content of this message were erased, as promised, after 90 days.');
  return { to: recipient ?? '', subject, text, html };
}

async function refuseDeclined(tx: Tx, recipientKey: Buffer): Promise<void> {
  await lockRecipient(tx, recipientKey);
  if ((await findInForce(tx, recipientKey)) !== undefined)
    throw fail('recipient-opted-out', 'They said that they want no announcements, so it would fail again.');
}
