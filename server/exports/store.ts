import { type SelectQueryBuilder, sql } from 'kysely';
import { type Actor, type Id, type Json, jsonSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { ExportFormat, ExportReason, ExportState } from './contract.ts';

/** An export as the database knows it. */
export interface ExportRecord {
  readonly id: Id<'Export'>;
  readonly kind: string;
  readonly format: ExportFormat;
  readonly parameters: Json | null;
  readonly state: ExportState;
  readonly reason: ExportReason | null;
  readonly rows: number;
  readonly rowsExpected: number | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly file: Id<'ExportFile'> | null;
  readonly askedBy: Actor;
  readonly askedAt: Date;
  readonly endedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly downloads: number;
}

export interface FileRecord {
  readonly id: Id<'ExportFile'>;
  readonly path: string;
}

export async function insertExport(
  tx: Tx,
  asked: {
    readonly id: Id<'Export'>;
    readonly kind: string;
    readonly format: ExportFormat;
    readonly parameters: Json;
    readonly by: Actor;
  },
): Promise<void> {
  await tx.db
    .insertInto('exports.export')
    .values({
      organisation_id: tx.organisationId,
      id: asked.id,
      kind: asked.kind,
      format: asked.format,
      parameters: JSON.stringify(asked.parameters),
      state: 'queued',
      actor_kind: asked.by.kind,
      actor_id: asked.by.id,
      asked_at: tx.at,
    })
    .execute();
}

function records(tx: Tx) {
  return tx.db
    .selectFrom('exports.export as e')
    .where('e.organisation_id', '=', tx.organisationId)
    .select(['e.id', 'e.kind', 'e.format', 'e.parameters', 'e.state', 'e.reason', 'e.rows_done', 'e.rows_expected'])
    .select(['e.bytes', 'e.sha256', 'e.file_id', 'e.actor_kind', 'e.actor_id', 'e.asked_at', 'e.ended_at'])
    .select('e.expires_at')
    .select((from) =>
      from
        .selectFrom('exports.link as l')
        .where('l.organisation_id', '=', tx.organisationId)
        .whereRef('l.export_id', '=', 'e.id')
        .where('l.used_at', 'is not', null)
        .select(sql<number>`count(*)::int`.as('n'))
        .as('downloads'),
    );
}

type Found = ReturnType<typeof records> extends SelectQueryBuilder<infer _Rows, infer _Tables, infer Row> ? Row : never;

function recordOf(row: Found): ExportRecord {
  return {
    id: brand<'Export'>(row.id),
    kind: row.kind,
    format: row.format,
    parameters: row.parameters === null ? null : jsonSchema.parse(row.parameters),
    state: row.state,
    reason: row.reason,
    rows: Number(row.rows_done),
    rowsExpected: row.rows_expected === null ? null : Number(row.rows_expected),
    bytes: row.bytes === null ? null : Number(row.bytes),
    sha256: row.sha256,
    file: row.file_id === null ? null : brand<'ExportFile'>(row.file_id),
    askedBy: { kind: row.actor_kind, id: row.actor_id },
    askedAt: row.asked_at,
    endedAt: row.ended_at,
    expiresAt: row.expires_at,
    downloads: row.downloads ?? 0,
  };
}

export async function findExport(tx: Tx, id: Id<'Export'>): Promise<ExportRecord | undefined> {
  const row = await records(tx).where('e.id', '=', id).executeTakeFirst();
  return row && recordOf(row);
}

/** The same, and nobody changes it until the transaction ends. */
export async function lockExport(tx: Tx, id: Id<'Export'>): Promise<ExportRecord | undefined> {
  const row = await records(tx).where('e.id', '=', id).forUpdate('e').executeTakeFirst();
  return row && recordOf(row);
}

/** Newest first; ids carry their time. */
export async function listExportRecords(
  tx: Tx,
  query: {
    readonly kinds: readonly string[];
    readonly state?: ExportState | undefined;
    readonly after?: Id<'Export'> | undefined;
    readonly limit: number;
  },
): Promise<ExportRecord[]> {
  if (query.kinds.length === 0) return [];
  let select = records(tx).where('e.kind', 'in', query.kinds).orderBy('e.id', 'desc').limit(query.limit);
  if (query.state !== undefined) select = select.where('e.state', '=', query.state);
  if (query.after !== undefined) select = select.where('e.id', '<', query.after);
  return (await select.execute()).map(recordOf);
}

export async function countOpen(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('exports.export')
    .select(sql<number>`count(*)::int`.as('n'))
    .where('organisation_id', '=', tx.organisationId)
    .where('state', 'in', ['queued', 'making'])
    .executeTakeFirstOrThrow();
  return row.n;
}

/** Only one at a time decides whether there is room for one more; until the end of the transaction. */
export async function lockRoom(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`kept:exports:${tx.organisationId}`}, 0))`.execute(tx.db);
}

/** An attempt begins with a file of its own, so that one that was believed dead cannot write into it. */
export async function markBegun(tx: Tx, id: Id<'Export'>, file: FileRecord): Promise<void> {
  await tx.db
    .insertInto('exports.file')
    .values({
      organisation_id: tx.organisationId,
      id: file.id,
      export_id: id,
      path: file.path,
      begun_at: tx.at,
    })
    .execute();
  await tx.db
    .updateTable('exports.export')
    .set({ state: 'making', file_id: file.id, rows_done: 0 })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** False where the attempt is no longer the one that counts: cancelled, or taken up by another process. */
export async function noteProgress(
  tx: Tx,
  attempt: { readonly id: Id<'Export'>; readonly file: Id<'ExportFile'> },
  progress: { readonly rows: number; readonly rowsExpected?: number | null },
): Promise<boolean> {
  const result = await tx.db
    .updateTable('exports.export')
    .set({
      rows_done: progress.rows,
      ...(progress.rowsExpected !== undefined && { rows_expected: progress.rowsExpected }),
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', attempt.id)
    .where('file_id', '=', attempt.file)
    .where('state', '=', 'making')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function markReady(
  tx: Tx,
  attempt: { readonly id: Id<'Export'>; readonly file: Id<'ExportFile'> },
  made: { readonly rows: number; readonly bytes: number; readonly sha256: string; readonly expiresAt: Date },
): Promise<boolean> {
  const result = await tx.db
    .updateTable('exports.export')
    .set({
      state: 'ready',
      rows_done: made.rows,
      rows_expected: made.rows,
      bytes: made.bytes,
      sha256: made.sha256,
      ended_at: tx.at,
      expires_at: made.expiresAt,
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', attempt.id)
    .where('file_id', '=', attempt.file)
    .where('state', '=', 'making')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Ends one that is under way; false where it is not. */
export async function markEnded(
  tx: Tx,
  id: Id<'Export'>,
  end: { readonly state: 'cancelled' } | { readonly state: 'failed'; readonly reason: ExportReason },
): Promise<boolean> {
  const result = await tx.db
    .updateTable('exports.export')
    .set({ state: end.state, reason: end.state === 'failed' ? end.reason : null, ended_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'making'])
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** One more error; how many there were. Zero where it is no longer under way. */
export async function countFailure(tx: Tx, id: Id<'Export'>): Promise<number> {
  const row = await tx.db
    .updateTable('exports.export')
    .set((set) => ({ failures: set('failures', '+', 1) }))
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', 'in', ['queued', 'making'])
    .returning('failures')
    .executeTakeFirst();
  return row?.failures ?? 0;
}

/** Those whose file is no longer given out, now marked so. */
export async function expireExports(tx: Tx): Promise<{ readonly id: Id<'Export'>; readonly kind: string }[]> {
  const rows = await tx.db
    .updateTable('exports.export')
    .set({ state: 'expired' })
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '=', 'ready')
    .where('expires_at', '<=', tx.at)
    .returning(['id', 'kind'])
    .execute();
  return rows.map(({ id, kind }) => ({ id: brand<'Export'>(id), kind }));
}

/** Those that were asked for before an instant and are still under way. */
export async function listOpenSince(
  tx: Tx,
  before: Date,
): Promise<{ readonly id: Id<'Export'>; readonly kind: string }[]> {
  const rows = await tx.db
    .selectFrom('exports.export')
    .select(['id', 'kind'])
    .where('organisation_id', '=', tx.organisationId)
    .where('state', 'in', ['queued', 'making'])
    .where('asked_at', '<', before)
    .limit(1_000)
    .execute();
  return rows.map(({ id, kind }) => ({ id: brand<'Export'>(id), kind }));
}

export async function findFile(tx: Tx, id: Id<'ExportFile'>): Promise<FileRecord | undefined> {
  const row = await tx.db
    .selectFrom('exports.file')
    .select(['id', 'path'])
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { id: brand<'ExportFile'>(row.id), path: row.path };
}

/** Files of attempts that came to nothing: of one export, all but the one named; or of all that ended before an instant. */
export async function listStrayFiles(
  tx: Tx,
  which: { readonly of: Id<'Export'>; readonly but: Id<'ExportFile'> | null } | { readonly begunBefore: Date },
): Promise<FileRecord[]> {
  let select = tx.db
    .selectFrom('exports.file as f')
    .innerJoin('exports.export as e', (join) =>
      join.onRef('e.organisation_id', '=', 'f.organisation_id').onRef('e.id', '=', 'f.export_id'),
    )
    .select(['f.id', 'f.path'])
    .where('f.organisation_id', '=', tx.organisationId)
    .where('e.organisation_id', '=', tx.organisationId)
    .limit(1_000);
  if ('of' in which) {
    select = select.where('f.export_id', '=', which.of);
    if (which.but !== null) select = select.where('f.id', '!=', which.but);
  } else
    select = select
      .where('f.begun_at', '<', which.begunBefore)
      .where((row) => row.or([row('e.state', 'in', ['cancelled', 'failed']), row('f.id', '!=', row.ref('e.file_id'))]));
  return (await select.execute()).map(({ id, path }) => ({ id: brand<'ExportFile'>(id), path }));
}

export async function deleteFile(tx: Tx, id: Id<'ExportFile'>): Promise<void> {
  await tx.db
    .deleteFrom('exports.file')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function insertLink(
  tx: Tx,
  link: {
    readonly id: Id<'ExportLink'>;
    readonly of: Id<'Export'>;
    readonly by: Actor;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx.db
    .insertInto('exports.link')
    .values({
      organisation_id: tx.organisationId,
      id: link.id,
      export_id: link.of,
      actor_kind: link.by.kind,
      actor_id: link.by.id,
      made_at: tx.at,
      expires_at: link.expiresAt,
    })
    .execute();
}

export async function findLink(
  tx: Tx,
  id: Id<'ExportLink'>,
): Promise<{ readonly of: Id<'Export'>; readonly by: Actor; readonly expiresAt: Date } | undefined> {
  const row = await tx.db
    .selectFrom('exports.link')
    .select(['export_id', 'actor_kind', 'actor_id', 'expires_at'])
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      of: brand<'Export'>(row.export_id),
      by: { kind: row.actor_kind, id: row.actor_id },
      expiresAt: row.expires_at,
    }
  );
}

/** True for the first use only. */
export async function markUsed(tx: Tx, id: Id<'ExportLink'>): Promise<boolean> {
  const result = await tx.db
    .updateTable('exports.link')
    .set({ used_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
