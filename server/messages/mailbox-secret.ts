import type { Platform } from '../platform/platform.ts';
import type { MailboxId } from './mailbox-store.ts';

const PURPOSE = 'mailbox';

/** Seals a password or signing secret for the row of its mailbox. */
export function sealSecret({ seal }: Platform, mailbox: MailboxId, secret: string): Buffer {
  return seal.close(secret, PURPOSE, mailbox);
}

/** @throws Failure `sealing-key-unusable` */
export function openSecret({ seal }: Platform, mailbox: MailboxId, sealed: Buffer): string {
  return seal.open(sealed, PURPOSE, mailbox);
}
