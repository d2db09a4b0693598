import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { type EntryKind, entryKinds } from './kinds-contract.ts';
import { readLeaf } from './leaf.ts';
import { listEntriesSince } from './store.ts';

/** What somebody did, as the record has it. */
export interface Act {
  readonly id: Id<'Entry'>;
  readonly kind: EntryKind;
  readonly at: Date;
  /** Ids and codes, as `entryKindTable` says. */
  readonly body: unknown;
}

const PAGE = 2_000;

/**
 * Acts of people, oldest first, a page at a time: entries of these kinds, or of a folder (`access.`), whose actor is a
 * person. What the server did by itself is none.
 * @param since instant of the first that counts
 */
export async function listActs(
  tx: Tx,
  options: { readonly since: Date; readonly kinds: readonly EntryKind[]; readonly after?: Id<'Entry'> | undefined },
): Promise<{ readonly items: Act[]; readonly next: Id<'Entry'> | undefined }> {
  const rows = await listEntriesSince(tx, { ...options, limit: PAGE });
  const items = rows
    .map(({ leaf }) => readLeaf(leaf))
    .filter(({ actor }) => actor.kind === 'person')
    .map(({ id, kind, at, body }) => ({ id, kind, at: new Date(at), body }));
  return { items, next: rows.length < PAGE ? undefined : rows.at(-1)?.id };
}

/** The kinds a folder records. */
export function kindsOf(folder: string): EntryKind[] {
  return entryKinds.filter((kind) => kind.startsWith(`${folder}.`));
}
