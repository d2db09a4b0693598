import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Entry } from './contract.ts';
import type { EntryKind } from './kinds-contract.ts';
import type { Leaf } from './leaf.ts';
import { asEntry } from './list-entries.ts';
import { countEntries, listEntryRows, listLogs } from './store.ts';

export interface LeafFilter {
  readonly kind?: EntryKind | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** An entry with the very text that was hashed, by which anybody can check it against a receipt. */
export interface LeafEntry extends Entry {
  readonly leaf: string;
}

/** Entries for whoever takes many along, newest first; `next` continues after the last of them. */
export async function listLeafEntries(
  tx: Tx,
  filter: LeafFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<{ items: LeafEntry[]; next: Id<'Entry'> | null }> {
  const rows = await listEntryRows(tx, { ...filter, limit: page.limit, before: page.after ?? undefined });
  const logs = await listLogs(tx);
  return {
    items: rows.map((row) => ({ ...asEntry(row, logs, trustLeaf), leaf: row.leaf })),
    next: rows.length === page.limit ? (rows.at(-1)?.id ?? null) : null,
  };
}

/** `writeLeaf` wrote it and nobody can change it: to check ten million once more is most of what an export costs. */
function trustLeaf(text: string): Leaf {
  return JSON.parse(text);
}

export async function countLeafEntries(tx: Tx, filter: LeafFilter): Promise<number> {
  return countEntries(tx, filter);
}
