import { recordEntry } from '../ledger/record-entry.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { identifyOrigin } from '../platform/origin.ts';
import { type ExportFormat, exportsProblems } from './contract.ts';
import { fileNameOf } from './show-export.ts';
import { findExport, findFile, findLink, markUsed } from './store.ts';

const fail = failuresOf(exportsProblems);

/** What a link leads to. */
export interface LinkedFile {
  readonly path: string;
  readonly fileName: string;
  readonly format: ExportFormat;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The file behind a link whose signature was checked. Its first use is an entry of the ledger; a browser that goes on
 * where it was interrupted uses it again.
 * @param use false for a question about the file alone (HEAD)
 * @throws Failure `link-invalid`
 */
export async function followLink(tx: Tx, link: Id<'ExportLink'>, use: boolean): Promise<LinkedFile> {
  const invalid = fail('link-invalid', 'Ask for a new link: this one was for a short time only, or the file has gone.');
  const known = await findLink(tx, link);
  if (known === undefined || known.expiresAt <= tx.at) throw invalid;
  const found = await findExport(tx, known.of);
  if (found?.state !== 'ready' || found.expiresAt === null || found.expiresAt <= tx.at) throw invalid;
  const { bytes, sha256, format, kind } = found;
  const file = found.file === null ? undefined : await findFile(tx, found.file);
  if (bytes === null || sha256 === null || file === undefined) throw invalid;
  // A link is its maker's: the audit trail says so beside the address it was used from.
  if (known.by.kind === 'person') identifyOrigin({ personId: known.by.id, sessionId: null });
  if (use && (await markUsed(tx, link)))
    await recordEntry(tx, { kind: 'export.downloaded', actor: known.by, body: { export: found.id, kind, link } });
  return { path: file.path, fileName: fileNameOf(found), format, bytes, sha256 };
}
