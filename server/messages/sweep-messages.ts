import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { askForDelivery } from './queue-mail.ts';
import { listOverdue } from './store.ts';

const LIMIT = 1000;

/**
 * Takes up messages that should have been tried and were not: those that waited for a mail server to be configured,
 * and those whose task was lost. Returns how many.
 */
export async function sweepMessages(platform: Platform, organisationId: OrganisationId): Promise<number> {
  if (platform.config.smtpUrl === undefined) return 0;
  return platform.db.transaction(organisationId, async (tx) => {
    const overdue = await listOverdue(tx, tx.at, LIMIT);
    for (const message of overdue) await askForDelivery(tx, message);
    return overdue.length;
  });
}
