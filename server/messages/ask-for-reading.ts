import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { MailboxRow } from './mailbox-store.ts';

/** The task that `mailbox-tasks.ts` defines: `{ organisation, mailbox }`. */
export const READ_MAILBOX = 'messages.read-mailbox';

/** Has a mailbox read as soon as this commits; a webhook, or one that is switched off, is not read. */
export async function askForReading(platform: Platform, tx: Tx, mailbox: MailboxRow): Promise<void> {
  if (mailbox.imap === null || !mailbox.enabled) return;
  const payload = { organisation: tx.organisationId, mailbox: mailbox.id };
  await platform.tasks.enqueue(tx, READ_MAILBOX, payload, { singletonKey: mailbox.id });
}
