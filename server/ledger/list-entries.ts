import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { type Entry, type EntryDetail, ledgerProblems } from './contract.ts';
import type { EntryKind } from './kinds-contract.ts';
import { type Leaf, readLeaf } from './leaf.ts';
import { toBase64 } from './proof.ts';
import { type FoundEntry, findEntry, type LogRow, listEntryRows, listLogs } from './store.ts';
import { leafHashOf } from './tree.ts';

const fail = failuresOf(ledgerProblems);

/** A page of entries, newest first; `next` continues after the last of them. */
export async function listLedgerEntries(
  tx: Tx,
  options: { limit: number; after?: string | undefined; kind?: EntryKind | undefined },
): Promise<{ items: Entry[]; next: string | null }> {
  const { limit, after, kind } = options;
  const rows = await listEntryRows(tx, { limit: limit + 1, before: after, kind });
  const logs = await listLogs(tx);
  const page = rows.slice(0, limit);
  return {
    items: page.map((row) => asEntry(row, logs)),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/**
 * One entry with the bytes that were hashed.
 * @throws Failure `entry-not-found`
 */
export async function getLedgerEntry(tx: Tx, id: Id<'Entry'>): Promise<EntryDetail> {
  const found = await findEntry(tx, id);
  if (found === undefined) throw fail('entry-not-found', 'There is no such entry, or it was pruned.');
  const entry = asEntry(found, await listLogs(tx));
  return { ...entry, leaf: found.leaf, leafHash: toBase64(leafHashOf(found.leaf)) };
}

/** An entry with its place in the log, as far as it has one. */
export function asEntry(row: FoundEntry, logs: readonly LogRow[], read: (leaf: string) => Leaf = readLeaf): Entry {
  const { id, kind, at, actor, body, commitment } = read(row.leaf);
  const log = logs.find((candidate) => candidate.number === row.place?.logNumber);
  const entry = { id, kind, at, actor, body, commitment: commitment ?? null };
  if (row.place === null || log === undefined) return { ...entry, state: 'pending', log: null, index: null };
  const state = row.place.position < log.signedSize ? 'signed' : 'sequenced';
  return { ...entry, state, log: log.origin, index: row.place.position };
}
