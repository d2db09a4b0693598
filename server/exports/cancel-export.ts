import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { exportsProblems } from './contract.ts';
import { lockExport, markEnded } from './store.ts';

const fail = failuresOf(exportsProblems);

/**
 * Ends an export that is under way. Whoever makes it finds out within a second and takes away what there is of the file.
 * @throws Failure `export-not-found`, `export-ended`
 */
export async function cancelExport(tx: Tx, id: Id<'Export'>, by: Actor): Promise<void> {
  const found = await lockExport(tx, id);
  if (found === undefined) throw fail('export-not-found', 'There is no such export.');
  if (!(await markEnded(tx, id, { state: 'cancelled' })))
    throw fail('export-ended', `This export is ${found.state}: there is nothing to cancel.`);
  await recordEntry(tx, { kind: 'export.cancelled', actor: by, body: { export: id, kind: found.kind } });
}
