import type { ClientBase } from 'pg';
import { StatementRefused } from '../connector.ts';
import { quote } from './quote.ts';

export interface Column {
  readonly name: string;
  /** Quoted. */
  readonly sql: string;
  /** What a parameter is cast to: the type below any domain, qualified where it is not PostgreSQL's own. */
  readonly type: string;
  /** Characters a value may have; null where there is no limit. */
  readonly maxLength: number | null;
  readonly notNull: boolean;
  /** A unique index stands on this column alone. */
  readonly unique: boolean;
  /** Its equality operator: `=`, or qualified where an extension brings its own (citext). */
  readonly equals: string;
}

export interface Relation {
  readonly oid: number;
  /** `schema.table` as the catalogue spells it. */
  readonly name: string;
  /** Quoted and qualified. */
  readonly sql: string;
  readonly kind: 'table' | 'partitioned' | 'foreign' | 'view';
  readonly columns: ReadonlyMap<string, Column>;
  readonly primaryKey: readonly string[];
  /** Sets of columns that a unique index covers. */
  readonly uniqueKeys: readonly (readonly string[])[];
}

export interface ForeignKey {
  readonly constraint: string;
  readonly from: string;
  readonly fromSql: string;
  readonly fromColumns: readonly string[];
  readonly fromNotNull: boolean;
  readonly to: string;
  readonly toColumns: readonly string[];
  readonly onDelete: 'cascade' | 'restrict' | 'no action' | 'set null' | 'set default';
  /** An index starts with the referencing columns, in any order. */
  readonly indexed: boolean;
}

const relationSql = `
  select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
         (select array_agg(a.attname::text order by k.position)
            from pg_index i, unnest(i.indkey::int2[]) with ordinality as k(attnum, position), pg_attribute a
           where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum) as primary_key
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'f', 'v', 'm')
     and (n.nspname || '.' || c.relname = $1 or (n.nspname = 'public' and c.relname = $1))
   order by n.nspname || '.' || c.relname = $1 desc limit 1`;

const columnsSql = `
  select a.attname as name, format_type(base.oid, -1) as type, a.attnotnull as not_null,
         case when coalesce(nullif(a.atttypmod, -1), t.typtypmod) > 4 and base.typname in ('varchar', 'bpchar')
              then coalesce(nullif(a.atttypmod, -1), t.typtypmod) - 4 end as max_length,
         case when base.typtype = 'b' and base.typnamespace <> 'pg_catalog'::regnamespace then
           (select format('operator(%I.%s)', opn.nspname, op.oprname)
              from pg_opclass oc join pg_am am on am.oid = oc.opcmethod and am.amname = 'btree'
              join pg_amop ao on ao.amopfamily = oc.opcfamily and ao.amopstrategy = 3
                and ao.amoplefttype = base.oid and ao.amoprighttype = base.oid
              join pg_operator op on op.oid = ao.amopopr join pg_namespace opn on opn.oid = op.oprnamespace
             where oc.opcintype = base.oid and oc.opcdefault limit 1) end as equals
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    cross join lateral (
      with recursive domain(oid, basetype) as (
        select t.oid, t.typbasetype union all
        select d.oid, d.typbasetype from domain join pg_type d on d.oid = domain.basetype)
      select pg_type.* from domain join pg_type on pg_type.oid = domain.oid where domain.basetype = 0) as base
   where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped`;

const uniqueSql = `
  select array_agg(a.attname::text order by k.position) as columns
    from pg_index i, unnest(i.indkey::int2[]) with ordinality as k(attnum, position), pg_attribute a
   where i.indrelid = $1::oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
     and k.position <= i.indnkeyatts and a.attrelid = i.indrelid and a.attnum = k.attnum
   group by i.indexrelid`;

const foreignKeysSql = `
  select k.conname as constraint, fn.nspname as from_schema, f.relname as from_table,
         tn.nspname as to_schema, t.relname as to_table, k.confdeltype::text as on_delete,
         (select array_agg(a.attname::text order by o.position) from unnest(k.conkey) with ordinality o(attnum, position)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = o.attnum) as from_columns,
         (select bool_or(a.attnotnull) from pg_attribute a
           where a.attrelid = k.conrelid and a.attnum = any (k.conkey)) as from_not_null,
         (select array_agg(a.attname::text order by o.position) from unnest(k.confkey) with ordinality o(attnum, position)
            join pg_attribute a on a.attrelid = k.confrelid and a.attnum = o.attnum) as to_columns,
         exists (select from pg_index i where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
           and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey) as indexed
    from pg_constraint k
    join pg_class f on f.oid = k.conrelid join pg_namespace fn on fn.oid = f.relnamespace
    join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
   where k.contype = 'f' and k.conparentid = 0`;

const onDeleteCodes = new Map<string, ForeignKey['onDelete']>([
  ['c', 'cascade'],
  ['r', 'restrict'],
  ['a', 'no action'],
  ['n', 'set null'],
  ['d', 'set default'],
]);

const kinds = new Map<string, Relation['kind']>([
  ['r', 'table'],
  ['p', 'partitioned'],
  ['f', 'foreign'],
  ['v', 'view'],
  ['m', 'view'],
]);

/** What the customer's catalogue says, remembered between batches until `forget`. */
export class Catalogue {
  readonly #relations = new Map<string, Relation>();
  #foreignKeys: readonly ForeignKey[] | null = null;

  forget(): void {
    this.#relations.clear();
    this.#foreignKeys = null;
  }

  /** The relation of that name, or undefined. `table` alone means `public.table`. */
  async findRelation(client: ClientBase, name: string): Promise<Relation | undefined> {
    const known = this.#relations.get(name);
    if (known !== undefined) return known;
    const found = await readRelation(client, name);
    if (found !== undefined) this.#relations.set(name, found);
    return found;
  }

  /** Throws `StatementRefused` (42P01) where there is none. */
  async getRelation(client: ClientBase, name: string): Promise<Relation> {
    const found = await this.findRelation(client, name);
    if (found === undefined) {
      throw new StatementRefused('42P01', `There is no table ${name}.`, 'Correct the table in the data map.');
    }
    return found;
  }

  /** All foreign keys of the database, those of partitions folded into their parents'. */
  async foreignKeys(client: ClientBase): Promise<readonly ForeignKey[]> {
    this.#foreignKeys ??= await readForeignKeys(client);
    return this.#foreignKeys;
  }
}

/** The column of that name. Throws `StatementRefused` (42703) where there is none. */
export function columnOf(relation: Relation, name: string): Column {
  const column = relation.columns.get(name);
  if (column === undefined) {
    throw new StatementRefused(
      '42703',
      `Table ${relation.name} has no column ${name}.`,
      'Correct the column in the data map.',
    );
  }
  return column;
}

async function readRelation(client: ClientBase, name: string): Promise<Relation | undefined> {
  const found = await client.query<{
    oid: number;
    schema: string;
    name: string;
    kind: string;
    primary_key: string[] | null;
  }>(relationSql, [name]);
  const row = found.rows[0];
  if (row === undefined) return undefined;
  const unique = await client.query<{ columns: string[] }>(uniqueSql, [row.oid]);
  const uniqueKeys = unique.rows.map((key) => key.columns);
  const columns = await client.query<{
    name: string;
    type: string;
    not_null: boolean;
    max_length: number | null;
    equals: string | null;
  }>(columnsSql, [row.oid]);
  return {
    oid: row.oid,
    name: `${row.schema}.${row.name}`,
    sql: `${quote(row.schema)}.${quote(row.name)}`,
    kind: kinds.get(row.kind) ?? 'view',
    primaryKey: row.primary_key ?? [],
    uniqueKeys,
    columns: new Map(
      columns.rows.map((column) => [
        column.name,
        {
          name: column.name,
          sql: quote(column.name),
          type: column.type,
          maxLength: column.max_length,
          notNull: column.not_null,
          unique: uniqueKeys.some((key) => key.length === 1 && key[0] === column.name),
          equals: column.equals ?? 'operator(pg_catalog.=)',
        },
      ]),
    ),
  };
}

async function readForeignKeys(client: ClientBase): Promise<readonly ForeignKey[]> {
  const found = await client.query<{
    constraint: string;
    from_schema: string;
    from_table: string;
    to_schema: string;
    to_table: string;
    on_delete: string;
    from_columns: string[];
    from_not_null: boolean;
    to_columns: string[];
    indexed: boolean;
  }>(foreignKeysSql);
  return found.rows.map((row) => ({
    constraint: row.constraint,
    from: `${row.from_schema}.${row.from_table}`,
    fromSql: `${quote(row.from_schema)}.${quote(row.from_table)}`,
    fromColumns: row.from_columns,
    fromNotNull: row.from_not_null,
    to: `${row.to_schema}.${row.to_table}`,
    toColumns: row.to_columns,
    onDelete: onDeleteCodes.get(row.on_delete) ?? 'no action',
    indexed: row.indexed,
  }));
}
