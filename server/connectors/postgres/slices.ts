import type { PoolClient } from 'pg';
import { type Batch, type Cursor, StatementRefused } from '../connector.ts';
import { columnOf, type Relation } from './catalogue.ts';
import { isWhollyYounger, type Part, readParts } from './parts.ts';
import { conditionSql, upperCutoff } from './predicate.ts';
import { Parameters } from './quote.ts';
import type { PostgresSystem } from './system.ts';

/** A stretch of a table that one batch looks at. */
export interface Slice {
  /** What stands after `delete from`, `update` or `from`. */
  readonly sql: string;
  readonly oid: number;
  /** The stretch as a condition on this alias. */
  where(alias: string, parameters: Parameters): string;
  readonly next: Cursor | null;
  /** Storage that `where` speaks of, and where to begin again should it have been rewritten; null for keys and bulk. */
  readonly file: string | null;
  readonly restart: Cursor | null;
}

/** Where a TID walk is: blocks `block` to `end` of one relation are still to be looked at. */
interface Walk {
  readonly part: string;
  readonly oid: number;
  readonly file: string;
  readonly block: number;
  readonly end: number;
  readonly density: number;
  readonly last: boolean;
  /** The relation was rewritten under the walk: enter it once more. */
  readonly again: boolean;
}

/** The next stretch after the cursor, null at the end. */
export async function nextSlice(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
): Promise<Slice | null> {
  if (batch.path === 'bulk') return bulkSlice(relation);
  if (batch.path === 'key-range') return keySlice(client, batch, relation);
  return tidSlice(system, client, batch, relation);
}

function bulkSlice(relation: Relation): Slice {
  return { sql: relation.sql, oid: relation.oid, where: () => 'true', next: null, file: null, restart: null };
}

/**
 * Blocks rather than rows: a TID range is found without an index, is not slowed down by dead rows that an old snapshot
 * keeps alive, and never looks at a block twice. Rows that an update moves behind the walk are found by the pass after.
 */
async function tidSlice(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
): Promise<Slice | null> {
  let walk = walkOf(batch.cursor);
  while (walk === null || walk.block >= walk.end) {
    if (walk?.last === true) return null;
    walk = await enterPart(system, client, batch, relation, walk);
    if (walk === null) return null;
  }
  const from = walk.block;
  const to = Math.min(walk.end, from + Math.max(1, Math.round(batch.size / walk.density)));
  const part = await system.catalogue.getRelation(client, walk.part);
  return {
    sql: `only ${part.sql}`,
    oid: walk.oid,
    where: (alias, parameters) =>
      `${alias}.ctid >= ${parameters.add(`(${from},0)`, 'tid')} and ${alias}.ctid < ${parameters.add(`(${to},0)`, 'tid')}`,
    next: to >= walk.end && walk.last ? null : cursorOf({ ...walk, block: to }),
    file: walk.file,
    restart: cursorOf({ ...walk, block: 0, end: 0, last: false, again: true }),
  };
}

/** Finds the next relation with rows to look at, and which of its blocks. */
async function enterPart(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
  left: Walk | null,
): Promise<Walk | null> {
  const parts = (await readParts(client, relation)).filter((part) => mayHoldRows(part, batch, system.timeZone));
  const rest = parts.filter((part) => {
    const order = left === null ? 1 : Buffer.compare(Buffer.from(part.name), Buffer.from(left.part));
    return order > 0 || (order === 0 && left?.again === true);
  });
  const [part] = rest;
  if (part === undefined) return null;
  system.touched.add(part.oid);
  const found = await client.query<{ file: string }>('select pg_relation_filenode($1::oid)::text as file', [part.oid]);
  const blocks = await narrowedBlocks(system, client, batch, relation, part);
  return {
    part: part.name,
    oid: part.oid,
    file: found.rows[0]?.file ?? '',
    block: blocks.from,
    end: blocks.to,
    density: part.density,
    last: rest.length === 1,
    again: false,
  };
}

function mayHoldRows(part: Part, batch: Batch, timeZone: string): boolean {
  if (part.empty || part.blocks === 0) return false;
  const before = part.rangedBy === null ? null : upperCutoff(batch.condition, part.rangedBy);
  return before === null || part.rangedBy === null || !isWhollyYounger(part, part.rangedBy, before, timeZone);
}

/** Below this share of a table, finding its rows by an index first is cheaper than reading every block. */
const indexShare = 0.02;
const fewBlocks = 512;

/**
 * The daily case: a hundredth of a large table is due, and it lies together because rows were inserted by age. Where
 * the planner would use an index, first and last block of what is due bound the walk.
 */
async function narrowedBlocks(
  system: PostgresSystem,
  client: PoolClient,
  batch: Batch,
  relation: Relation,
  part: Part,
): Promise<{ from: number; to: number }> {
  const whole = { from: 0, to: part.blocks };
  if (part.blocks < fewBlocks) return whole;
  const parameters = new Parameters();
  const scope = {
    client,
    catalogue: system.catalogue,
    timeZone: system.timeZone,
    target: batch.target,
    relation,
    alias: 't',
    parameters,
  };
  const where = await conditionSql(scope, batch.condition);
  const plan = await client.query<{ 'QUERY PLAN': readonly { Plan: { 'Node Type': string; 'Plan Rows': number } }[] }>(
    `explain (format json) select t.ctid from only ${part.sql} as t where ${where}`,
    parameters.values,
  );
  const node = plan.rows[0]?.['QUERY PLAN'][0]?.Plan;
  const usesIndex = node !== undefined && /^(Index|Bitmap)/.test(node['Node Type']);
  if (!usesIndex || node['Plan Rows'] > part.density * part.blocks * indexShare) return whole;
  const found = await client.query<{ first: number | null; last: number | null }>(
    `select (min(t.ctid)::text::point)[0] as first, (max(t.ctid)::text::point)[0] as last
       from only ${part.sql} as t where ${where}`,
    parameters.values,
  );
  const { first = null, last = null } = found.rows[0] ?? {};
  return first === null || last === null ? { from: 0, to: 0 } : { from: first, to: last + 1 };
}

/** `size` rows in the order of the primary key, for tables whose storage has no TIDs to walk. */
async function keySlice(client: PoolClient, batch: Batch, relation: Relation): Promise<Slice> {
  const columns = (batch.target.key.length > 0 ? batch.target.key : relation.primaryKey).map((name) =>
    columnOf(relation, name),
  );
  if (columns.length === 0) {
    throw new StatementRefused(
      'no-key',
      `Table ${relation.name} has no primary key to walk along.`,
      'Add a primary key to the table and name it in the data map.',
    );
  }
  const after = keyOf(batch.cursor);
  const tuple = (alias: string) => `(${columns.map((column) => `${alias}.${column.sql}`).join(', ')})`;
  const values = (key: readonly string[], parameters: Parameters) =>
    `(${columns.map((column, index) => parameters.add(key[index] ?? null, column.type)).join(', ')})`;
  const parameters = new Parameters();
  const from = after === null ? 'true' : `${tuple('t')} > ${values(after, parameters)}`;
  const order = columns.map((column) => `t.${column.sql}`).join(', ');
  const found = await client.query<{ key: string[] }>(
    `select array[${columns.map((column) => `t.${column.sql}::text`).join(', ')}] as key
       from ${relation.sql} as t where ${from} order by ${order}
     offset ${parameters.add(Math.max(0, Math.round(batch.size) - 1), 'bigint')} limit 1`,
    parameters.values,
  );
  const upTo = found.rows[0]?.key ?? null;
  return {
    sql: relation.sql,
    oid: relation.oid,
    where: (alias, into) =>
      [
        after === null ? 'true' : `${tuple(alias)} > ${values(after, into)}`,
        upTo === null ? 'true' : `${tuple(alias)} <= ${values(upTo, into)}`,
      ].join(' and '),
    next: upTo === null ? null : { at: 'keys', after: JSON.stringify(upTo) },
    file: null,
    restart: null,
  };
}

function keyOf(cursor: Cursor | null): readonly string[] | null {
  if (cursor === null || cursor['at'] !== 'keys') return null;
  const parsed: unknown = JSON.parse(String(cursor['after']));
  return Array.isArray(parsed) ? parsed.map(String) : null;
}

function walkOf(cursor: Cursor | null): Walk | null {
  if (cursor === null || cursor['at'] !== 'blocks') return null;
  return {
    part: String(cursor['part']),
    oid: Number(cursor['oid']),
    file: String(cursor['file']),
    block: Number(cursor['block']),
    end: Number(cursor['end']),
    density: Number(cursor['density']),
    last: cursor['last'] === 1,
    again: cursor['again'] === 1,
  };
}

function cursorOf(walk: Walk): Cursor {
  return { at: 'blocks', ...walk, last: walk.last ? 1 : 0, again: walk.again ? 1 : 0 };
}
