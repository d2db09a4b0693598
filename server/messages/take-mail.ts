import { createHash, randomBytes } from 'node:crypto';
import { commitTo, recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand, newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { insertAttachments, insertFiles } from './attachment-store.ts';
import { noteRecovery } from './mailbox-condition.ts';
import type { MailDefect } from './mailbox-contract.ts';
import {
  findMailbox,
  insertTaken,
  isTaken,
  type MailboxId,
  type MailboxRow,
  markProbeTaken,
  markReceived,
} from './mailbox-store.ts';
import { opensAccount } from './opens-account.ts';
import type { ParsedAttachment, ParsedMail } from './parse-mail.ts';
import { recordBounce } from './record-bounce.ts';
import { tokensIn } from './thread-address.ts';
import {
  findMessageOfHeader,
  findThread,
  findThreadOfHeaders,
  findThreadOfToken,
  insertMail,
  insertThread,
  lockThread,
  type ThreadRow,
  updateThread,
} from './thread-store.ts';

const actor: Actor = { kind: 'system', id: 'mail-in' };
const nobody: ThreadRow['correspondent'] = null;

/** An attachment whose file is written. */
interface Filed {
  readonly id: Id<'Attachment'>;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: Buffer;
}

/**
 * Takes one mail into Kept, once: whoever is killed in between leaves nothing that counts, and the next one to come with
 * the same mail does it again. Files are written before the transaction, under keys that follow from the mail, so that
 * doing it again overwrites them.
 * @param alongside what is to commit with it, such as how far the mailbox was read
 * @returns whether it was new
 */
export async function takeMail(
  platform: Platform,
  organisationId: OrganisationId,
  mailbox: MailboxRow,
  mail: ParsedMail,
  alongside: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  const fingerprint = Buffer.from(mail.fingerprint);
  const isKnown = await platform.db.transaction(organisationId, (tx) => isTaken(tx, mailbox.id, fingerprint));
  const isSecret = await opensAccount(platform, mail.messageId);
  const filed = isKnown || isSecret ? [] : await fileAttachments(platform, organisationId, mailbox.id, mail);
  return platform.db.transaction(organisationId, async (tx) => {
    // It may have been removed meanwhile, or told of a test mail.
    const now = await findMailbox(tx, mailbox.id);
    if (now === undefined) return false;
    await alongside(tx);
    const id = newId<'Mail'>(tx.at);
    const own = mail.messageId === null ? undefined : await findMessageOfHeader(tx, mail.messageId);
    const isShown = own === undefined && !isSecret && !(await isSettledBounce(tx, mail));
    if (!(await insertTaken(tx, mailbox.id, fingerprint, isShown ? id : null))) return false;
    await markReceived(tx, mailbox.id);
    // A mail of ours that reached our own mailbox is no news; that it arrived may be.
    if (own !== undefined && own === now.probeMessage) {
      await markProbeTaken(tx, mailbox.id);
      await noteRecovery(tx, now, 'mail-lost');
    }
    if (isShown) await addToThread(tx, mailbox.id, id, mail, filed);
    return true;
  });
}

/**
 * Notes what a report says of a mail of ours.
 * @returns whether that was all: the mail it is about stands in no thread
 */
async function isSettledBounce(tx: Tx, mail: ParsedMail): Promise<boolean> {
  const { bounce } = mail;
  if (bounce === null || bounce.original === null) return false;
  const isFailure = bounce.action === 'failed';
  if (isFailure || bounce.action === 'delayed')
    await recordBounce(tx, {
      messageIdHeader: bounce.original,
      permanent: isFailure && !(bounce.code?.startsWith('4.') ?? false),
      code: bounce.code,
    });
  if ((await findMessageOfHeader(tx, bounce.original)) === undefined) return false;
  return (await findThreadOfHeaders(tx, [bounce.original])) === undefined;
}

async function addToThread(
  tx: Tx,
  mailbox: MailboxId,
  id: Id<'Mail'>,
  mail: ParsedMail,
  filed: readonly Filed[],
): Promise<void> {
  const found = await findItsThread(tx, mail);
  const thread = found ?? (await openThread(tx, mailbox, mail));
  const defects = [...mail.defects, ...(isFromElsewhere(thread, mail) ? (['other-sender'] as const) : [])];
  const { salt, commitment } = commitTo({ sha256: Buffer.from(mail.fingerprint).toString('hex') });
  await insertMail(tx, {
    id,
    thread: thread.id,
    kind: mail.kind,
    messageIdHeader: mail.messageId,
    from: mail.from,
    to: mail.to,
    subject: mail.subject,
    text: mail.text,
    salt,
    wasPage: mail.wasPage,
    defects: defects satisfies MailDefect[],
    message: null,
    writtenBy: null,
    idempotencyKey: null,
    bounceCode: mail.bounce?.code ?? null,
    datedAt: mail.datedAt,
  });
  await insertAttachments(
    tx,
    filed.map((file) => ({ ...file, mail: id })),
  );
  // What a machine wrote is neither a question nor an answer.
  if (mail.kind === 'mail') {
    const state = thread.state === 'closed' ? 'open' : thread.state;
    await updateThread(tx, thread.id, { state, assignee: thread.assignee, awaitsReply: true });
    if (state !== thread.state)
      await recordEntry(tx, { kind: 'thread.changed', actor, body: { thread: thread.id, act: 'reopened', mail: id } });
  }
  const opened = found === undefined;
  const body = { mail: id, thread: thread.id, mailbox, kind: mail.kind, opened, attachments: filed.length };
  await recordEntry(tx, { kind: 'mail.received', actor, body, commitment });
}

/** By what it answers, else by what stands behind a plus in the address it came to. */
async function findItsThread(tx: Tx, mail: ParsedMail): Promise<ThreadRow | undefined> {
  const ids = mail.bounce?.original == null ? mail.answers : [mail.bounce.original, ...mail.answers];
  const id = (await findThreadOfHeaders(tx, ids)) ?? (await findThreadOfToken(tx, tokensIn(mail.deliveredTo)));
  return id === undefined ? undefined : lockThread(tx, id);
}

async function openThread(tx: Tx, mailbox: MailboxId, mail: ParsedMail): Promise<ThreadRow> {
  const id = newId<'Thread'>(tx.at);
  await insertThread(tx, {
    id,
    mailbox,
    subject: mail.subject,
    // An answer to a report or a machine would be read by nobody, or by another machine.
    correspondent: mail.kind === 'mail' ? mail.answerTo : nobody,
    token: randomBytes(10).toString('hex'),
    state: mail.kind === 'mail' ? 'open' : 'dismissed',
  });
  const thread = await findThread(tx, id);
  if (thread === undefined) throw new Error('a thread that was just opened is not there');
  return thread;
}

function isFromElsewhere(thread: ThreadRow, mail: ParsedMail): boolean {
  if (mail.kind !== 'mail' || thread.correspondent === null || thread.mails === 0) return false;
  const address = thread.correspondent.mailAddress.toLowerCase();
  return ![mail.from, mail.answerTo].some((one) => one?.mailAddress.toLowerCase() === address);
}

async function fileAttachments(
  platform: Platform,
  organisationId: OrganisationId,
  mailbox: MailboxId,
  mail: ParsedMail,
): Promise<Filed[]> {
  const wanted = mail.attachments.map((attachment, place) => {
    const id = attachmentId(organisationId, mailbox, mail, place);
    return { attachment, id, path: `attachments/${organisationId}/${id}` };
  });
  await platform.db.transaction(organisationId, (tx) => insertFiles(tx, wanted));
  const filed: Filed[] = [];
  for (const { attachment, id, path } of wanted) {
    const { bytes, sha256 } = await platform.files.write(path, contentOf(attachment));
    const { name, mediaType } = attachment;
    filed.push({ id, name, mediaType, bytes, sha256: Buffer.from(sha256, 'hex') });
  }
  return filed;
}

async function* contentOf({ content }: ParsedAttachment): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Follows from the mail, so that taking it again writes the same files; UUIDv8 (RFC 9562). */
function attachmentId(
  organisationId: OrganisationId,
  mailbox: MailboxId,
  mail: ParsedMail,
  place: number,
): Id<'Attachment'> {
  const hex = createHash('sha256')
    .update(`${organisationId} ${mailbox} ${place} `)
    .update(mail.fingerprint)
    .digest('hex');
  return brand<'Attachment'>(
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
  );
}
