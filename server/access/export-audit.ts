import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import { writeCsv } from '../platform/csv.ts';
import type { Tx } from '../platform/database.ts';
import { type AuditFilter, selectAudit } from './audit-store.ts';
import type { AuditEntry } from './members-contract.ts';

/** More than a spreadsheet shows well; who needs more narrows the time. */
const MOST_ENTRIES = 100_000;

const columns = ['at', 'kind', 'person', 'email', 'key', 'session', 'address', 'country', 'device', 'route', 'entry'];

/** The audit trail as a file, newest first, at most 100,000 entries. The export is an entry itself. */
export async function exportAudit(
  tx: Tx,
  by: Actor,
  filter: AuditFilter,
  format: 'csv' | 'json',
): Promise<{ fileName: string; mediaType: string; content: string; entries: number }> {
  const items = await selectAudit(tx, filter, { limit: MOST_ENTRIES });
  await recordEntry(tx, {
    kind: 'access.exported',
    actor: by,
    body: { what: 'audit', format, entries: items.length },
  });
  return {
    fileName: `audit-${tx.at.toISOString().slice(0, 10)}.${format}`,
    mediaType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    content: format === 'csv' ? writeCsv(columns, items.map(asRow)) : `${JSON.stringify(items, null, 2)}\n`,
    entries: items.length,
  };
}

function asRow({ at, kind, person, key, session, address, country, device, route, entry }: AuditEntry) {
  return [at, kind, person?.name ?? null, person?.email ?? null, key, session, address, country, device, route, entry];
}
