import { z } from 'zod';
import { forgetOwner } from '../accounts/forget-owner.ts';
import type { HeardEntry } from '../ledger/listen.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { changeEnd, findEndOfMessage, lockEnd, reportsOf } from './end-store.ts';
import { system } from './queue-run.ts';

const bodySchema = z.object({ message: idSchema('Message') });

/**
 * Hears what became of a confirmation. Once it is delivered nothing needs the owner's address any more, and it is
 * forgotten. Where it could not be delivered the end stays unconfirmed, which the board shows.
 */
export async function hearOfMessage(platform: Platform, entry: HeardEntry): Promise<void> {
  const { message } = bodySchema.parse(entry.body);
  await platform.db.transaction(entry.organisationId, async (tx) => {
    const found = await findEndOfMessage(tx, message);
    const end = found === undefined ? undefined : await lockEnd(tx, found.id);
    if (end === undefined || end.state !== 'erased') return;
    if (entry.kind === 'message.failed') {
      await changeEnd(tx, end.id, { confirmation: 'failed' });
      return;
    }
    const report = (await reportsOf(tx, [end.id])).get(end.id);
    await changeEnd(tx, end.id, { state: 'confirmed', confirmation: 'sent', confirmedAt: entry.at });
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
