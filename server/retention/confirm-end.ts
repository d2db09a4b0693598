import { z } from 'zod';
import { forgetOwner } from '../accounts/forget-owner.ts';
import type { HeardEntry } from '../ledger/listen.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { findMessage } from '../messages/find-message.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { changeEnd, findEndOfMessage, lockEnd, reportsOf } from './end-store.ts';
import { system } from './queue-run.ts';

const bodySchema = z.object({ message: idSchema('Message') });

/**
 * Hears what became of a confirmation. Once it is delivered nothing needs the owner's address any more, and it is
 * forgotten. Where it could not be delivered, or came back, the end is unconfirmed, which the board shows until it was
 * sent again. Entries are heard in any order, so what counts is how the message stands now.
 */
export async function hearOfMessage(platform: Platform, entry: HeardEntry): Promise<void> {
  const { message } = bodySchema.parse(entry.body);
  await platform.db.transaction(entry.organisationId, async (tx) => {
    const found = await findEndOfMessage(tx, message);
    const end = found === undefined ? undefined : await lockEnd(tx, found.id);
    const mail = await findMessage(tx, message);
    if (end === undefined || mail === undefined) return;
    if (mail.state === 'bounced' && end.state === 'confirmed') {
      await changeEnd(tx, end.id, { state: 'erased', confirmation: 'failed', confirmedAt: null });
      return;
    }
    if (end.state !== 'erased') return;
    if (mail.state !== 'sent') {
      await changeEnd(tx, end.id, { confirmation: mail.state === 'queued' ? 'queued' : 'failed' });
      return;
    }
    const report = (await reportsOf(tx, [end.id])).get(end.id);
    await changeEnd(tx, end.id, { state: 'confirmed', confirmation: 'sent', confirmedAt: mail.sentAt ?? entry.at });
    await forgetOwner(tx, end.account);
    await recordEntry(tx, {
      kind: 'contract.end-confirmed',
      actor: system,
      body: {
        account: end.accountId,
        end: end.id,
        message,
        disposed: (report?.disposed ?? []).reduce((sum, part) => sum + part.rows, 0),
        kept: [...new Set((report?.kept ?? []).map((part) => part.dataset))],
      },
    });
  });
}
