import type { Condition } from '../connectors/connector.ts';
import type { HoldTarget } from './contract.ts';
import type { PassEnd } from './dispose-step.ts';
import { rest, underHolds, type Work } from './drive.ts';
import { nothingExcluded } from './exclusion.ts';
import { type Ending, isEndOfPass, Journal } from './journal.ts';
import { lastBatchNumber } from './journal-store.ts';
import { type LooseFile, looseFiles, type Volume, volumesOf } from './loose-files.ts';

const batchFiles = 500;

/**
 * Removes the files that no row names and that are older than the step's cutoff. Whether a row names them is asked
 * once more right before they go.
 * @throws SystemUnreachable, StatementRefused, TakenOver
 */
export async function disposeLooseFiles(work: Work): Promise<PassEnd> {
  const { drive, step } = work;
  if (isEndOfPass(step.cursor)) return { kind: 'ended' };
  const lastNumber = await drive.platform.db.transaction(drive.organisationId, (tx) =>
    lastBatchNumber(tx, drive.run.id, step.position),
  );
  const journal = new Journal(drive, step, lastNumber);
  for (const volume of volumesOf(drive.basis, step.dataset)) {
    const end = await clearVolume(work, journal, volume);
    if (end !== null) return end;
  }
  return { kind: 'ended' };
}

async function clearVolume(work: Work, journal: Journal, volume: Volume): Promise<PassEnd | null> {
  const { signal } = work.drive;
  let batch: LooseFile[] = [];
  const flush = async (): Promise<PassEnd | null> => {
    if (signal.aborted) return { kind: 'halted', by: 'interrupted', reason: null };
    if (batch.length === 0) return null;
    const files = batch;
    batch = [];
    const entered = await journal.next(true);
    if ('halted' in entered) return { kind: 'halted', by: entered.halted, reason: null };
    const ending = await removeFiles(work, journal, volume, files, entered.holds);
    journal.ended(ending);
    await journal.flush();
    await rest(ending.elapsedMs, signal);
    return null;
  };
  for await (const file of looseFiles(volume, work.drive.systems)) {
    if (work.step.cutoffAt === null || file.modifiedAt >= work.step.cutoffAt) continue;
    batch.push(file);
    if (batch.length < batchFiles) continue;
    const end = await flush();
    if (end !== null) return end;
  }
  return flush();
}

async function removeFiles(
  work: Work,
  journal: Journal,
  volume: Volume,
  files: readonly LooseFile[],
  holds: readonly HoldTarget[],
): Promise<Ending> {
  const started = performance.now();
  const { exclusion } = underHolds(work, holds);
  const held = new Set(exclusion.keys.map(([path]) => path));
  const loose = exclusion.dataset ? [] : files.map(({ path }) => path).filter((path) => !held.has(path));
  const going = await stillLoose(work, volume, loose);
  if (going.length > 0)
    await journal.announce(null, {
      disposed: going.length,
      disposedExact: true,
      refused: 0,
      cursor: null,
      dropped: [],
    });
  const folder = await work.drive.systems.get(volume.system);
  const refused = going.length === 0 ? 0 : (await folder.removeFiles(going)).length;
  const disposed = going.length - refused;
  const elapsedMs = performance.now() - started;
  return {
    state: 'committed',
    disposed,
    disposedAtMost: disposed,
    refused,
    dropped: [],
    cursor: null,
    elapsedMs,
    nextSize: null,
  };
}

/** A row may have come to name a file since the listing began, for instance one that was moved to another message. */
async function stillLoose(work: Work, volume: Volume, paths: readonly string[]): Promise<string[]> {
  let loose = [...paths];
  for (const { system, target, attachment } of volume.namedBy) {
    const names = await work.drive.systems.get(system);
    const isNamed = async (values: readonly string[]): Promise<boolean> => {
      const condition: Condition = { kind: 'equals', column: attachment.column, values };
      return (await names.measure(target, condition, nothingExcluded, null)).matching > 0;
    };
    if (loose.length === 0 || !(await isNamed(loose))) continue;
    const checked: string[] = [];
    for (const path of loose) if (!(await isNamed([path]))) checked.push(path);
    loose = checked;
  }
  return loose;
}
