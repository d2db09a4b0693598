import { problems } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { selectThreads, type ThreadQuery, type ThreadRow } from './thread-store.ts';

const fail = failuresOf(problems({ 'invalid-input': { status: 400, title: 'The input is not as it should be' } }));
const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * A page of threads, the one with the latest mail first.
 * @param query `after`: the `next` of the page before
 * @throws Failure `invalid-input` when it is none
 */
export async function listThreads(
  tx: Tx,
  query: Omit<ThreadQuery, 'after'> & { readonly after?: string | undefined },
): Promise<{ readonly items: readonly ThreadRow[]; readonly next: string | null }> {
  const { after, limit, ...filters } = query;
  const found = await selectThreads(tx, { ...filters, limit: limit + 1, after: cursorOf(after) });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last !== undefined ? `${last.lastMailAt.toISOString()}_${last.id}` : null;
  return { items, next };
}

function cursorOf(after: string | undefined): ThreadQuery['after'] {
  if (after === undefined) return undefined;
  const [, at, id] = CURSOR.exec(after) ?? [];
  if (at === undefined || id === undefined)
    throw fail('invalid-input', 'query.after: take the `next` of the page before');
  return { lastMailAt: new Date(at), id };
}
