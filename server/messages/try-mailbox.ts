import type { Platform } from '../platform/platform.ts';
import type { MailboxTrial } from './mailbox-contract.ts';
import type { ImapServer } from './mailbox-store.ts';
import { MailboxTrouble } from './mailbox-trouble.ts';
import { openFolder } from './open-mailbox.ts';

/** Opens a mailbox with these settings, counts what lies there and reads nothing. */
export async function tryMailbox(platform: Platform, server: ImapServer, password: string): Promise<MailboxTrial> {
  try {
    const folder = await openFolder(platform, server, password);
    await folder.close();
    return { error: null, mails: folder.mails, tellsOfNew: folder.tellsOfNew };
  } catch (error) {
    if (!(error instanceof MailboxTrouble)) throw error;
    return { error: error.reason, mails: null, tellsOfNew: false };
  }
}
