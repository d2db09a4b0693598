import { z } from 'zod';
import { type ConnectorLog, catalogueLimits, Sessions } from './session.ts';

/** A column as a person reading the schema sees it. */
export interface DescribedColumn {
  readonly name: string;
  /** As PostgreSQL writes it: `timestamp with time zone`, `character varying(80)`. */
  readonly type: string;
  readonly notNull: boolean;
  readonly comment: string | null;
}

/** A table or partitioned table; partitions are told under their parent. */
export interface DescribedTable {
  /** `schema.table`. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly comment: string | null;
  readonly partitioned: boolean;
  readonly primaryKey: readonly string[];
  readonly columns: readonly DescribedColumn[];
  /** Foreign keys of one column, to one column. */
  readonly references: readonly { readonly column: string; readonly table: string; readonly to: string }[];
  /** Estimate from the store's own statistics. */
  readonly rowEstimate: number;
}

const tablesSql = `
  select n.nspname as schema, c.relname as name, c.relkind = 'p' as partitioned,
         obj_description(c.oid, 'pg_class') as comment,
         case when c.relkind = 'p'
              then (select coalesce(sum(greatest(l.reltuples, 0)), 0) from pg_partition_tree(c.oid) p
                      join pg_class l on l.oid = p.relid and p.isleaf)
              else greatest(c.reltuples, 0) end::float8 as row_estimate,
         coalesce((select json_agg(a.attname order by k.position)
            from pg_index i, unnest(i.indkey::int2[]) with ordinality as k(attnum, position), pg_attribute a
           where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum), '[]') as primary_key,
         (select coalesce(json_agg(json_build_object(
                   'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
                   'comment', col_description(c.oid, a.attnum)) order by a.attnum), '[]')
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
         (select coalesce(json_agg(json_build_object(
                   'column', f.attname, 'table', tn.nspname || '.' || t.relname, 'to', ta.attname) order by k.conname), '[]')
            from pg_constraint k
            join pg_attribute f on f.attrelid = k.conrelid and f.attnum = k.conkey[1]
            join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
            join pg_attribute ta on ta.attrelid = k.confrelid and ta.attnum = k.confkey[1]
           where k.conrelid = c.oid and k.contype = 'f' and cardinality(k.conkey) = 1) as "references"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
     and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
     and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
   order by 1, 2`;

const rowSchema = z.object({
  schema: z.string(),
  name: z.string(),
  partitioned: z.boolean(),
  comment: z.string().nullable(),
  row_estimate: z.number(),
  primary_key: z.array(z.string()),
  columns: z.array(
    z.object({ name: z.string(), type: z.string(), notNull: z.boolean(), comment: z.string().nullable() }),
  ),
  references: z.array(z.object({ column: z.string(), table: z.string(), to: z.string() })),
});

/**
 * What tables a database has, for drafting a data map. Reads the catalogue only, no row of any table.
 * @throws SystemUnreachable, StatementRefused
 */
export async function describePostgresSchema(options: {
  /** For messages. */
  readonly name: string;
  readonly url: string;
  readonly log?: ConnectorLog | undefined;
}): Promise<DescribedTable[]> {
  const sessions = new Sessions(options.name, options.url, options.log);
  try {
    return await sessions.use(catalogueLimits, async (client) => {
      const { rows } = await client.query(tablesSql);
      return z.array(rowSchema).parse(rows).map(tableOf);
    });
  } finally {
    await sessions.close();
  }
}

function tableOf(row: z.infer<typeof rowSchema>): DescribedTable {
  const { schema, name, partitioned, comment, columns, references } = row;
  return {
    name: `${schema}.${name}`,
    schema,
    table: name,
    comment,
    partitioned,
    primaryKey: row.primary_key,
    columns,
    references,
    rowEstimate: row.row_estimate,
  };
}
