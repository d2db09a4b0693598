import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { type MailParser, openMailParser } from './mail-parser.ts';
import { noteFailure, noteRecovery } from './mailbox-condition.ts';
import { openSecret } from './mailbox-secret.ts';
import { findMailbox, type MailboxId, type MailboxRow, markProgress, markRead } from './mailbox-store.ts';
import { MailboxTrouble } from './mailbox-trouble.ts';
import { MOST_MAIL_BYTES, type OpenFolder, openFolder, troubleOf } from './open-mailbox.ts';
import { takeMail } from './take-mail.ts';

/** Of a mail that is too large only this much is read. */
const BEGINNING_BYTES = 256 * 1024;
/** The clock of a mail server and ours may differ this much. */
const CLOCK_TOLERANCE_MS = 60 * 60_000;

/**
 * Reads what is new in a mailbox over IMAP, one mail and one transaction at a time, oldest first. Nothing on the server
 * is changed. One process at a time reads a mailbox.
 * @returns how many mails were new; null when another process is at it, or there is nothing to read
 */
export async function readMailbox(
  platform: Platform,
  organisationId: OrganisationId,
  id: MailboxId,
  signal?: AbortSignal,
): Promise<number | null> {
  const lock = await platform.db.tryLock(`messages.mailbox ${id}`);
  if (lock === null) return null;
  try {
    const mailbox = await platform.db.transaction(organisationId, (tx) => findMailbox(tx, id));
    if (mailbox === undefined || !mailbox.enabled || mailbox.imap === null) return null;
    try {
      return await readNew(platform, organisationId, mailbox, signal);
    } catch (error) {
      const trouble = troubleOf(error);
      if (!(trouble instanceof MailboxTrouble)) throw error;
      platform.log.warn({ mailbox: id, reason: trouble.reason }, 'a mailbox cannot be read');
      await platform.db.transaction(organisationId, async (tx) => {
        const now = await findMailbox(tx, id);
        if (now !== undefined) await noteFailure(tx, now, trouble.reason);
      });
      return null;
    }
  } finally {
    await lock.release();
  }
}

async function readNew(
  platform: Platform,
  organisationId: OrganisationId,
  mailbox: MailboxRow,
  signal: AbortSignal | undefined,
): Promise<number> {
  if (mailbox.imap === null) return 0;
  const folder = await openFolder(platform, mailbox.imap, openSecret(platform, mailbox.id, mailbox.sealedSecret));
  const parser = openMailParser();
  try {
    let taken = 0;
    for (const uid of await newUids(folder, mailbox)) {
      signal?.throwIfAborted();
      if (await readOne(platform, organisationId, mailbox, folder, parser, uid)) taken += 1;
    }
    await platform.db.transaction(organisationId, async (tx) => {
      await markRead(tx, mailbox.id);
      const now = await findMailbox(tx, mailbox.id);
      if (now !== undefined) await noteRecovery(tx, now, 'reading');
    });
    return taken;
  } finally {
    await parser.close();
    await folder.close();
  }
}

/**
 * Numbers of mails that were not looked at yet. Where the server counts anew (another UIDVALIDITY, RFC 3501 2.3.1.1) all
 * are, and those that were taken before are recognised. What came before the mailbox was added is left alone.
 */
async function newUids({ client, uidValidity }: OpenFolder, mailbox: MailboxRow): Promise<number[]> {
  const last = mailbox.uidValidity === uidValidity ? mailbox.lastUid : 0;
  // Servers search by day, each in a time zone of its own; `readOne` looks at the hour.
  const since = new Date(mailbox.createdAt.getTime() - 36 * 60 * 60_000);
  const found = await client.search({ uid: `${last + 1}:*`, since }, { uid: true });
  if (found === undefined || found === false) throw new MailboxTrouble('server-faulty');
  // `n:*` always names the last mail, also where its number is below n.
  return found.filter((uid) => uid > last).sort((one, other) => one - other);
}

/** @returns whether it was new */
async function readOne(
  platform: Platform,
  organisationId: OrganisationId,
  mailbox: MailboxRow,
  { client, uidValidity }: OpenFolder,
  parser: MailParser,
  uid: number,
): Promise<boolean> {
  const advance = (tx: Tx) => markProgress(tx, mailbox.id, uidValidity, uid);
  const what = await client.fetchOne(String(uid), { uid: true, size: true, internalDate: true }, { uid: true });
  const cameAt = what === false || what === undefined ? null : new Date(what.internalDate ?? Number.NaN);
  // Somebody deleted it in between, or it came on the same day but before the mailbox was added.
  const isOld = cameAt !== null && cameAt.getTime() < mailbox.createdAt.getTime() - CLOCK_TOLERANCE_MS;
  if (what === false || what === undefined || isOld) {
    await platform.db.transaction(organisationId, advance);
    return false;
  }
  const isWhole = (what.size ?? 0) <= MOST_MAIL_BYTES;
  const source = isWhole ? true : { start: 0, maxLength: BEGINNING_BYTES };
  const fetched = await client.fetchOne(String(uid), { uid: true, source }, { uid: true });
  if (fetched === false || fetched?.source === undefined) {
    await platform.db.transaction(organisationId, advance);
    return false;
  }
  const mail = await parser.parse(fetched.source, isWhole);
  return takeMail(platform, organisationId, mailbox, mail, advance);
}
