import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { concludeFailed } from './conclude-message.ts';
import { lockUnsent, purgeContent } from './store.ts';

/** How long address and content stay: long enough to answer what was said to whom, not longer (LGPD Art. 15, GDPR 5(1)(e)). */
const CONTENT_DAYS = 90;
const DAY_MS = 86_400_000;
const LIMIT = 1000;

/**
 * Purges address and content of messages older than 90 days, with the salt that opens their commitment: what stays are
 * ids, codes and instants. A message that could not be sent in all that time fails first. Returns how many were purged.
 */
export async function purgeMessages(platform: Platform, organisationId: OrganisationId): Promise<number> {
  let total = 0;
  for (;;) {
    const { unsent, purged } = await platform.db.transaction(organisationId, async (tx) => {
      const before = new Date(tx.at.getTime() - CONTENT_DAYS * DAY_MS);
      const unsent = await lockUnsent(tx, {
        queuedBefore: before,
        dueBefore: new Date(tx.at.getTime() - DAY_MS),
        limit: LIMIT,
      });
      for (const message of unsent) await concludeFailed(tx, message, { reason: 'never-sent', reply: message.reply });
      return { unsent: unsent.length, purged: await purgeContent(tx, before) };
    });
    total += purged;
    if (unsent < LIMIT) return total;
  }
}
