import type { PoolClient } from 'pg';
import type { Obstacle } from '../connector.ts';
import { quote } from './quote.ts';

/** What a table is needed for. */
export interface Access {
  readonly sql: string;
  readonly name: string;
  readonly oid: number;
  readonly rights: readonly ('select' | 'delete' | 'update')[];
}

/** Missing privileges, and row-level security that would hide rows from the role. */
export async function accessObstacles(client: PoolClient, needs: readonly Access[]): Promise<Obstacle[]> {
  const obstacles: Obstacle[] = [];
  const seen = new Set<number>();
  for (const need of needs) {
    if (seen.has(need.oid)) continue;
    seen.add(need.oid);
    const found = await client.query<{
      role: string;
      schema: string;
      reaches: boolean;
      select: boolean;
      delete: boolean;
      update: boolean;
      hidden: boolean;
    }>(
      `select current_user as role, n.nspname as schema, has_schema_privilege(n.oid, 'usage') as reaches,
              has_table_privilege(c.oid, 'select') as select, has_table_privilege(c.oid, 'delete') as delete,
              has_table_privilege(c.oid, 'update') as update, row_security_active(c.oid) as hidden
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::oid`,
      [need.oid],
    );
    const [row] = found.rows;
    if (row === undefined) continue;
    if (!row.reaches) obstacles.push(schemaObstacle(row.schema, row.role));
    const lacking = need.rights.filter((right) => !row[right]);
    if (lacking.length > 0) obstacles.push(privilegeObstacle(need, lacking, row.role));
    if (row.hidden) obstacles.push(rowSecurityObstacle(need, row.role));
  }
  return obstacles;
}

function schemaObstacle(schema: string, role: string): Obstacle {
  return {
    code: 'missing-privilege',
    place: schema,
    explanation: `The role ${role} may not use the schema ${schema}.`,
    remedy: `grant usage on schema ${quote(schema)} to ${quote(role)};`,
    nearest: [],
  };
}

function privilegeObstacle(need: Access, lacking: readonly string[], role: string): Obstacle {
  return {
    code: 'missing-privilege',
    place: need.name,
    explanation: `The role ${role} lacks ${lacking.join(', ')} on ${need.name}.`,
    remedy: `grant ${lacking.join(', ')} on ${need.sql} to ${quote(role)};`,
    nearest: [],
  };
}

/** A count under such a policy would be a false zero; the session refuses it (`row_security = off`). */
function rowSecurityObstacle(need: Access, role: string): Obstacle {
  return {
    code: 'row-security',
    place: need.name,
    explanation: `Row-level security of ${need.name} hides rows from the role ${role}, so that nothing could be proven.`,
    remedy: `alter role ${quote(role)} bypassrls; (or let a role own the table that is not under force row level security)`,
    nearest: [],
  };
}
