import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { MailId } from './thread-store.ts';

export interface AttachmentRow {
  readonly id: Id<'Attachment'>;
  readonly mail: MailId;
  /** Where its file is; null where it was not taken, or is gone. */
  readonly fileKey: string | null;
  readonly name: string | null;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly receivedAt: Date;
  readonly purgedAt: Date | null;
}

/** Writes down which files are about to be written, so that none is left behind that nobody knows of. */
export async function insertPendingFiles(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.db
    .insertInto('messages.pending_file')
    .values(keys.map((key) => ({ organisation_id: tx.organisationId, file_key: key, begun_at: tx.at })))
    .onConflict((conflict) => conflict.columns(['organisation_id', 'file_key']).doUpdateSet({ begun_at: tx.at }))
    .execute();
}

/** Files whose writing began before an instant and never ended, 100 at most. */
export async function selectPendingFiles(tx: Tx, before: Date): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('messages.pending_file')
    .select('file_key')
    .where('organisation_id', '=', tx.organisationId)
    .where('begun_at', '<', before)
    .orderBy('begun_at')
    .limit(100)
    .execute();
  return rows.map((row) => row.file_key);
}

export async function deletePendingFiles(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx.db
    .deleteFrom('messages.pending_file')
    .where('organisation_id', '=', tx.organisationId)
    .where('file_key', 'in', [...keys])
    .execute();
}

/** Adds attachments whose files are written; they are pending no longer. */
export async function insertAttachments(
  tx: Tx,
  attachments: readonly Pick<AttachmentRow, 'id' | 'mail' | 'fileKey' | 'name' | 'mediaType' | 'bytes' | 'sha256'>[],
): Promise<void> {
  if (attachments.length === 0) return;
  await tx.db
    .insertInto('messages.attachment')
    .values(
      attachments.map((attachment) => ({
        organisation_id: tx.organisationId,
        id: attachment.id,
        mail_id: attachment.mail,
        file_key: attachment.fileKey,
        name: attachment.name,
        media_type: attachment.mediaType,
        bytes: attachment.bytes,
        sha256: attachment.sha256,
        received_at: tx.at,
      })),
    )
    .execute();
  await deletePendingFiles(
    tx,
    attachments.flatMap(({ fileKey }) => fileKey ?? []),
  );
}

/** Of these mails, in the order they stood in. */
export async function selectAttachments(tx: Tx, mails: readonly MailId[]): Promise<AttachmentRow[]> {
  if (mails.length === 0) return [];
  const rows = await tx.db
    .selectFrom('messages.attachment')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('mail_id', 'in', [...mails])
    .orderBy('id')
    .execute();
  return rows.map(attachmentOf);
}

export async function findAttachment(tx: Tx, id: Id<'Attachment'>): Promise<AttachmentRow | undefined> {
  const row = await tx.db
    .selectFrom('messages.attachment')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : attachmentOf(row);
}

interface Row {
  readonly id: string;
  readonly mail_id: string;
  readonly file_key: string | null;
  readonly name: string | null;
  readonly media_type: string;
  readonly bytes: string;
  readonly sha256: Buffer;
  readonly received_at: Date;
  readonly purged_at: Date | null;
}

function attachmentOf(row: Row): AttachmentRow {
  return {
    id: brand<'Attachment'>(row.id),
    mail: brand<'Mail'>(row.mail_id),
    fileKey: row.file_key,
    name: row.name,
    mediaType: row.media_type,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    receivedAt: row.received_at,
    purgedAt: row.purged_at,
  };
}
