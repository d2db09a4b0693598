import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { exportsProblems, LINK_MINUTES } from './contract.ts';
import { fileNameOf } from './show-export.ts';
import { findExport, insertLink } from './store.ts';

const fail = failuresOf(exportsProblems);

/**
 * A link that downloads the file of an export without signing in. That the caller may was checked before. It is signed,
 * so that nobody can make one up, and known, so that its use stands in the ledger with who asked for it.
 * @throws Failure `export-not-found`, `export-not-ready`
 */
export async function makeLink(
  platform: Platform,
  tx: Tx,
  id: Id<'Export'>,
  by: Actor,
): Promise<{ path: string; expiresAt: string; bytes: number; sha256: string }> {
  const found = await findExport(tx, id);
  if (found === undefined) throw fail('export-not-found', 'There is no such export.');
  const { state, bytes, sha256, expiresAt: fileUntil } = found;
  if (state !== 'ready' || bytes === null || sha256 === null || fileUntil === null || fileUntil <= tx.at)
    throw fail('export-not-ready', state === 'ready' ? 'Its file is no longer given out.' : `This export is ${state}.`);
  const link = newId<'ExportLink'>(tx.at);
  const expiresAt = new Date(Math.min(tx.at.getTime() + LINK_MINUTES * 60_000, fileUntil.getTime()));
  await insertLink(tx, { id: link, of: id, by, expiresAt });
  const signature = signatureOf(platform, tx.organisationId, link).toString('base64url');
  return {
    path: `/v1/exports/files/${tx.organisationId}/${link}/${fileNameOf(found)}?signature=${signature}`,
    expiresAt: expiresAt.toISOString(),
    bytes,
    sha256,
  };
}

/** Whether a link was made here. */
export function isSigned(
  platform: Pick<Platform, 'seal'>,
  organisation: OrganisationId,
  link: Id<'ExportLink'>,
  signature: string,
): boolean {
  const wanted = signatureOf(platform, organisation, link);
  const given = Buffer.from(signature, 'base64url');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function signatureOf({ seal }: Pick<Platform, 'seal'>, organisation: OrganisationId, link: Id<'ExportLink'>): Buffer {
  return createHmac('sha256', seal.derive('export links')).update(`${organisation}/${link}`).digest();
}
