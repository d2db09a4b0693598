import type { Tx } from '../platform/database.ts';
import { findMessage } from './find-message.ts';
import { PROBE_EVERY_MS, PROBE_PATIENCE_MS, SILENCE_MS } from './mailbox-condition.ts';
import type { MailboxError } from './mailbox-contract.ts';
import { type MailboxId, type MailboxRow, selectMailboxes } from './mailbox-store.ts';

/**
 * `sound`: it was read within the hour, and a test mail of the last two days arrived. `failing`: it cannot be read, or
 * mail to it is lost. `silent`: nobody has read it for an hour. `untested`: no test mail could be sent. `new`: added or
 * changed within the hour, or its first test mail is on its way.
 */
export type Soundness = 'sound' | 'failing' | 'silent' | 'untested' | 'new';

export interface ExaminedMailbox {
  readonly id: MailboxId;
  readonly soundness: Soundness;
  readonly error: MailboxError | null;
}

/** Looks at what became of each mailbox that is switched on. */
export async function examineMailboxes(tx: Tx): Promise<ExaminedMailbox[]> {
  const examined: ExaminedMailbox[] = [];
  for (const mailbox of await selectMailboxes(tx)) {
    if (!mailbox.enabled) continue;
    const isLost = await isMailLost(tx, mailbox);
    const error = mailbox.error ?? (isLost ? 'mail-lost' : null);
    examined.push({ id: mailbox.id, soundness: error === null ? soundnessOf(mailbox, tx.at) : 'failing', error });
  }
  return examined;
}

/** The mail server took the last test mail over, and it has not come. */
export async function isMailLost(tx: Tx, mailbox: MailboxRow): Promise<boolean> {
  const { probeMessage, probeSentAt, probeTakenAt } = mailbox;
  if (probeMessage === null || probeSentAt === null) return false;
  if (probeTakenAt !== null && probeTakenAt >= probeSentAt) return false;
  const { sentAt = null } = (await findMessage(tx, probeMessage)) ?? {};
  return sentAt !== null && tx.at.getTime() - sentAt.getTime() > PROBE_PATIENCE_MS;
}

function soundnessOf(mailbox: MailboxRow, at: Date): Soundness {
  const ageOf = (then: Date | null) => (then === null ? Number.POSITIVE_INFINITY : at.getTime() - then.getTime());
  const isYoung = ageOf(mailbox.createdAt) < SILENCE_MS;
  // A provider's webhook brings what there is; only the test mail tells that it still does.
  if (mailbox.kind === 'imap' && ageOf(mailbox.readAt) > SILENCE_MS) return isYoung ? 'new' : 'silent';
  if (ageOf(mailbox.probeTakenAt) <= 2 * PROBE_EVERY_MS) return 'sound';
  return ageOf(mailbox.createdAt) < PROBE_EVERY_MS ? 'new' : 'untested';
}
