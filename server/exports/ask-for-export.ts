import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { type ExportFormat, exportsProblems } from './contract.ts';
import { getSource } from './register-export.ts';
import { MAKE_EXPORT } from './run-export.ts';
import { countOpen, insertExport, lockRoom } from './store.ts';

const fail = failuresOf(exportsProblems);

/** So that nobody fills the disk, or keeps the queue busy, by asking again and again. */
const MOST_OPEN = 5;

/**
 * Asks for an export, which is made in the background. That the caller may see what is in it was checked before.
 * @throws Failure `export-kind-unknown`, `export-format-unknown`, `export-parameters-invalid`, `too-many-exports`
 */
export async function askForExport(
  { tasks }: Platform,
  tx: Tx,
  asked: {
    readonly kind: string;
    readonly format: ExportFormat;
    readonly parameters: Readonly<Record<string, Json>>;
    readonly by: Actor;
  },
): Promise<Id<'Export'>> {
  const { kind, format, parameters, by } = asked;
  const source = getSource(tx.database, kind);
  if (!source.shown.formats.includes(format))
    throw fail('export-format-unknown', `An export of the kind ${kind} is made as ${source.shown.formats.join(', ')}.`);
  source.bind(parameters);
  await lockRoom(tx);
  if ((await countOpen(tx)) >= MOST_OPEN)
    throw fail('too-many-exports', `${MOST_OPEN} exports are under way: wait for one of them, or cancel one.`, {
      retryAfterSeconds: 60,
    });
  const id = newId<'Export'>(tx.at);
  await insertExport(tx, { id, kind, format, parameters, by });
  await recordEntry(tx, { kind: 'export.asked', actor: by, body: { export: id, kind, format } });
  await tasks.enqueue(tx, MAKE_EXPORT, { organisation: tx.organisationId, export: id }, { singletonKey: id });
  return id;
}
