import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { MailId } from './thread-store.ts';

export type AttachmentId = Id<'Attachment'>;

/** A file in the storage; it has the id of its attachment. */
export interface FileRow {
  readonly id: AttachmentId;
  /** Its key there. */
  readonly path: string;
}

export interface AttachmentRow {
  readonly id: AttachmentId;
  readonly mail: MailId;
  /** Key of its file; null when that is gone. */
  readonly path: string | null;
  readonly name: string | null;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly receivedAt: Date;
}

/** Writes down which files are about to be written, so that none is left behind that nobody knows of. */
export async function insertFiles(tx: Tx, files: readonly FileRow[]): Promise<void> {
  if (files.length === 0) return;
  await tx.db
    .insertInto('messages.attachment_file')
    .values(files.map(({ id, path }) => ({ organisation_id: tx.organisationId, id, path, begun_at: tx.at })))
    .onConflict((conflict) => conflict.columns(['organisation_id', 'id']).doUpdateSet({ begun_at: tx.at }))
    .execute();
}

/** Files that were begun before an instant and belong to no attachment, 100 at most. */
export async function selectAbandonedFiles(tx: Tx, before: Date): Promise<FileRow[]> {
  const rows = await tx.db
    .selectFrom('messages.attachment_file as f')
    .leftJoin('messages.attachment as a', (on) =>
      on.onRef('a.organisation_id', '=', 'f.organisation_id').onRef('a.id', '=', 'f.id'),
    )
    .select(['f.id', 'f.path'])
    .where('f.organisation_id', '=', tx.organisationId)
    .where('f.begun_at', '<', before)
    .where('a.id', 'is', null)
    .orderBy('f.begun_at')
    .limit(100)
    .execute();
  return rows.map((row) => ({ id: brand<'Attachment'>(row.id), path: row.path }));
}

export async function deleteFiles(tx: Tx, ids: readonly AttachmentId[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.db
    .deleteFrom('messages.attachment_file')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', 'in', [...ids])
    .execute();
}

/** Adds attachments whose files are written. */
export async function insertAttachments(
  tx: Tx,
  attachments: readonly Pick<AttachmentRow, 'id' | 'mail' | 'name' | 'mediaType' | 'bytes' | 'sha256'>[],
): Promise<void> {
  if (attachments.length === 0) return;
  await tx.db
    .insertInto('messages.attachment')
    .values(
      attachments.map((attachment) => ({
        organisation_id: tx.organisationId,
        id: attachment.id,
        mail_id: attachment.mail,
        name: attachment.name,
        media_type: attachment.mediaType,
        bytes: attachment.bytes,
        sha256: attachment.sha256,
        received_at: tx.at,
      })),
    )
    .execute();
}

/** Of these mails. */
export async function selectAttachments(tx: Tx, mails: readonly MailId[]): Promise<AttachmentRow[]> {
  if (mails.length === 0) return [];
  const rows = await attachmentsWithFiles(tx)
    .where('a.mail_id', 'in', [...mails])
    .orderBy('a.id')
    .execute();
  return rows.map(attachmentOf);
}

export async function findAttachment(tx: Tx, id: AttachmentId): Promise<AttachmentRow | undefined> {
  const row = await attachmentsWithFiles(tx).where('a.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : attachmentOf(row);
}

function attachmentsWithFiles(tx: Tx) {
  return tx.db
    .selectFrom('messages.attachment as a')
    .leftJoin('messages.attachment_file as f', (on) =>
      on.onRef('f.organisation_id', '=', 'a.organisation_id').onRef('f.id', '=', 'a.id'),
    )
    .select(['a.id', 'a.mail_id', 'a.name', 'a.media_type', 'a.bytes', 'a.sha256', 'a.received_at', 'f.path'])
    .where('a.organisation_id', '=', tx.organisationId);
}

interface Row {
  readonly id: string;
  readonly mail_id: string;
  readonly path: string | null;
  readonly name: string | null;
  readonly media_type: string;
  readonly bytes: string;
  readonly sha256: Buffer;
  readonly received_at: Date;
}

function attachmentOf(row: Row): AttachmentRow {
  return {
    id: brand<'Attachment'>(row.id),
    mail: brand<'Mail'>(row.mail_id),
    path: row.path,
    name: row.name,
    mediaType: row.media_type,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    receivedAt: row.received_at,
  };
}
