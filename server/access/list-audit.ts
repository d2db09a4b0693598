import type { Tx } from '../platform/database.ts';
import { type AuditFilter, countAudit, selectAudit } from './audit-store.ts';
import type { AuditEntry } from './members-contract.ts';

/** A page of who did, saw and was refused what, newest first; `next` continues after the last of them. */
export async function listAudit(
  tx: Tx,
  filter: AuditFilter,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ items: AuditEntry[]; next: AuditEntry['entry'] | null }> {
  const items = await selectAudit(tx, filter, { limit: page.limit + 1, before: page.after });
  const shown = items.slice(0, page.limit);
  return { items: shown, next: items.length > page.limit ? (shown.at(-1)?.entry ?? null) : null };
}

export async function countAuditEntries(tx: Tx, filter: AuditFilter): Promise<number> {
  return countAudit(tx, filter);
}
