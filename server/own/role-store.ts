import pg from 'pg';
import { clientConfig } from '../platform/database.ts';
import { asDatabaseFailure } from '../platform/database-failure.ts';

/** What a role may do with one table, `schema.table`. `maintain` is VACUUM, which servers before 17 cannot grant. */
export interface Privilege {
  readonly table: string;
  readonly acts: readonly ('select' | 'delete' | 'update' | 'maintain')[];
}

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Makes a role that cannot log in and sees every organisation's rows, and gives it exactly these privileges.
 * @returns null, or the statements that only an administrator may run
 * @throws Failure `database-unavailable`
 */
export async function prepareRole(
  databaseUrl: string,
  role: string,
  privileges: readonly Privilege[],
): Promise<string | null> {
  const client = new pg.Client(clientConfig(databaseUrl, null));
  client.on('error', () => undefined);
  try {
    await client.connect();
    // Roles and rights are rows that two starts at once would change under each other; the lock goes with the session.
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', ['kept:migrate']);
    const missing = await makeRole(client, role);
    if (missing !== null) return missing;
    await grantExactly(client, role, privileges);
    return null;
  } catch (error) {
    throw asDatabaseFailure(error);
  } finally {
    await client.end();
  }
}

/** Null once the role is there, sees everything and can be acted as. */
async function makeRole(client: pg.Client, role: string): Promise<string | null> {
  const name = client.escapeIdentifier(role);
  if ((await attributesOf(client, role)) === undefined) {
    const made = await attempt(client, `create role ${name} nologin bypassrls`);
    if (!made) await attempt(client, `create role ${name} nologin`);
  }
  const attributes = await attributesOf(client, role);
  const { rows } = await client.query<{ login: string }>('select current_user as login');
  const login = client.escapeIdentifier(rows[0]?.login ?? '');
  const statements = [`grant ${name} to ${login};`];
  if (attributes === undefined) return [`create role ${name} nologin bypassrls;`, ...statements].join(' ');
  if (!attributes.bypasses && !(await attempt(client, `alter role ${name} bypassrls`)))
    statements.unshift(`alter role ${name} bypassrls;`);
  else if (
    (await canActAs(client, name)) ||
    ((await attempt(client, statements[0] ?? '')) && (await canActAs(client, name)))
  )
    return null;
  return statements.join(' ');
}

async function attributesOf(client: pg.Client, role: string): Promise<{ readonly bypasses: boolean } | undefined> {
  const { rows } = await client.query<{ bypasses: boolean }>(
    'select rolbypassrls as bypasses from pg_roles where rolname = $1',
    [role],
  );
  return rows[0];
}

/** False where the login may not, or another database of the cluster was faster. */
async function attempt(client: pg.Client, statement: string): Promise<boolean> {
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined;
    // 42710 and 23505: another database of this cluster made the same role a moment ago; XX000: changed it.
    if (code === INSUFFICIENT_PRIVILEGE || code === '42710' || code === '23505' || code === 'XX000') return false;
    throw error;
  }
}

async function canActAs(client: pg.Client, name: string): Promise<boolean> {
  if (!(await attempt(client, `set role ${name}`))) return false;
  await client.query('reset role');
  return true;
}

/** What the role has and should not is taken away, too: a version that deletes less may do less. */
async function grantExactly(client: pg.Client, role: string, privileges: readonly Privilege[]): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  const canMaintain = (rows[0]?.version ?? 0) >= 170_000;
  await client.query('begin');
  for (const schema of await schemasOf(client)) {
    const wanted = privileges.filter(({ table }) => table.startsWith(`${schema}.`));
    const quoted = client.escapeIdentifier(schema);
    await client.query(`revoke all on all tables in schema ${quoted} from ${name}`);
    await client.query(
      `${wanted.length > 0 ? 'grant' : 'revoke'} usage on schema ${quoted} ${wanted.length > 0 ? 'to' : 'from'} ${name}`,
    );
    for (const { table, acts } of wanted) {
      const given = acts.filter((act) => act !== 'maintain' || canMaintain);
      const place = table.split('.').map((part) => client.escapeIdentifier(part));
      await client.query(`grant ${given.join(', ')} on ${place.join('.')} to ${name}`);
    }
  }
  await client.query('commit');
}

/** Kept's own schemas: those it made. */
async function schemasOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select nspname as name from pg_namespace
      where nspname not like 'pg\\_%' and nspname <> 'information_schema' and pg_get_userbyid(nspowner) = current_user
      order by 1`,
  );
  return rows.map((row) => row.name);
}
