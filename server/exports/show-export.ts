import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { type Export, type ExportState, exportsProblems } from './contract.ts';
import { findSource } from './register-export.ts';
import { type ExportRecord, findExport, listExportRecords } from './store.ts';

const fail = failuresOf(exportsProblems);

/** A page of exports of these kinds, newest first. */
export async function listExports(
  tx: Tx,
  query: {
    readonly kinds: readonly string[];
    readonly state?: ExportState | undefined;
    readonly after?: Id<'Export'> | undefined;
    readonly limit: number;
  },
): Promise<{ items: Export[]; next: string | null }> {
  const found = await listExportRecords(tx, { ...query, limit: query.limit + 1 });
  const shown = found.slice(0, query.limit);
  return {
    items: shown.map((record) => asExport(tx, record)),
    next: found.length > query.limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

/**
 * One export of these kinds; of another kind it is not there for whoever asks.
 * @throws Failure `export-not-found`
 */
export async function getExport(tx: Tx, id: Id<'Export'>, kinds: readonly string[]): Promise<Export> {
  const found = await findExport(tx, id);
  if (found === undefined || !kinds.includes(found.kind)) throw fail('export-not-found', 'There is no such export.');
  return asExport(tx, found);
}

function asExport(tx: Tx, record: ExportRecord): Export {
  const { kind } = record;
  const { file: _file, askedAt, endedAt, expiresAt, state, ...shown } = record;
  return {
    ...shown,
    // The hourly look marks it; until then it is no longer given out all the same.
    state: state === 'ready' && expiresAt !== null && expiresAt <= tx.at ? 'expired' : state,
    title: findSource(tx.database, kind)?.shown.title ?? { en: kind, 'pt-BR': kind, es: kind },
    fileName: fileNameOf(record),
    askedAt: askedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

/** `audit-trail-2026-11-21.csv` */
export function fileNameOf({ kind, format, askedAt }: ExportRecord): string {
  return `${kind}-${askedAt.toISOString().slice(0, 10)}.${format}`;
}
