import type { Actor, Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { EntryKind } from './kinds-contract.ts';
import { readLeaf } from './leaf.ts';
import { listLogs, listPlaced } from './store.ts';

/** A place in the logs of an organisation; logs are numbered from 1. */
export interface Place {
  readonly log: number;
  readonly index: number;
}

/** An entry with its place. */
export interface PlacedEntry {
  readonly id: Id<'Entry'>;
  readonly kind: EntryKind;
  readonly at: Date;
  readonly actor: Actor;
  readonly body: Json;
  /** Origin of the log. */
  readonly origin: string;
  readonly index: number;
}

/**
 * Entries in the order of the log, from a place on, for whoever keeps a cursor: an index is given once and never to
 * something else, so that nothing is stepped over. Where a log was followed by a new one, the new one follows.
 * @param options `window`: how many places are looked at, whatever stands in them; `kinds`: null for every kind
 * @returns where to go on, and whether there is nothing further now
 */
export async function readPlaced(
  tx: Tx,
  options: { readonly from: Place; readonly window: number; readonly kinds: readonly EntryKind[] | null },
): Promise<{ readonly entries: readonly PlacedEntry[]; readonly next: Place; readonly isEnd: boolean }> {
  const { from, window, kinds } = options;
  const logs = (await listLogs(tx)).filter((log) => log.number >= from.log).reverse();
  const log = logs.find(({ number, size }) => number > from.log || size > from.index) ?? logs.at(-1);
  if (log === undefined) return { entries: [], next: from, isEnd: true };
  const start = Math.max(log.number === from.log ? from.index : 0, log.minimumIndex);
  const end = Math.min(start + window, log.size);
  const leaves = end > start ? await listPlaced(tx, { logNumber: log.number, from: start, to: end }, kinds) : [];
  const entries = leaves.map(({ leaf, position }) => {
    const { id, kind, at, actor, body } = readLeaf(leaf);
    return { id, kind, at: new Date(at), actor, body, origin: log.origin, index: position };
  });
  const next = { log: log.number, index: Math.max(start, end) };
  return { entries, next, isEnd: next.index >= log.size && log.number === logs.at(-1)?.number };
}

/** The place that the next entry will get, as far as is known now. */
export async function endOfLog(tx: Tx): Promise<Place> {
  const [log] = await listLogs(tx);
  return log === undefined ? { log: 1, index: 0 } : { log: log.number, index: log.size };
}
