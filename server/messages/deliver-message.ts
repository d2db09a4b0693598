import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { concludeFailed, concludeSent } from './conclude-message.ts';
import { optOutLink } from './opt-out-link.ts';
import { findInForce, lockRecipient } from './opt-out-store.ts';
import { askForDelivery } from './queue-mail.ts';
import { nextAttemptAfter } from './retry-delay.ts';
import { openContent } from './seal-content.ts';
import { domainOf, type OutgoingMail, type SmtpOutcome, sendOverSmtp } from './send-over-smtp.ts';
import { senderOf } from './sender.ts';
import { smtpRouteOf } from './smtp-route.ts';
import { beginAttempt, lockRecord, type MessageRecord, markWaiting } from './store.ts';
import { findTemplate } from './templates.ts';

/** The database's clock wakes the task, ours judges: they may differ a little. */
const TOLERANCE_MS = 5_000;

/**
 * Tries to hand one message to the mail server; safe to call at any time and any number of times.
 *
 * SMTP cannot take a message exactly once: between the server's acceptance and our commit, which takes milliseconds,
 * a crash leaves the message in the state `sending`, and it is sent again. It then carries the same Message-ID, by
 * which most mail systems show it once. The other choice, to lose it, would be worse for a legal notice.
 */
export async function deliverMessage(
  platform: Platform,
  organisationId: OrganisationId,
  id: Id<'Message'>,
): Promise<void> {
  const lock = await platform.db.tryLock(`messages.deliver ${id}`);
  // Somebody is at it. Should they die, their own task is taken up again.
  if (lock === null) return;
  try {
    const { smtpUrl } = platform.config;
    const mail = await platform.db.transaction(organisationId, (tx) => begin(platform, tx, id));
    if (mail === null || smtpUrl === undefined) return;
    const outcome = await sendOverSmtp(smtpRouteOf(smtpUrl), mail, platform.config.dkim);
    await platform.db.transaction(organisationId, (tx) => conclude(platform, tx, id, outcome));
  } finally {
    await lock.release();
  }
}

/** Writes that an attempt begins, and gives what to send; null when there is nothing to do now. */
async function begin(platform: Platform, tx: Tx, id: Id<'Message'>): Promise<OutgoingMail | null> {
  const message = await lockRecord(tx, id);
  if (message === undefined || message.nextAttemptAt === null) return null;
  if (message.nextAttemptAt.getTime() > tx.at.getTime() + TOLERANCE_MS) return null;
  if (platform.config.smtpUrl === undefined) {
    // Not counted as an attempt. The sweep tries again once there is a mail server.
    await markWaiting(tx, id, { reason: 'mail-not-configured', reply: null, nextAttemptAt: message.nextAttemptAt });
    platform.log.warn({ message: id }, 'a message waits: KEPT_SMTP_URL is not set');
    return null;
  }
  if (await isDeclined(tx, message)) {
    await concludeFailed(tx, message, { reason: 'opted-out', reply: message.reply });
    return null;
  }
  const { mailFrom } = platform.config;
  const content = await beginAttempt(tx, id, `<${id}@${domainOf(mailFrom)}>`);
  if (content === undefined) throw new Error('a message that waits has lost its content');
  return {
    ...openContent(platform.db, id, content),
    from: senderOf(mailFrom, content.fromName),
    date: message.queuedAt,
    language: message.language,
    optOutUrl: optOutUrlOf(tx, message),
    byPerson: findTemplate(message.template)?.byPerson === true,
  };
}

/**
 * Whether its recipient wants no announcements by now. Nobody opts out between this look and the commit that says that
 * the attempt began.
 */
async function isDeclined(tx: Tx, message: MessageRecord): Promise<boolean> {
  if (message.category !== 'announcement') return false;
  const { recipientKey } = message;
  if (recipientKey === null) throw new Error('an announcement that waits has lost the key of its recipient');
  await lockRecipient(tx, recipientKey);
  return (await findInForce(tx, recipientKey)) !== undefined;
}

function optOutUrlOf(tx: Tx, { recipientKey, language }: MessageRecord): string | null {
  if (recipientKey === null) return null;
  return optOutLink(tx.database, { organisationId: tx.organisationId, recipientKey }, language);
}

async function conclude(platform: Platform, tx: Tx, id: Id<'Message'>, outcome: SmtpOutcome): Promise<void> {
  const message = await lockRecord(tx, id);
  // The mail server took it over and said so late; that it did not arrive is known already.
  if (message?.state === 'bounced') return;
  if (message?.state !== 'sending') throw new Error('a message under way was changed by somebody else');
  if (outcome.kind === 'accepted') return concludeSent(tx, message);
  const { reason, reply } = outcome;
  platform.log.warn(
    { message: id, reason, reply, attempts: message.attempts },
    'the mail server did not take a message',
  );
  if (outcome.kind === 'for-good') return concludeFailed(tx, message, { reason, reply });
  const nextAttemptAt = nextAttemptAfter(message.attempts, message.firstAttemptAt ?? tx.at, tx.at);
  if (nextAttemptAt === null) return concludeFailed(tx, message, { reason: 'gave-up', reply });
  await markWaiting(tx, id, { reason, reply, nextAttemptAt });
  await askForDelivery(tx, id, nextAttemptAt);
}
