import type { ClientBase } from 'pg';
import { startOfDay } from '../civil-day.ts';
import type { Relation } from './catalogue.ts';
import { quote } from './quote.ts';

/** One relation of a target: the table itself, or a partition of it at any depth. */
export interface Part {
  readonly oid: number;
  /** `schema.table`. */
  readonly name: string;
  readonly sql: string;
  /** Rows are stored here, in PostgreSQL's own heap: it has TIDs that a range scan can walk. */
  readonly heap: boolean;
  /** Has no rows of its own, only partitions. */
  readonly empty: boolean;
  readonly owned: boolean;
  /** Quoted parent, null for the table itself. */
  readonly parentSql: string | null;
  /** Column by whose ranges the parent is partitioned, null for any other partitioning. */
  readonly rangedBy: string | null;
  /** Bounds on that column as PostgreSQL prints them; null without a bound on that side. */
  readonly from: string | null;
  readonly to: string | null;
  readonly isDefault: boolean;
  readonly bytes: number;
  readonly blocks: number;
  /** Estimated rows; -1 where the table was never analysed. */
  readonly rows: number;
  /** Estimated rows in a block, for turning rows into blocks. */
  readonly density: number;
}

const partsSql = `
  with recursive tree(oid, parent) as (
    select $1::oid, null::oid
    union all
    select i.inhrelid, i.inhparent from pg_inherits i join tree on i.inhparent = tree.oid where not i.inhdetachpending)
  select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
         coalesce(am.amname = 'heap', false) as heap, pg_has_role(c.relowner, 'usage') as owned,
         pn.nspname as parent_schema, pc.relname as parent_name,
         case when p.partstrat = 'r' and p.partnatts = 1 then
           (select a.attname from pg_attribute a where a.attrelid = p.partrelid and a.attnum = p.partattrs[0]) end as ranged_by,
         pg_get_expr(c.relpartbound, c.oid) as bound,
         case when c.relkind = 'r' then pg_relation_size(c.oid)::float8 else 0 end as bytes,
         current_setting('block_size')::int as block_size,
         greatest(c.reltuples::float8, case when c.reltuples < 0 then nullif(s.n_live_tup, 0)::float8 end) as rows,
         c.relpages as pages
    from tree join pg_class c on c.oid = tree.oid join pg_namespace n on n.oid = c.relnamespace
    left join pg_am am on am.oid = c.relam
    left join pg_class pc on pc.oid = tree.parent left join pg_namespace pn on pn.oid = pc.relnamespace
    left join pg_partitioned_table p on p.partrelid = tree.parent
    left join pg_stat_all_tables s on s.relid = c.oid
   order by (n.nspname || '.' || c.relname) collate "C"`;

/** The target's relations in byte order of their names. */
export async function readParts(client: ClientBase, relation: Relation): Promise<readonly Part[]> {
  const found = await client.query<{
    oid: number;
    schema: string;
    name: string;
    kind: string;
    heap: boolean;
    owned: boolean;
    parent_schema: string | null;
    parent_name: string | null;
    ranged_by: string | null;
    bound: string | null;
    bytes: number;
    block_size: number;
    rows: number;
    pages: number;
  }>(partsSql, [relation.oid]);
  return found.rows.map((row) => {
    const blocks = Math.ceil(row.bytes / row.block_size);
    const bounds = boundsOf(row.bound);
    return {
      oid: row.oid,
      name: `${row.schema}.${row.name}`,
      sql: `${quote(row.schema)}.${quote(row.name)}`,
      heap: row.heap,
      empty: row.kind === 'p',
      owned: row.owned,
      parentSql:
        row.parent_schema === null || row.parent_name === null
          ? null
          : `${quote(row.parent_schema)}.${quote(row.parent_name)}`,
      rangedBy: row.ranged_by,
      ...bounds,
      bytes: row.bytes,
      blocks,
      rows: row.rows,
      density: densityOf(row.rows, row.pages, blocks),
    };
  });
}

/** Rows of all parts together, as the store's statistics have them. */
export function estimatedRows(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + Math.max(0, part.empty ? 0 : part.rows), 0);
}

/**
 * Whether every row that this partition can hold is older than the cutoff. Bounds are exclusive above, so a bound at
 * the cutoff itself is past. What cannot be read as an instant is never past.
 */
export function isWhollyPast(part: Part, clock: string, before: Date, timeZone: string): boolean {
  if (part.rangedBy !== clock || part.to === null || part.isDefault) return false;
  return instantOf(part.to, timeZone) <= before.getTime();
}

/** Whether the bounds prove that no row of this partition is older than the cutoff. */
export function isWhollyYounger(part: Part, clock: string, before: Date, timeZone: string): boolean {
  if (part.rangedBy !== clock || part.from === null || part.isDefault) return false;
  return instantOf(part.from, timeZone) >= before.getTime();
}

/**
 * Milliseconds since the epoch, rounded up; NaN where it is no finite instant, so that every comparison fails. A date
 * alone bounds a column of dates and begins at its midnight in the zone.
 */
function instantOf(bound: string, timeZone: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}:\d{2})(\.\d+)?(?:\+00)?)?$/.exec(bound);
  if (match === null) return Number.NaN;
  if (match[2] === undefined) return startOfDay(bound, timeZone).getTime();
  const fraction = Number(`0${match[3] ?? ''}`);
  return Date.parse(`${match[1]}T${match[2]}Z`) + Math.ceil(fraction * 1000);
}

function boundsOf(bound: string | null): { from: string | null; to: string | null; isDefault: boolean } {
  const match = bound === null ? null : /^FOR VALUES FROM \((.*)\) TO \((.*)\)$/.exec(bound);
  return { from: boundOf(match?.[1]), to: boundOf(match?.[2]), isDefault: bound === 'DEFAULT' };
}

function boundOf(literal: string | undefined): string | null {
  if (literal === undefined || literal === 'MINVALUE' || literal === 'MAXVALUE') return null;
  return literal.replace(/^'|'$/g, '');
}

function densityOf(rows: number, pages: number, blocks: number): number {
  if (rows > 0 && pages > 0) return Math.max(1, rows / pages);
  if (rows > 0 && blocks > 0) return Math.max(1, rows / blocks);
  return 40;
}
