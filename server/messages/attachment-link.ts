import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { type AttachmentRow, findAttachment } from './attachment-store.ts';
import { mailboxProblems } from './mailbox-contract.ts';

const fail = failuresOf(mailboxProblems);

const LIFE_MS = 15 * 60_000;

/** What a link opens, and until when. */
export interface AttachmentLink {
  readonly organisationId: OrganisationId;
  readonly attachment: Id<'Attachment'>;
  readonly expiresAt: Date;
}

/** @throws Failure `attachment-not-found`, also when its file was erased */
export async function getAttachment(tx: Tx, id: Id<'Attachment'>): Promise<AttachmentRow & { readonly path: string }> {
  const attachment = await findAttachment(tx, id);
  const path = attachment?.path ?? null;
  if (attachment === undefined || path === null)
    throw fail('attachment-not-found', 'There is no such attachment here, or it was erased.');
  return { ...attachment, path };
}

/** A path that opens one attachment for fifteen minutes, for whoever has it. */
export function signLink(
  platform: Platform,
  organisationId: OrganisationId,
  attachment: Id<'Attachment'>,
): { readonly path: string; readonly expiresAt: Date } {
  const expiresAt = new Date(platform.clock.now().getTime() + LIFE_MS);
  const link = { organisationId, attachment, expiresAt };
  const signature = signatureOf(platform, link).toString('base64url');
  const until = String(expiresAt.getTime());
  return {
    path: `/v1/messages/files/${organisationId}/${attachment}?until=${until}&signature=${signature}`,
    expiresAt,
  };
}

/** @throws Failure `attachment-not-found` for a link that is made up, changed or over */
export function checkLink(platform: Platform, link: AttachmentLink, signature: string): void {
  const shown = Buffer.from(signature, 'base64url');
  const right = signatureOf(platform, link);
  const isRight = shown.length === right.length && timingSafeEqual(shown, right);
  if (!isRight || link.expiresAt <= platform.clock.now())
    throw fail('attachment-not-found', 'This link is not valid, or no longer.');
}

function signatureOf({ seal }: Platform, { organisationId, attachment, expiresAt }: AttachmentLink): Buffer {
  return createHmac('sha256', seal.derive('attachment links'))
    .update(`${organisationId} ${attachment} ${expiresAt.getTime()}`)
    .digest();
}
