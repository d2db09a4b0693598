import { type SqlBool, sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { GlobalTx, Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { EntryKind } from './kinds-contract.ts';
import type { Bytes } from './proof.ts';
import { type Tile, type TileId, type Tiles, tileKey, tileMap } from './tree.ts';

/** An entry as it waits for its place: `leaf` is what will be hashed. */
export interface PendingRow {
  readonly id: Id<'Entry'>;
  readonly kind: EntryKind;
  readonly leaf: string;
}

/** A log as the database knows it. */
export interface LogRow {
  readonly number: number;
  readonly origin: string;
  readonly publicKey: Bytes;
  readonly size: number;
  readonly minimumIndex: number;
  /** Size of the newest signed tree, 0 before the first. */
  readonly signedSize: number;
  readonly signedAt: Date | null;
}

export interface CheckpointRow {
  readonly size: number;
  readonly root: Bytes;
  readonly note: string;
  readonly signedAt: Date;
}

export interface FoundEntry {
  readonly id: Id<'Entry'>;
  readonly leaf: string;
  /** Null while pending. */
  readonly place: { readonly logNumber: number; readonly position: number } | null;
}

/** Adds entries that wait for a place. Canonical JSON has no line feed, so many travel as one text, unescaped. */
export async function insertPending(tx: Tx, rows: readonly PendingRow[]): Promise<void> {
  await sql`
    insert into ledger.pending (organisation_id, entry_id, kind, recorded_at, leaf)
    select ${tx.organisationId}::uuid, given.id, given.kind, ${tx.at}::timestamptz, given.leaf
    from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.kind)}::ledger.entry_kind[],
      string_to_array(${rows.map((row) => row.leaf).join('\n')}, chr(10))) as given (id, kind, leaf)
  `.execute(tx.db);
}

/** One writer per organisation's log, over all processes; released at the end of the transaction. */
export async function lockLog(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`kept:ledger:${tx.organisationId}`}, 0))`.execute(tx.db);
}

/** The rest of the transaction acts as the application again: only it may use the queue. */
export async function actAsApplication(tx: Tx): Promise<void> {
  await sql`set local role kept_app`.execute(tx.db);
}

/** The organisation's logs, newest first. */
export async function listLogs(tx: Tx): Promise<LogRow[]> {
  const rows = await tx.db
    .selectFrom('ledger.log as log')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('ledger.checkpoint as checkpoint')
          .where('checkpoint.organisation_id', '=', tx.organisationId)
          .whereRef('checkpoint.log_number', '=', 'log.number')
          .select(['checkpoint.size', 'checkpoint.signed_at'])
          .orderBy('checkpoint.size', 'desc')
          .limit(1)
          .as('signed'),
      (join) => join.onTrue(),
    )
    .where('log.organisation_id', '=', tx.organisationId)
    .select(['log.number', 'log.origin', 'log.public_key', 'log.size', 'log.minimum_index'])
    .select(['signed.size as signed_size', 'signed.signed_at'])
    .orderBy('log.number', 'desc')
    .execute();
  return rows.map((row) => ({
    number: row.number,
    origin: row.origin,
    publicKey: new Uint8Array(row.public_key),
    size: Number(row.size),
    minimumIndex: Number(row.minimum_index),
    signedSize: Number(row.signed_size ?? 0),
    signedAt: row.signed_at === null ? null : new Date(row.signed_at),
  }));
}

export async function insertLog(
  tx: Tx,
  log: {
    number: number;
    origin: string;
    publicKey: Bytes;
    reason: 'restored-backup' | 'lost-key' | 'replaced-key' | null;
  },
): Promise<void> {
  await tx.db
    .insertInto('ledger.log')
    .values({
      organisation_id: tx.organisationId,
      number: log.number,
      origin: log.origin,
      public_key: Buffer.from(log.publicKey),
      size: 0,
      minimum_index: 0,
      opened_at: tx.at,
      reason: log.reason,
    })
    .execute();
}

/**
 * Gives up to `limit` pending entries their places after `size` and answers their leaf hashes, in order. They are
 * hashed where they lie, so that no leaf travels. They are taken by row address, which is safe because nobody updates a
 * pending row and only the holder of the log's lock deletes one.
 */
export async function placePending(tx: Tx, logNumber: number, size: number, limit: number): Promise<Bytes> {
  const { rows } = await sql<{ hashes: Buffer | null }>`
    with moved as (
      delete from ledger.pending
      where organisation_id = ${tx.organisationId} and ctid = any(array(
        select ctid from ledger.pending where organisation_id = ${tx.organisationId}
        order by entry_id limit ${limit}
      ))
      returning entry_id, kind, recorded_at, leaf
    ), placed as (
      insert into ledger.entry (organisation_id, log_number, position, entry_id, kind, recorded_at, leaf)
      select ${tx.organisationId}::uuid, ${logNumber}::integer,
        ${size}::bigint + row_number() over (order by entry_id) - 1, entry_id, kind, recorded_at, leaf
      from moved
      returning position, leaf
    )
    select string_agg(sha256('\\x00'::bytea || convert_to(leaf, 'UTF8')), ''::bytea order by position) as hashes
    from placed
  `.execute(tx.db);
  return new Uint8Array(rows[0]?.hashes ?? []);
}

/** The tiles that exist among those asked for. */
export async function readTiles(tx: Tx, logNumber: number, wanted: readonly TileId[]): Promise<Tiles> {
  if (wanted.length === 0) return new Map();
  const { rows } = await sql<{ level: number; tile_index: string; hashes: Buffer }>`
    select tile.level, tile.tile_index, tile.hashes
    from unnest(${wanted.map((tile) => tile.level)}::smallint[], ${wanted.map((tile) => tile.index)}::bigint[])
      as wanted (level, tile_index)
    join ledger.tile on tile.level = wanted.level and tile.tile_index = wanted.tile_index
    where tile.organisation_id = ${tx.organisationId} and tile.log_number = ${logNumber}
  `.execute(tx.db);
  return tileMap(
    rows.map((row) => ({ level: row.level, index: Number(row.tile_index), hashes: new Uint8Array(row.hashes) })),
  );
}

/** One tile, undefined when it is not there. */
export async function findTile(tx: Tx, logNumber: number, tile: TileId): Promise<Bytes | undefined> {
  return (await readTiles(tx, logNumber, [tile])).get(tileKey(tile));
}

/** Writes what appending changed: the tiles and the size of the log. */
export async function writeTree(tx: Tx, logNumber: number, size: number, tiles: readonly Tile[]): Promise<void> {
  await tx.db
    .insertInto('ledger.tile')
    .values(
      tiles.map((tile) => ({
        organisation_id: tx.organisationId,
        log_number: logNumber,
        level: tile.level,
        tile_index: tile.index,
        hashes: Buffer.from(tile.hashes),
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'log_number', 'level', 'tile_index'])
        .doUpdateSet((set) => ({ hashes: set.ref('excluded.hashes') })),
    )
    .execute();
  await tx.db
    .updateTable('ledger.log')
    .set({ size })
    .where('organisation_id', '=', tx.organisationId)
    .where('number', '=', logNumber)
    .execute();
}

export async function insertCheckpoint(
  tx: Tx,
  logNumber: number,
  checkpoint: { size: number; root: Bytes; note: string; awaitsDelivery: boolean },
): Promise<void> {
  await tx.db
    .insertInto('ledger.checkpoint')
    .values({
      organisation_id: tx.organisationId,
      log_number: logNumber,
      size: checkpoint.size,
      root: Buffer.from(checkpoint.root),
      note: checkpoint.note,
      signed_at: tx.at,
      awaits_delivery: checkpoint.awaitsDelivery,
      delivered_at: null,
    })
    .execute();
}

/** The newest signed tree head of a log. */
export async function findCheckpoint(tx: Tx, logNumber: number): Promise<CheckpointRow | undefined> {
  const row = await tx.db
    .selectFrom('ledger.checkpoint')
    .select(['size', 'root', 'note', 'signed_at'])
    .where('organisation_id', '=', tx.organisationId)
    .where('log_number', '=', logNumber)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && asCheckpoint(row);
}

/** Signed tree heads that the operator's endpoint has not taken yet, oldest first. */
export async function listAwaiting(
  tx: Tx,
  limit: number,
): Promise<{ logNumber: number; size: number; note: string }[]> {
  const rows = await tx.db
    .selectFrom('ledger.checkpoint')
    .select(['log_number', 'size', 'note'])
    .where('organisation_id', '=', tx.organisationId)
    .where('awaits_delivery', '=', true)
    .orderBy('log_number')
    .orderBy('size')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ logNumber: row.log_number, size: Number(row.size), note: row.note }));
}

export async function markDelivered(tx: Tx, logNumber: number, size: number): Promise<void> {
  await tx.db
    .updateTable('ledger.checkpoint')
    .set({ awaits_delivery: false, delivered_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('log_number', '=', logNumber)
    .where('size', '=', String(size))
    .execute();
}

/** What the operator's endpoint has: how many tree heads wait for it, and the size of the newest it took. */
export async function summariseDelivery(tx: Tx): Promise<{ waiting: number; delivered: number | null }> {
  const { waiting } = await tx.db
    .selectFrom('ledger.checkpoint')
    .select(sql<number>`count(*)::integer`.as('waiting'))
    .where('organisation_id', '=', tx.organisationId)
    .where('awaits_delivery', '=', true)
    .executeTakeFirstOrThrow();
  const newest = await tx.db
    .selectFrom('ledger.checkpoint')
    .select('size')
    .where('organisation_id', '=', tx.organisationId)
    .where('delivered_at', 'is not', null)
    .orderBy('log_number', 'desc')
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { waiting, delivered: newest === undefined ? null : Number(newest.size) };
}

export async function countPending(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('ledger.pending')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('organisation_id', '=', tx.organisationId)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** One entry, wherever it is on its way. */
export async function findEntry(tx: Tx, id: Id<'Entry'>): Promise<FoundEntry | undefined> {
  const placed = await tx.db
    .selectFrom('ledger.entry')
    .select(['entry_id', 'leaf', 'log_number', 'position'])
    .where('organisation_id', '=', tx.organisationId)
    .where('entry_id', '=', id)
    .executeTakeFirst();
  if (placed !== undefined) return asFound(placed);
  const pending = await tx.db
    .selectFrom('ledger.pending')
    .select(['entry_id', 'leaf', sql<null>`null`.as('log_number'), sql<null>`null`.as('position')])
    .where('organisation_id', '=', tx.organisationId)
    .where('entry_id', '=', id)
    .executeTakeFirst();
  if (pending !== undefined) return asFound(pending);
  // It may have been placed between the two questions; in that case it is there now.
  const late = await tx.db
    .selectFrom('ledger.entry')
    .select(['entry_id', 'leaf', 'log_number', 'position'])
    .where('organisation_id', '=', tx.organisationId)
    .where('entry_id', '=', id)
    .executeTakeFirst();
  return late && asFound(late);
}

/** Entries with ids below `before`, newest first; ids carry their time (UUIDv7), by which `from` and `to` bound them. */
export async function listEntryRows(
  tx: Tx,
  options: {
    limit: number;
    before?: string | undefined;
    kind?: EntryKind | undefined;
    from?: Date | undefined;
    to?: Date | undefined;
  },
): Promise<FoundEntry[]> {
  const { before, kind, from, to } = options;
  const wanted = sql<SqlBool>`organisation_id = ${tx.organisationId}
    ${before === undefined ? sql`` : sql`and entry_id < ${before}::uuid`}
    ${kind === undefined ? sql`` : sql`and kind = ${kind}::ledger.entry_kind`}
    ${from === undefined ? sql`` : sql`and entry_id >= ${firstIdAt(from)}::uuid`}
    ${to === undefined ? sql`` : sql`and entry_id < ${firstIdAt(to)}::uuid`}`;
  // One statement, one snapshot: an entry on its way from one table to the other is seen exactly once.
  const { rows } = await sql<{ entry_id: string; leaf: string; log_number: number | null; position: string | null }>`
    (select entry_id, leaf, log_number, position from ledger.entry where ${wanted}
      order by entry_id desc limit ${options.limit})
    union all
    (select entry_id, leaf, null, null from ledger.pending where ${wanted} order by entry_id desc limit ${options.limit})
    order by entry_id desc limit ${options.limit}
  `.execute(tx.db);
  return rows.map(asFound);
}

/** How many entries there are between two instants. */
export async function countEntries(
  tx: Tx,
  options: { kind?: EntryKind | undefined; from?: Date | undefined; to?: Date | undefined },
): Promise<number> {
  const { kind, from, to } = options;
  const wanted = sql<SqlBool>`organisation_id = ${tx.organisationId}
    ${kind === undefined ? sql`` : sql`and kind = ${kind}::ledger.entry_kind`}
    ${from === undefined ? sql`` : sql`and entry_id >= ${firstIdAt(from)}::uuid`}
    ${to === undefined ? sql`` : sql`and entry_id < ${firstIdAt(to)}::uuid`}`;
  const { rows } = await sql<{ count: string }>`
    select (select count(*) from ledger.entry where ${wanted}) + (select count(*) from ledger.pending where ${wanted})
      as count
  `.execute(tx.db);
  return Number(rows[0]?.count ?? 0);
}

/** Entries of these kinds recorded since an instant, oldest first, after the one named. */
export async function listEntriesSince(
  tx: Tx,
  options: {
    readonly since: Date;
    readonly kinds: readonly EntryKind[];
    readonly after?: Id<'Entry'> | undefined;
    readonly limit: number;
  },
): Promise<FoundEntry[]> {
  const { since, kinds, after, limit } = options;
  // Ids carry their time, and there is an index on them.
  const wanted = sql<SqlBool>`organisation_id = ${tx.organisationId} and entry_id > ${after ?? firstIdAt(since)}::uuid
    and recorded_at >= ${since} and kind = any(${kinds}::ledger.entry_kind[])`;
  const { rows } = await sql<{ entry_id: string; leaf: string; log_number: number | null; position: string | null }>`
    (select entry_id, leaf, log_number, position from ledger.entry where ${wanted} order by entry_id limit ${limit})
    union all
    (select entry_id, leaf, null, null from ledger.pending where ${wanted} order by entry_id limit ${limit})
    order by entry_id limit ${limit}
  `.execute(tx.db);
  return rows.map(asFound);
}

/** The least UUIDv7 of a millisecond. */
function firstIdAt(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/** Leaves `from` (inclusive) to `to` (exclusive), in order. */
export async function listLeaves(tx: Tx, logNumber: number, from: number, to: number): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('ledger.entry')
    .select('leaf')
    .where('organisation_id', '=', tx.organisationId)
    .where('log_number', '=', logNumber)
    .where('position', '>=', String(from))
    .where('position', '<', String(to))
    .orderBy('position')
    .execute();
  return rows.map((row) => row.leaf);
}

/** Leaves of these kinds, or of all, with their places from `from` (inclusive) to `to` (exclusive), in order. */
export async function listPlaced(
  tx: Tx,
  range: { readonly logNumber: number; readonly from: number; readonly to: number },
  kinds: readonly EntryKind[] | null,
): Promise<{ readonly leaf: string; readonly position: number }[]> {
  let query = tx.db
    .selectFrom('ledger.entry')
    .select(['leaf', 'position'])
    .where('organisation_id', '=', tx.organisationId)
    .where('log_number', '=', range.logNumber)
    .where('position', '>=', String(range.from))
    .where('position', '<', String(range.to))
    .orderBy('position');
  if (kinds !== null) query = query.where('kind', 'in', [...kinds]);
  const rows = await query.execute();
  return rows.map((row) => ({ leaf: row.leaf, position: Number(row.position) }));
}

/** Among the next `limit` entries from an index, the first that is not older than the date; the end if all are. */
export async function findPruneStop(
  tx: Tx,
  range: { logNumber: number; from: number; limit: number; before: Date },
): Promise<number> {
  const { rows } = await sql<{ stop: string | null; past: string | null }>`
    select min(position) filter (where recorded_at >= ${range.before}) as stop, max(position) + 1 as past
    from (
      select position, recorded_at from ledger.entry
      where organisation_id = ${tx.organisationId} and log_number = ${range.logNumber} and position >= ${range.from}
      order by position limit ${range.limit}
    ) as next
  `.execute(tx.db);
  return Number(rows[0]?.stop ?? rows[0]?.past ?? range.from);
}

/**
 * Removes entries below an index and every tile and checkpoint that nothing above it needs (C2SP tlog-tiles, Pruning).
 * @returns how many entries went
 */
export async function removeBelow(tx: Tx, target: { logNumber: number; minimum: number }): Promise<number> {
  const { logNumber, minimum } = target;
  await tx.db
    .updateTable('ledger.log')
    .set({ minimum_index: minimum })
    .where('organisation_id', '=', tx.organisationId)
    .where('number', '=', logNumber)
    .execute();
  const removed = await tx.db
    .deleteFrom('ledger.entry')
    .where('organisation_id', '=', tx.organisationId)
    .where('log_number', '=', logNumber)
    .where('position', '<', String(minimum))
    .executeTakeFirst();
  for (let level = 0, span = 256; span <= minimum; level += 1, span *= 256) {
    await tx.db
      .deleteFrom('ledger.tile')
      .where('organisation_id', '=', tx.organisationId)
      .where('log_number', '=', logNumber)
      .where('level', '=', level)
      .where('tile_index', '<', String(Math.floor(minimum / span)))
      .execute();
  }
  await tx.db
    .deleteFrom('ledger.checkpoint')
    .where('organisation_id', '=', tx.organisationId)
    .where('log_number', '=', logNumber)
    .where('size', '<', String(minimum))
    .where('awaits_delivery', '=', false)
    .execute();
  return Number(removed.numDeletedRows);
}

export async function listSigningKeys(tx: GlobalTx): Promise<Bytes[]> {
  const rows = await tx.db.selectFrom('ledger.signing_key').select('public_key').execute();
  return rows.map((row) => new Uint8Array(row.public_key));
}

export async function insertSigningKey(tx: GlobalTx, publicKey: Bytes): Promise<void> {
  await tx.db
    .insertInto('ledger.signing_key')
    .values({ public_key: Buffer.from(publicKey), first_used_at: tx.at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function asFound(row: {
  entry_id: string;
  leaf: string;
  log_number: number | null;
  position: string | null;
}): FoundEntry {
  const place =
    row.log_number === null || row.position === null
      ? null
      : { logNumber: row.log_number, position: Number(row.position) };
  return { id: brand<'Entry'>(row.entry_id), leaf: row.leaf, place };
}

function asCheckpoint(row: { size: string; root: Buffer; note: string; signed_at: Date | string }): CheckpointRow {
  return {
    size: Number(row.size),
    root: new Uint8Array(row.root),
    note: row.note,
    signedAt: new Date(row.signed_at),
  };
}
