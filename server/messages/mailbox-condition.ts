import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { MailboxError, MailboxState } from './mailbox-contract.ts';
import { type MailboxRow, markFailing, markRecovered } from './mailbox-store.ts';

const actor: Actor = { kind: 'system', id: 'mail-in' };
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** After how long a test mail that the mail server took over counts as lost. */
export const PROBE_PATIENCE_MS = 4 * 60 * MINUTE_MS;
/** How old the last reading of a mailbox may be. */
export const SILENCE_MS = 60 * MINUTE_MS;
/** A test mail goes once a day. */
export const PROBE_EVERY_MS = DAY_MS;

/** What the console calls it. */
export function stateOf(mailbox: MailboxRow): MailboxState {
  if (!mailbox.enabled) return 'paused';
  if (mailbox.error !== null) return 'failing';
  return mailbox.readAt === null ? 'waiting' : 'reading';
}

/**
 * Notes that a mailbox cannot be read, and when it is tried again: soon where a network was at fault, seldom where a
 * password was, since mail servers lock out who shows a wrong one again and again.
 */
export async function noteFailure(tx: Tx, mailbox: MailboxRow, error: MailboxError): Promise<void> {
  const since = mailbox.failingSince ?? tx.at;
  const forMs = tx.at.getTime() - since.getTime();
  const leastMs = error === 'sign-in-refused' ? 15 * MINUTE_MS : MINUTE_MS;
  const waitMs = Math.min(15 * MINUTE_MS, Math.max(leastMs, forMs / 4));
  await markFailing(tx, mailbox.id, { error, since, nextReadAt: new Date(tx.at.getTime() + waitMs) });
  if (mailbox.error !== error)
    await recordEntry(tx, { kind: 'mailbox.failed', actor, body: { mailbox: mailbox.id, reason: error } });
}

/**
 * Notes that a mailbox works again.
 * @param after `reading`: it was read, which says nothing of mail that is lost on the way; `mail-lost`: a test mail came
 */
export async function noteRecovery(tx: Tx, mailbox: MailboxRow, after: 'reading' | 'mail-lost'): Promise<void> {
  const { error, failingSince } = mailbox;
  if (error === null || (error === 'mail-lost') !== (after === 'mail-lost')) return;
  await markRecovered(tx, mailbox.id);
  const body = { mailbox: mailbox.id, failingSince: (failingSince ?? tx.at).toISOString() };
  await recordEntry(tx, { kind: 'mailbox.recovered', actor, body });
}
