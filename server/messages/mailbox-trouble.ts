import type { MailboxError } from './mailbox-contract.ts';

/** A mailbox cannot be read, by no mistake of ours. What a server said stays in the cause: it may repeat an address. */
export class MailboxTrouble extends Error {
  readonly reason: MailboxError;

  constructor(reason: MailboxError, options: { readonly cause?: unknown } = {}) {
    super(`the mailbox cannot be read: ${reason}`, options);
    this.name = 'MailboxTrouble';
    this.reason = reason;
  }
}
