import { sql } from 'kysely';
import type { GlobalTx } from '../platform/database.ts';

/** Roles as which the application works. */
const roles = ['kept_app', 'kept_sequencer', 'kept_pruner'];

/**
 * What the application's roles could do in this database and must not, one sentence of codes each: `ledger.entry
 * delete kept_app`. Reads the catalogue, which tells every role the same.
 */
export async function findExcessRights(tx: GlobalTx): Promise<string[]> {
  const { rows } = await sql<{ what: string }>`
    select rolname || ' ' || attribute as what
      from pg_roles cross join lateral (values
        ('superuser', rolsuper), ('bypassrls', rolbypassrls), ('createrole', rolcreaterole),
        ('createdb', rolcreatedb), ('login', rolcanlogin), ('replication', rolreplication)) as has (attribute, given)
      where rolname = any(${roles}) and given
    union all
    select n.nspname || '.' || c.relname || ' is owned by ' || pg_get_userbyid(c.relowner)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and pg_get_userbyid(c.relowner) = any(${roles})
    union all
    select n.nspname || '.' || c.relname || ' ' || lower(a.privilege_type) || ' to ' || r.rolname
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      cross join lateral aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
      where c.relkind in ('r', 'p') and r.rolname = any(${roles})
        and (a.privilege_type in ('TRUNCATE', 'TRIGGER', 'REFERENCES', 'MAINTAIN')
          or (n.nspname = 'ledger' and r.rolname = 'kept_app' and a.privilege_type in ('UPDATE', 'DELETE')))
        and n.nspname <> 'queue'
    union all
    select n.nspname || '.' || c.relname || ' is not behind its wall'
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not like 'pg\\_%'
        and n.nspname not in ('information_schema', 'queue')
        and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'organisation_id'
          and t.attnotnull and not t.attisdropped)
        and exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary
          and i.indkey[0] = (select t.attnum from pg_attribute t where t.attrelid = c.oid and t.attname = 'organisation_id'))
        and (not c.relrowsecurity or not c.relforcerowsecurity
          or not exists (select from pg_policy p where p.polrelid = c.oid))
    order by 1 limit 100`.execute(tx.db);
  return rows.map((row) => row.what);
}
