import { listAddressees } from '../access/list-addressees.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { deleteFiles, selectAbandonedFiles } from './attachment-store.ts';
import { isMailLost } from './examine-mailboxes.ts';
import { noteFailure, PROBE_EVERY_MS } from './mailbox-condition.ts';
import { MAILBOX_FAILING, MAILBOX_PROBE } from './mailbox-mail.ts';
import { type MailboxRow, markProbeSent, markTold, selectMailboxes } from './mailbox-store.ts';
import { queueMail } from './queue-mail.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** A process that writes an attachment takes no longer. */
const ABANDONED_MS = 6 * HOUR_MS;

/**
 * Looks after the mailboxes of an organisation, hourly: sends each the test mail of the day, notices when one is lost,
 * and tells owners and data protection officers of what fails for a day. Removes files that a killed process left.
 */
export async function watchMailboxes(platform: Platform, organisationId: OrganisationId): Promise<void> {
  await platform.db.transaction(organisationId, async (tx) => {
    for (const mailbox of await selectMailboxes(tx)) {
      if (!mailbox.enabled) continue;
      // Whatever else is wrong is told of already.
      if (mailbox.error === null && (await isMailLost(tx, mailbox))) await noteFailure(tx, mailbox, 'mail-lost');
      if (isProbeDue(mailbox, tx.at)) await sendProbe(tx, mailbox);
      await tellIfFailing(tx, mailbox);
    }
  });
  const before = new Date(platform.clock.now().getTime() - ABANDONED_MS);
  const abandoned = await platform.db.transaction(organisationId, (tx) => selectAbandonedFiles(tx, before));
  for (const { path } of abandoned) await platform.files.remove(path);
  const ids = abandoned.map(({ id }) => id);
  await platform.db.transaction(organisationId, (tx) => deleteFiles(tx, ids));
}

function isProbeDue({ probeSentAt }: MailboxRow, at: Date): boolean {
  return probeSentAt === null || at.getTime() - probeSentAt.getTime() >= PROBE_EVERY_MS - HOUR_MS / 2;
}

async function sendProbe(tx: Tx, mailbox: MailboxRow): Promise<void> {
  const message = await queueMail(tx, {
    template: MAILBOX_PROBE,
    to: mailbox.mailAddress,
    language: 'en',
    figures: {},
    idempotencyKey: `mailbox-probe:${mailbox.id}:${tx.at.toISOString()}`,
  });
  await markProbeSent(tx, mailbox.id, message);
}

async function tellIfFailing(tx: Tx, mailbox: MailboxRow): Promise<void> {
  const { id, error, failingSince, toldAt, name, mailAddress } = mailbox;
  if (error === null || failingSince === null || toldAt !== null) return;
  if (tx.at.getTime() - failingSince.getTime() < DAY_MS) return;
  const people = await listAddressees(tx, { roles: ['owner', 'dpo'], joinedBy: tx.at, after: null, limit: 100 });
  for (const { person, email, language } of people) {
    // What is sent to the mailbox itself reaches nobody.
    if (email === null || email.toLowerCase() === mailAddress) continue;
    await queueMail(tx, {
      template: MAILBOX_FAILING,
      to: email,
      language,
      figures: { name, mailAddress, error, since: failingSince.toISOString() },
      idempotencyKey: `mailbox-failing:${id}:${failingSince.toISOString()}:${person}`,
    });
  }
  await markTold(tx, id);
}
