import type { Language } from '../access/contract.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { brand, newId } from '../platform/ids.ts';
import { mailboxProblems } from './mailbox-contract.ts';
import { THREAD_REPLY } from './mailbox-mail.ts';
import { findMailbox, type MailboxRow } from './mailbox-store.ts';
import { queueMail } from './queue-mail.ts';
import { threadAddress } from './thread-address.ts';
import {
  findReply,
  insertMail,
  lockThread,
  selectHeaders,
  type ThreadId,
  type ThreadRow,
  updateThread,
} from './thread-store.ts';

const fail = failuresOf(mailboxProblems);

/** How many mails a reply names as those it follows. */
const MOST_REFERENCES = 20;

export interface Reply {
  readonly text: string;
  /** That it is written in, for whoever has it read aloud. */
  readonly language: Language;
  /** The same key answers once. */
  readonly idempotencyKey: string;
  /** Closes the thread with it. */
  readonly closes: boolean;
}

/**
 * Answers the correspondent of a thread: queued in the caller's transaction, with the headers that let their next mail
 * find the thread.
 * @throws Failure `thread-not-found`, `reply-impossible`
 */
export async function replyInThread(
  tx: Tx,
  id: ThreadId,
  reply: Reply,
  by: Actor,
): Promise<{ readonly mail: Id<'Mail'>; readonly message: Id<'Message'> }> {
  const thread = await lockThread(tx, id);
  if (thread === undefined) throw fail('thread-not-found', 'There is no such thread here.');
  const known = await findReply(tx, reply.idempotencyKey);
  if (known !== undefined) {
    if (known.thread !== id) throw fail('reply-impossible', 'Under this key a reply went into another thread.');
    return { mail: known.mail, message: known.message };
  }
  if (thread.correspondent === null) throw fail('reply-impossible', 'Nobody wrote this thread, or it was erased.');
  const mailbox = await findMailbox(tx, thread.mailbox);
  const to = thread.correspondent.mailAddress;
  if (to.toLowerCase() === mailbox?.mailAddress) throw fail('reply-impossible', 'It would go to the mailbox itself.');
  const subject = subjectOf(thread);
  const headers = await selectHeaders(tx, id, MOST_REFERENCES);
  const [latest] = headers;
  const message = await queueMail(tx, {
    template: THREAD_REPLY,
    to,
    language: reply.language,
    figures: { subject, text: reply.text, from: mailbox?.name ?? '' },
    idempotencyKey: `thread-reply:${reply.idempotencyKey}`,
    ...(mailbox !== undefined && { replyTo: answersTo(mailbox, thread), fromName: mailbox.name }),
    ...(latest !== undefined && { inReplyTo: latest, references: [...headers].reverse() }),
  });
  const mail = newId<'Mail'>(tx.at);
  await insertMail(tx, {
    id: mail,
    thread: id,
    kind: 'reply',
    messageIdHeader: null,
    from: mailbox === undefined ? null : { name: mailbox.name, mailAddress: mailbox.mailAddress },
    to: [to],
    subject,
    text: reply.text,
    salt: null,
    wasPage: false,
    defects: [],
    message,
    writtenBy: by.kind === 'person' ? brand<'Person'>(by.id) : null,
    idempotencyKey: reply.idempotencyKey,
    bounceCode: null,
    datedAt: null,
  });
  const state = reply.closes ? 'closed' : thread.state === 'closed' ? 'open' : thread.state;
  await updateThread(tx, id, { state, assignee: thread.assignee, awaitsReply: false });
  await recordEntry(tx, { kind: 'thread.changed', actor: by, body: { thread: id, act: 'answered', mail, message } });
  if (state !== thread.state) {
    const act = state === 'closed' ? 'closed' : 'reopened';
    await recordEntry(tx, { kind: 'thread.changed', actor: by, body: { thread: id, act } });
  }
  return { mail, message };
}

function answersTo(mailbox: MailboxRow, thread: ThreadRow): string {
  return mailbox.subaddressing ? threadAddress(mailbox.mailAddress, thread.token) : mailbox.mailAddress;
}

/** `Re:` once, whatever mail programs put before it. */
function subjectOf(thread: ThreadRow): string {
  const bare = (thread.subject ?? '').replace(/^(\s*(re|res|enc|fwd?|aw|rv)\s*(\[\d+\])?\s*:)+/i, '').trim();
  return `Re: ${bare}`.trim();
}
