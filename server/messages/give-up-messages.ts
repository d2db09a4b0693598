import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { concludeFailed } from './conclude-message.ts';
import { lockUnsent } from './store.ts';

/**
 * How long a message may wait for a mail server. Address and content are erased a month later, by Kept's own policy
 * (server/own): by then every message is sent or failed.
 */
const PATIENCE_DAYS = 60;
const DAY_MS = 86_400_000;
const LIMIT = 1000;

/** Fails the messages that could not be sent in all that time, such as where no mail server was configured. Returns how many. */
export async function giveUpMessages(platform: Platform, organisationId: OrganisationId): Promise<number> {
  let total = 0;
  for (;;) {
    const given = await platform.db.transaction(organisationId, async (tx) => {
      const unsent = await lockUnsent(tx, {
        queuedBefore: new Date(tx.at.getTime() - PATIENCE_DAYS * DAY_MS),
        dueBefore: new Date(tx.at.getTime() - DAY_MS),
        limit: LIMIT,
      });
      for (const message of unsent) await concludeFailed(tx, message, { reason: 'never-sent', reply: message.reply });
      return unsent.length;
    });
    total += given;
    if (given < LIMIT) return total;
  }
}
