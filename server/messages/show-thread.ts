import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { type AttachmentRow, selectAttachments } from './attachment-store.ts';
import { findMessage } from './find-message.ts';
import { mailboxProblems } from './mailbox-contract.ts';
import { findThread, type MailId, type MailRow, selectMails, type ThreadId, type ThreadRow } from './thread-store.ts';

const fail = failuresOf(mailboxProblems);

/** A mail with its attachments and, of a reply, what became of it. */
export interface ShownMail extends MailRow {
  readonly attachments: readonly AttachmentRow[];
  readonly delivery: string | null;
}

/** @throws Failure `thread-not-found` */
export async function getThread(tx: Tx, id: ThreadId): Promise<ThreadRow> {
  const thread = await findThread(tx, id);
  if (thread === undefined) throw fail('thread-not-found', 'There is no such thread here.');
  return thread;
}

/** A page of its mails, newest first. */
export async function listMails(
  tx: Tx,
  thread: ThreadId,
  page: { readonly after?: MailId | undefined; readonly limit: number },
): Promise<{ readonly items: readonly ShownMail[]; readonly next: MailId | null }> {
  const found = await selectMails(tx, thread, { ...page, limit: page.limit + 1 });
  const mails = found.slice(0, page.limit);
  const attachments = await selectAttachments(
    tx,
    mails.map(({ id }) => id),
  );
  const items: ShownMail[] = [];
  for (const mail of mails) {
    const progress = mail.message === null ? undefined : await findMessage(tx, mail.message);
    items.push({
      ...mail,
      attachments: attachments.filter((attachment) => attachment.mail === mail.id),
      delivery: progress?.state ?? null,
    });
  }
  return { items, next: found.length > page.limit ? (mails.at(-1)?.id ?? null) : null };
}
