import type { PoolClient } from 'pg';
import type { Probe, ProbeResult, Target } from '../connector.ts';
import { holdsForbidden, holdsIdentifier, isEnvelope, isHash } from '../recognise.ts';
import { type Column, columnOf, type Relation } from './catalogue.ts';
import { readParts } from './parts.ts';
import { quote } from './quote.ts';
import { scanLimits } from './session.ts';
import { streamRows } from './stream.ts';
import type { PostgresSystem } from './system.ts';

/** Looks at values where they are; only counts leave the connector. See `Probe`. */
export async function probe(system: PostgresSystem, target: Target, asked: Probe): Promise<ProbeResult> {
  switch (asked.kind) {
    case 'encrypted-field':
      return valuesFailing(system, target, asked.column, (value) => !isEnvelope(value, asked.prefix));
    case 'no-identifiers':
      return textsHolding(system, target, asked.columns, holdsIdentifier);
    case 'never-holds':
      return textsHolding(system, target, asked.columns, (text) => holdsForbidden(text, asked.forbidden));
    case 'hashed':
      return valuesFailing(system, target, asked.column, (value) => !isHash(value, asked.kinds));
    case 'facts-present':
      return counted(system, target, async (_client, relation) => factsSql(relation, asked.facts));
    case 'anonymised-ip':
      return counted(system, target, async (_client, relation) =>
        anonymisedIpSql(relation, columnOf(relation, asked.column)),
      );
    case 'reference-exists':
      return counted(system, target, async (client, relation) => {
        const other = await system.catalogue.getRelation(client, asked.table);
        const to = columnOf(other, asked.to);
        const value = `t.${columnOf(relation, asked.column).sql}`;
        return `select count(${value})::float8 as examined,
                       count(${value}) filter (where not exists (
                         select from ${other.sql} as o where o.${to.sql} ${to.equals} ${value}))::float8 as failing
                  from ${relation.sql} as t`;
      });
    case 'vacuumed':
      return vacuumed(system, target);
  }
}

async function counted(
  system: PostgresSystem,
  target: Target,
  write: (client: PoolClient, relation: Relation) => Promise<string>,
): Promise<ProbeResult> {
  return system.sessions.use(scanLimits, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    const found = await client.query<{ examined: number; failing: number }>(await write(client, relation));
    return found.rows[0] ?? { examined: 0, failing: 0 };
  });
}

function anonymisedIpSql(relation: Relation, column: Column): string {
  const value = `t.${column.sql}`;
  const text = `${value}::text`;
  const good =
    column.type === 'inet' || column.type === 'cidr'
      ? `host(network(set_masklen(${value}::inet, case family(${value}) when 4 then 24 else 48 end))) = host(${value})`
      : `(${text} = '' or ${text} ~ '^[0-9]{1,3}([.][0-9]{1,3}){2}[.]0(/24)?$'
         or ${text} ~* '^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,2}::(/48)?$')`;
  return `select count(${value})::float8 as examined, count(${value}) filter (where not ${good})::float8 as failing
            from ${relation.sql} as t`;
}

/** Blank text and empty lists say nothing; every other value that is there does. */
function factsSql(relation: Relation, facts: readonly (readonly string[])[]): string {
  const present = (name: string) => {
    const value = `t.${columnOf(relation, name).sql}`;
    return `(${value} is not null and btrim(${value}::text) not in ('', '{}'))`;
  };
  const whole = facts.map((columns) => `(${columns.map(present).join(' or ')})`).join(' and ');
  return `select count(*)::float8 as examined, count(*) filter (where not (${whole}))::float8 as failing
            from ${relation.sql} as t`;
}

async function valuesFailing(
  system: PostgresSystem,
  target: Target,
  name: string,
  fails: (value: string | Buffer) => boolean,
): Promise<ProbeResult> {
  const rows = streamRows<{ value: string | Buffer }>(system, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    const column = columnOf(relation, name);
    const value = column.type === 'bytea' ? `t.${column.sql}` : `t.${column.sql}::text`;
    return { text: `select ${value} as value from ${relation.sql} as t where ${value} is not null`, values: [] };
  });
  return tally(rows, ({ value }) => fails(value));
}

async function textsHolding(
  system: PostgresSystem,
  target: Target,
  names: readonly string[],
  holds: (text: string) => boolean,
): Promise<ProbeResult> {
  const rows = streamRows<{ values: (string | null)[] }>(system, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    const values = names.map((name) => `t.${columnOf(relation, name).sql}::text`);
    return { text: `select array[${values.join(', ')}]::text[] as values from ${relation.sql} as t`, values: [] };
  });
  return tally(rows, ({ values }) => values.some((value) => value !== null && holds(value)));
}

async function tally<Row>(rows: AsyncIterable<Row>, fails: (row: Row) => boolean): Promise<ProbeResult> {
  let examined = 0;
  let failing = 0;
  for await (const row of rows) {
    examined += 1;
    if (fails(row)) failing += 1;
  }
  return { examined, failing };
}

/**
 * Dead rows by the free room they wait for: exact with the extension pgstattuple, else by the server's own counters,
 * which run behind by up to a second.
 */
async function vacuumed(system: PostgresSystem, target: Target): Promise<ProbeResult> {
  return system.sessions.use(scanLimits, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    const parts = (await readParts(client, relation)).filter((part) => !part.empty && part.heap);
    await client.query('select pg_stat_force_next_flush()');
    const extension = await client.query<{ schema: string }>(
      `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where e.extname = 'pgstattuple' and pg_has_role(current_user, 'pg_stat_scan_tables', 'usage')`,
    );
    const schema = extension.rows[0]?.schema;
    const sql =
      schema === undefined
        ? `select (pg_stat_get_live_tuples($1::oid) + pg_stat_get_dead_tuples($1::oid))::float8 as examined,
                  pg_stat_get_dead_tuples($1::oid)::float8 as failing`
        : `select (approx_tuple_count + dead_tuple_count)::float8 as examined, dead_tuple_count::float8 as failing
             from ${quote(schema)}.pgstattuple_approx($1::oid::regclass)`;
    let examined = 0;
    let failing = 0;
    for (const part of parts) {
      const found = await client.query<ProbeResult>(sql, [part.oid]);
      examined += found.rows[0]?.examined ?? 0;
      failing += found.rows[0]?.failing ?? 0;
    }
    return { examined, failing };
  });
}
