import { z } from 'zod';
import { recordEntry } from '../ledger/record-entry.ts';
import { type Actor, type Id, idSchema, type OrganisationId } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { TaskContext } from '../platform/tasks.ts';
import { type ExportReason, FILE_DAYS } from './contract.ts';
import { discardFiles } from './discard-files.ts';
import { formatterOf } from './format-rows.ts';
import { type BoundSource, type ExportPage, findSource } from './register-export.ts';
import {
  countFailure,
  type ExportRecord,
  type FileRecord,
  listStrayFiles,
  lockExport,
  markBegun,
  markEnded,
  markReady,
  noteProgress,
} from './store.ts';

/** Name of the task that makes an export, see `tasks.ts`. */
export const MAKE_EXPORT = 'exports.make';
export const makePayload = z.object({ organisation: idSchema('Organisation'), export: idSchema('Export') });
export type MakePayload = z.infer<typeof makePayload>;

/** Who makes exports. */
export const maker: Actor = { kind: 'system', id: 'exports' };

/** Rows of a page: a transaction of some milliseconds, and less than a megabyte at a time. */
const PAGE_ROWS = 1_000;
const PROGRESS_EVERY_MS = 1_000;
/** Errors before it is given up; the queue waits longer and longer between them. */
const MOST_FAILURES = 5;
const DAY_MS = 86_400_000;

/** An attempt at an export: it has a file of its own. */
interface Attempt {
  readonly platform: Platform;
  readonly organisationId: OrganisationId;
  readonly found: ExportRecord;
  readonly source: BoundSource;
  readonly file: FileRecord;
  readonly begunAt: Date;
  readonly signal: AbortSignal;
}

/** The export was cancelled, or another process makes it by now. */
class Superseded extends Error {}

/**
 * Makes an export from its beginning. May be killed at any moment and run again: an attempt writes into a file of its own
 * that was written down before, and the next one takes it away.
 */
export async function runExport(platform: Platform, payload: MakePayload, { signal }: TaskContext): Promise<void> {
  const { organisation: organisationId, export: id } = payload;
  const attempt = await begin(platform, organisationId, id, signal);
  if (attempt === null) {
    await discardStrays(platform, organisationId, id, null);
    return;
  }
  await discardStrays(platform, organisationId, id, attempt.file.id);
  try {
    await make(attempt);
  } catch (error) {
    if (error instanceof Superseded) {
      await discardFiles(platform, organisationId, [attempt.file]);
      return;
    }
    // The server stops: the next one begins again.
    if (signal.aborted) throw error;
    if (!(await giveUp(attempt, error))) throw error;
    platform.log.error({ err: error, export: id }, 'an export was given up');
    await discardFiles(platform, organisationId, [attempt.file]);
  }
}

async function begin(
  platform: Platform,
  organisationId: OrganisationId,
  id: Id<'Export'>,
  signal: AbortSignal,
): Promise<Attempt | null> {
  return platform.db.transaction(organisationId, async (tx) => {
    const found = await lockExport(tx, id);
    if (found === undefined || (found.state !== 'queued' && found.state !== 'making')) return null;
    const source = findSource(tx.database, found.kind);
    if (source === undefined) {
      await markEnded(tx, id, { state: 'failed', reason: 'kind-gone' });
      const body = { export: id, kind: found.kind, reason: 'kind-gone' };
      await recordEntry(tx, { kind: 'export.failed', actor: maker, body });
      return null;
    }
    const fileId = newId<'ExportFile'>(tx.at);
    const file = { id: fileId, path: `exports/${organisationId}/${fileId}` };
    await markBegun(tx, id, file);
    return {
      platform,
      organisationId,
      found,
      source: source.bind(found.parameters ?? {}),
      file,
      begunAt: tx.at,
      signal,
    };
  });
}

async function make(attempt: Attempt): Promise<void> {
  const { platform, organisationId, found, file, begunAt, signal } = attempt;
  const done = { rows: 0 };
  const written = await platform.files.write(file.path, contentOf(attempt, done), { signal });
  const isReady = await platform.db.transaction(organisationId, async (tx) => {
    // From when the file was begun, as Kept's own policy counts: it is never given out longer than it is kept.
    const expiresAt = new Date(begunAt.getTime() + FILE_DAYS * DAY_MS);
    const made = { rows: done.rows, ...written, expiresAt };
    if (!(await markReady(tx, { id: found.id, file: file.id }, made))) return false;
    const body = { export: found.id, kind: found.kind, rows: done.rows, ...written };
    await recordEntry(tx, { kind: 'export.made', actor: maker, body });
    return true;
  });
  if (!isReady) throw new Superseded();
}

/** The text of the file. The next page is asked for while this one is formatted, encrypted and written. */
async function* contentOf(attempt: Attempt, done: { rows: number }): AsyncGenerator<Uint8Array> {
  const { platform, organisationId, found, source } = attempt;
  const { db } = platform;
  const formatter = formatterOf(found.format, source.source.columns);
  const rowsExpected = await db.transaction(organisationId, (tx) => source.count(tx));
  await note(attempt, { rows: 0, rowsExpected });
  const pageAfter = (after: string | null): Promise<ExportPage> => {
    const page = db.transaction(organisationId, (tx) => source.page(tx, { after, limit: PAGE_ROWS }));
    // Whoever stops in between never asks for it; who asks is told.
    page.catch(() => undefined);
    return page;
  };
  yield Buffer.from(formatter.head());
  let notedAt = performance.now();
  for (let coming: Promise<ExportPage> | null = pageAfter(null); coming !== null; ) {
    const { rows, next }: ExportPage = await coming;
    coming = next === null ? null : pageAfter(next);
    yield Buffer.from(formatter.page(rows));
    done.rows += rows.length;
    if (performance.now() - notedAt < PROGRESS_EVERY_MS) continue;
    await note(attempt, { rows: done.rows });
    notedAt = performance.now();
  }
  yield Buffer.from(formatter.tail());
}

async function note(
  { platform, organisationId, found, file }: Attempt,
  progress: { readonly rows: number; readonly rowsExpected?: number | null },
): Promise<void> {
  const counts = await platform.db.transaction(organisationId, (tx) =>
    noteProgress(tx, { id: found.id, file: file.id }, progress),
  );
  if (!counts) throw new Superseded();
}

/** Counts the error; true where it was one too many, and the export has failed. */
async function giveUp({ platform, organisationId, found }: Attempt, error: unknown): Promise<boolean> {
  const isStorage = error instanceof Failure && error.code === 'storage-unavailable';
  const reason: ExportReason = isStorage ? 'storage-unavailable' : 'internal-error';
  return platform.db.transaction(organisationId, async (tx) => {
    if ((await countFailure(tx, found.id)) < MOST_FAILURES) return false;
    await markEnded(tx, found.id, { state: 'failed', reason });
    const body = { export: found.id, kind: found.kind, reason };
    await recordEntry(tx, { kind: 'export.failed', actor: maker, body });
    return true;
  });
}

async function discardStrays(
  platform: Platform,
  organisationId: OrganisationId,
  of: Id<'Export'>,
  current: Id<'ExportFile'> | null,
): Promise<void> {
  const strays = await platform.db.transaction(organisationId, async (tx) => {
    const found = await lockExport(tx, of);
    // Where it came to its end meanwhile, the file of that end stays.
    return found === undefined ? [] : listStrayFiles(tx, { of, but: current ?? keptFile(found) });
  });
  await discardFiles(platform, organisationId, strays);
}

function keptFile(found: ExportRecord): Id<'ExportFile'> | null {
  return found.state === 'ready' || found.state === 'expired' ? found.file : null;
}
