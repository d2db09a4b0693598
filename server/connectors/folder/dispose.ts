import { join } from 'node:path';
import { type Batch, type BatchOutcome, type PendingBatch, StatementRefused } from '../connector.ts';
import { type Remover, removeAll } from './remove.ts';
import { look } from './root.ts';
import { type FoundFile, meets, walk } from './walk.ts';

/** One batch of files. The caller is told before the first one goes, since nothing can be undone afterwards. */
export async function disposeFiles(remover: Remover, batch: Batch): Promise<BatchOutcome> {
  const started = performance.now();
  if (batch.action.kind !== 'delete') {
    throw new StatementRefused(
      'files-only-go',
      'A file can be deleted but not anonymised.',
      'Give files a rule that deletes.',
    );
  }
  const { due, cursor } = await choose(remover, batch);
  const none: PendingBatch = { disposed: 0, disposedExact: true, refused: 0, cursor, dropped: [] };
  if (due.length === 0) return { ...none, elapsedMs: performance.now() - started };
  await batch.beforeCommit(null, { ...none, disposed: due.length });
  // A file that was written to since it was looked at is young again.
  const still: string[] = [];
  for (const file of due) {
    const now = await look(join(remover.root.path, file.path));
    if (now === undefined || now.mtime.getTime() === file.modifiedAt.getTime()) still.push(file.path);
  }
  const removals = await removeAll(remover, still);
  return {
    ...none,
    disposed: removals.filter((removal) => removal === 'removed').length,
    refused: removals.filter((removal) => removal === 'failed').length,
    elapsedMs: performance.now() - started,
  };
}

/** The next files that are due, having looked at about `size`, and where to go on. */
async function choose(
  remover: Remover,
  batch: Batch,
): Promise<{ due: readonly FoundFile[]; cursor: PendingBatch['cursor'] }> {
  const held = heldPaths(batch.exclusion.keys);
  const due: FoundFile[] = [];
  if (batch.exclusion.dataset) return { due, cursor: null };
  const after = batch.cursor === null ? null : String(batch.cursor['after']);
  let looked = 0;
  for await (const file of walk(remover.root, batch.target, after)) {
    looked += 1;
    if (meets(file, batch.condition) && !held.has(file.path)) due.push(file);
    if (looked >= batch.size) return { due, cursor: { after: file.path } };
  }
  return { due, cursor: null };
}

/** Files are held by their path relative to the root. */
export function heldPaths(keys: readonly (readonly string[])[]): ReadonlySet<string> {
  return new Set(keys.map((key) => key.join('/')));
}
