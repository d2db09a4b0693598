import { randomBytes } from 'node:crypto';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type MailboxInput, mailboxProblems } from './mailbox-contract.ts';
import { openSecret, sealSecret } from './mailbox-secret.ts';
import {
  deleteMailbox,
  findMailbox,
  type ImapServer,
  insertMailbox,
  isAddressTaken,
  type MailboxId,
  type MailboxRow,
  type MailboxSettings,
  updateMailbox,
  updateSecret,
} from './mailbox-store.ts';

const fail = failuresOf(mailboxProblems);

/** For how long the secret before the one in use is accepted. */
const OVERLAP_MS = 24 * 60 * 60_000;

/**
 * Adds a mailbox. Mail that comes from now on is taken from it.
 * @returns with the secret of a webhook where Kept made it, which is never shown again
 * @throws Failure `mailbox-exists`, `mailbox-password-needed`
 */
export async function addMailbox(
  platform: Platform,
  tx: Tx,
  input: MailboxInput,
  by: Actor,
): Promise<{ readonly mailbox: MailboxRow; readonly secret: string | null }> {
  const id: MailboxId = newId<'Mailbox'>(tx.at);
  const made = input.kind === 'webhook' && input.scheme === 'standard' ? newSecret() : null;
  const secret = made ?? (input.kind === 'imap' ? input.password : input.signingKey);
  if (secret === undefined)
    throw fail('mailbox-password-needed', 'A mailbox needs the password, or the signing key, that opens it.');
  const added = await insertMailbox(
    tx,
    id,
    settingsOf(input, sealSecret(platform, id, secret), lastFourOf(input, secret)),
  );
  if (!added) throw exists();
  await recordEntry(tx, { kind: 'mailbox.changed', actor: by, body: { mailbox: id, act: 'added' } });
  return { mailbox: await getMailbox(tx, id), secret: made };
}

/**
 * Changes a mailbox. Its password is asked for anew where it would be shown to another server or for another user.
 * @throws Failure `mailbox-not-found`, `mailbox-exists`, `mailbox-password-needed`
 */
export async function changeMailbox(
  platform: Platform,
  tx: Tx,
  id: MailboxId,
  input: MailboxInput,
  by: Actor,
): Promise<MailboxRow> {
  const before = await getMailbox(tx, id);
  // Another kind is another mailbox.
  if (before.kind !== input.kind) throw notFound();
  if (await isAddressTaken(tx, input.mailAddress.toLowerCase(), id)) throw exists();
  const given = input.kind === 'imap' ? input.password : input.signingKey;
  const isElsewhere = input.kind === 'imap' && !isSameServer(before.imap, input);
  const isOtherScheme = input.kind === 'webhook' && before.scheme !== input.scheme;
  if (given === undefined && (isElsewhere || isOtherScheme))
    throw fail('mailbox-password-needed', 'What opens the mailbox is given again when it would be shown elsewhere.');
  const sealed = given === undefined ? before.sealedSecret : sealSecret(platform, id, given);
  const lastFour = given === undefined ? before.lastFour : lastFourOf(input, given);
  const isOtherFolder = isElsewhere || (input.kind === 'imap' && before.imap?.folder !== input.folder);
  await updateMailbox(tx, id, settingsOf(input, sealed, lastFour), isOtherFolder);
  await recordEntry(tx, { kind: 'mailbox.changed', actor: by, body: { mailbox: id, act: 'changed' } });
  return getMailbox(tx, id);
}

/** Its threads stay. @throws Failure `mailbox-not-found` */
export async function removeMailbox(tx: Tx, id: MailboxId, by: Actor): Promise<void> {
  if (!(await deleteMailbox(tx, id))) throw notFound();
  await recordEntry(tx, { kind: 'mailbox.changed', actor: by, body: { mailbox: id, act: 'removed' } });
}

/**
 * Makes another secret for a webhook that signs as Standard Webhooks do; the one before it is accepted for a day.
 * @throws Failure `mailbox-not-found`, `mailbox-has-no-secret`
 */
export async function renewSecret(
  platform: Platform,
  tx: Tx,
  id: MailboxId,
  by: Actor,
): Promise<{ readonly mailbox: MailboxRow; readonly secret: string }> {
  const mailbox = await getMailbox(tx, id);
  if (mailbox.scheme !== 'standard')
    throw fail('mailbox-has-no-secret', 'Kept makes secrets only for webhooks that sign as Standard Webhooks do.');
  const secret = newSecret();
  await updateSecret(tx, id, {
    sealed: sealSecret(platform, id, secret),
    lastFour: secret.slice(-4),
    earlier: mailbox.sealedSecret,
    earlierUntil: new Date(tx.at.getTime() + OVERLAP_MS),
  });
  await recordEntry(tx, { kind: 'mailbox.changed', actor: by, body: { mailbox: id, act: 'secret-renewed' } });
  return { mailbox: await getMailbox(tx, id), secret };
}

/**
 * The password to try settings with: the one that was given, or that of the stored mailbox on the same server.
 * @throws Failure `mailbox-not-found`, `mailbox-password-needed`
 */
export async function passwordFor(
  platform: Platform,
  tx: Tx,
  server: Omit<ImapServer, 'folder'>,
  given: { readonly mailbox?: MailboxId | undefined; readonly password?: string | undefined },
): Promise<string> {
  if (given.password !== undefined) return given.password;
  const stored = given.mailbox === undefined ? null : await getMailbox(tx, given.mailbox);
  if (stored === null || !isSameServer(stored.imap, server))
    throw fail('mailbox-password-needed', 'The password is needed to try a server it was not given for.');
  return openSecret(platform, stored.id, stored.sealedSecret);
}

/** @throws Failure `mailbox-not-found` */
export async function getMailbox(tx: Tx, id: MailboxId): Promise<MailboxRow> {
  const mailbox = await findMailbox(tx, id);
  if (mailbox === undefined) throw notFound();
  return mailbox;
}

function settingsOf(input: MailboxInput, sealedSecret: Buffer, lastFour: string | null): MailboxSettings {
  const { kind, name, enabled, subaddressing } = input;
  const basics = {
    kind,
    name,
    mailAddress: input.mailAddress.toLowerCase(),
    enabled,
    subaddressing,
    sealedSecret,
    lastFour,
  };
  if (input.kind === 'webhook') return { ...basics, imap: null, scheme: input.scheme };
  const { host, port, security, user, folder } = input;
  return { ...basics, imap: { host, port, security, user, folder }, scheme: null };
}

function isSameServer(one: Omit<ImapServer, 'folder'> | null, other: Omit<ImapServer, 'folder'>): boolean {
  return (
    one !== null &&
    one.host === other.host &&
    one.port === other.port &&
    one.security === other.security &&
    one.user === other.user
  );
}

/** Of a password nothing is shown. */
function lastFourOf(input: MailboxInput, secret: string): string | null {
  return input.kind === 'webhook' ? secret.slice(-4) : null;
}

/** As Standard Webhooks write them. */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

function exists() {
  return fail('mailbox-exists', 'Each address has one mailbox.');
}

function notFound() {
  return fail('mailbox-not-found', 'There is no such mailbox here.');
}
