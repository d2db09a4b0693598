import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { MailboxError, MailboxKind, MailboxScheme, MailboxSecurity } from './mailbox-contract.ts';

export type MailboxId = Id<'Mailbox'>;

/** Where a folder lies on a mail server, and who may read it; without the password. */
export interface ImapServer {
  readonly host: string;
  readonly port: number;
  readonly security: MailboxSecurity;
  readonly user: string;
  readonly folder: string;
}

/** A mailbox as it is stored. Exactly one of `imap` and `scheme` is not null. */
export interface MailboxRow {
  readonly id: MailboxId;
  readonly kind: MailboxKind;
  readonly name: string;
  readonly mailAddress: string;
  readonly enabled: boolean;
  readonly subaddressing: boolean;
  readonly imap: ImapServer | null;
  readonly scheme: MailboxScheme | null;
  readonly sealedSecret: Buffer;
  readonly lastFour: string | null;
  readonly earlierSealedSecret: Buffer | null;
  readonly earlierUntil: Date | null;
  /** Decimal digits; null while the folder was never opened. */
  readonly uidValidity: string | null;
  readonly lastUid: number;
  readonly error: MailboxError | null;
  readonly failingSince: Date | null;
  readonly toldAt: Date | null;
  readonly nextReadAt: Date | null;
  readonly readAt: Date | null;
  readonly receivedAt: Date | null;
  readonly probeMessage: Id<'Message'> | null;
  readonly probeSentAt: Date | null;
  readonly probeTakenAt: Date | null;
  readonly createdAt: Date;
}

/** What people set of it; the rest is what became of it. */
export type MailboxSettings = Pick<
  MailboxRow,
  'kind' | 'name' | 'mailAddress' | 'enabled' | 'subaddressing' | 'imap' | 'scheme' | 'sealedSecret' | 'lastFour'
>;

/** False when the organisation has one with this address. */
export async function insertMailbox(tx: Tx, id: MailboxId, settings: MailboxSettings): Promise<boolean> {
  const inserted = await tx.db
    .insertInto('messages.mailbox')
    .values({ organisation_id: tx.organisationId, id, ...columnsOf(settings), created_at: tx.at })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'mail_address']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Whether another mailbox has the address. */
export async function isAddressTaken(tx: Tx, mailAddress: string, but: MailboxId): Promise<boolean> {
  const found = await tx.db
    .selectFrom('messages.mailbox')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('mail_address', '=', mailAddress)
    .where('id', '<>', but)
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * Writes new settings; what was wrong before counts no more.
 * @param isElsewhere whether it is another folder now, which is read from its beginning
 */
export async function updateMailbox(
  tx: Tx,
  id: MailboxId,
  settings: MailboxSettings,
  isElsewhere: boolean,
): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({
      ...columnsOf(settings),
      error: null,
      failing_since: null,
      told_at: null,
      next_read_at: null,
      ...(isElsewhere && { uid_validity: null, last_uid: 0 }),
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

function columnsOf(settings: MailboxSettings) {
  return {
    kind: settings.kind,
    name: settings.name,
    mail_address: settings.mailAddress,
    enabled: settings.enabled,
    subaddressing: settings.subaddressing,
    host: settings.imap?.host ?? null,
    port: settings.imap?.port ?? null,
    security: settings.imap?.security ?? null,
    username: settings.imap?.user ?? null,
    folder: settings.imap?.folder ?? null,
    scheme: settings.scheme,
    sealed_secret: settings.sealedSecret,
    last_four: settings.lastFour,
  };
}

/** Another secret; the one before it is accepted until `earlierUntil`. */
export async function updateSecret(
  tx: Tx,
  id: MailboxId,
  secret: { readonly sealed: Buffer; readonly lastFour: string; readonly earlier: Buffer; readonly earlierUntil: Date },
): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({
      sealed_secret: secret.sealed,
      last_four: secret.lastFour,
      earlier_sealed_secret: secret.earlier,
      earlier_until: secret.earlierUntil,
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function deleteMailbox(tx: Tx, id: MailboxId): Promise<boolean> {
  const gone = await tx.db
    .deleteFrom('messages.mailbox')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  if (gone === undefined) return false;
  await tx.db
    .deleteFrom('messages.taken')
    .where('organisation_id', '=', tx.organisationId)
    .where('mailbox_id', '=', id)
    .execute();
  return true;
}

/** By name, a hundred at most. */
export async function selectMailboxes(tx: Tx): Promise<MailboxRow[]> {
  const rows = await tx.db
    .selectFrom('messages.mailbox')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .orderBy('name')
    .orderBy('id')
    .limit(100)
    .execute();
  return rows.map(mailboxOf);
}

export async function findMailbox(tx: Tx, id: MailboxId): Promise<MailboxRow | undefined> {
  const row = await tx.db
    .selectFrom('messages.mailbox')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : mailboxOf(row);
}

/** Writes how far the folder was read. */
export async function markProgress(tx: Tx, id: MailboxId, uidValidity: string, lastUid: number): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ uid_validity: uidValidity, last_uid: lastUid })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** It was read to its end, or brought something; a failure ends, but that mail is lost on the way is not seen by reading. */
export async function markRead(tx: Tx, id: MailboxId): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ read_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function markRecovered(tx: Tx, id: MailboxId): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ error: null, failing_since: null, told_at: null, next_read_at: null })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function markFailing(
  tx: Tx,
  id: MailboxId,
  failing: { readonly error: MailboxError; readonly since: Date; readonly nextReadAt: Date },
): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ error: failing.error, failing_since: failing.since, next_read_at: failing.nextReadAt })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function markTold(tx: Tx, id: MailboxId): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ told_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function markReceived(tx: Tx, id: MailboxId): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ received_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** A test mail was queued. */
export async function markProbeSent(tx: Tx, id: MailboxId, message: Id<'Message'>): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ probe_message_id: message, probe_sent_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** A test mail came back. */
export async function markProbeTaken(tx: Tx, id: MailboxId): Promise<void> {
  await tx.db
    .updateTable('messages.mailbox')
    .set({ probe_taken_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** False when a mail with this fingerprint was taken from this mailbox before. */
export async function insertTaken(
  tx: Tx,
  mailbox: MailboxId,
  fingerprint: Buffer,
  mail: Id<'Mail'> | null,
): Promise<boolean> {
  const inserted = await tx.db
    .insertInto('messages.taken')
    .values({ organisation_id: tx.organisationId, mailbox_id: mailbox, fingerprint, mail_id: mail, taken_at: tx.at })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'mailbox_id', 'fingerprint']).doNothing())
    .returning('fingerprint')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function isTaken(tx: Tx, mailbox: MailboxId, fingerprint: Buffer): Promise<boolean> {
  const row = await tx.db
    .selectFrom('messages.taken')
    .select('fingerprint')
    .where('organisation_id', '=', tx.organisationId)
    .where('mailbox_id', '=', mailbox)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
  return row !== undefined;
}

interface Row {
  readonly id: string;
  readonly kind: MailboxKind;
  readonly name: string;
  readonly mail_address: string;
  readonly enabled: boolean;
  readonly subaddressing: boolean;
  readonly host: string | null;
  readonly port: number | null;
  readonly security: MailboxSecurity | null;
  readonly username: string | null;
  readonly folder: string | null;
  readonly scheme: MailboxScheme | null;
  readonly sealed_secret: Buffer;
  readonly last_four: string | null;
  readonly earlier_sealed_secret: Buffer | null;
  readonly earlier_until: Date | null;
  readonly uid_validity: string | null;
  readonly last_uid: string;
  readonly error: MailboxError | null;
  readonly failing_since: Date | null;
  readonly told_at: Date | null;
  readonly next_read_at: Date | null;
  readonly read_at: Date | null;
  readonly received_at: Date | null;
  readonly probe_message_id: string | null;
  readonly probe_sent_at: Date | null;
  readonly probe_taken_at: Date | null;
  readonly created_at: Date;
}

function mailboxOf(row: Row): MailboxRow {
  const { host, port, security, username, folder } = row;
  const isImap = host !== null && port !== null && security !== null && username !== null && folder !== null;
  return {
    id: brand<'Mailbox'>(row.id),
    kind: row.kind,
    name: row.name,
    mailAddress: row.mail_address,
    enabled: row.enabled,
    subaddressing: row.subaddressing,
    imap: isImap ? { host, port, security, user: username, folder } : null,
    scheme: row.scheme,
    sealedSecret: row.sealed_secret,
    lastFour: row.last_four,
    earlierSealedSecret: row.earlier_sealed_secret,
    earlierUntil: row.earlier_until,
    uidValidity: row.uid_validity,
    lastUid: Number(row.last_uid),
    error: row.error,
    failingSince: row.failing_since,
    toldAt: row.told_at,
    nextReadAt: row.next_read_at,
    readAt: row.read_at,
    receivedAt: row.received_at,
    probeMessage: row.probe_message_id === null ? null : brand<'Message'>(row.probe_message_id),
    probeSentAt: row.probe_sent_at,
    probeTakenAt: row.probe_taken_at,
    createdAt: row.created_at,
  };
}
