import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { loadProductDatabase } from './load.ts';
import type { GenerateOptions } from './people.ts';

/** Names of the product's database and roles; tests that share a cluster add a suffix. */
export interface ProductNames {
  readonly database: string;
  /** Owns the tables; nobody signs in as it. */
  readonly owner: string;
  /** Owns the audit log, whose months may only be dropped by it. */
  readonly archive: string;
  /** The application itself. */
  readonly app: string;
  /** Kept: sees what it measures, deletes what it disposes of, and no more. */
  readonly disposal: string;
}

export const productNames = (suffix = ''): ProductNames => ({
  database: `messaging_crm${suffix}`,
  owner: `messaging_crm_owner${suffix}`,
  archive: `messaging_crm_archive${suffix}`,
  app: `messaging_crm_app${suffix}`,
  disposal: `kept_disposal${suffix}`,
});

/** The server refuses what making the product database needs. */
export class NotAllowed extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'NotAllowed';
  }
}

export interface ProductDatabase {
  /** Where Kept connects, as the role for disposal. */
  readonly disposalUrl: string;
  /** Rows that were loaded now; 0 when they were there already. */
  readonly loaded: number;
}

/** Kept deletes from these. */
const disposed = [
  'account',
  'operator',
  'contact',
  'conversation',
  'message',
  'attachment',
  'lead',
  'oauth_token',
  'invoice',
  'accounting_record',
  'webhook_delivery',
];
/** Kept only looks at these. */
const observed = ['token_key', 'metric_hit', 'metric_daily'];

/**
 * Makes the product database with its roles and fills it, unless it is there. May be run again after it was
 * interrupted anywhere.
 * @param adminUrl a login that may create databases and roles
 * @throws NotAllowed when it may not
 */
export async function prepareProductDatabase(
  adminUrl: string,
  names: ProductNames,
  options: GenerateOptions,
  progress: (done: number, expected: number) => void,
): Promise<ProductDatabase> {
  const password = randomBytes(18).toString('base64url');
  await withClient(adminUrl, async (client) => {
    await createRoles(client, names, password);
    const found = await client.query('select from pg_database where datname = $1', [names.database]);
    if (found.rowCount === 0) await allowed(() => client.query(`create database ${names.database}`));
  });
  const url = new URL(adminUrl);
  url.pathname = `/${names.database}`;
  const loaded = await withClient(url.href, async (client) => {
    const there = await client.query<{ table: string | null }>(`select to_regclass('public.account')::text as table`);
    if (there.rows[0]?.table != null) return 0;
    await client.query(`grant create, usage on schema public to ${names.owner}`);
    return loadProductDatabase(client, options, names.owner, (steps) => grantRights(steps, names), progress);
  });
  url.username = names.disposal;
  url.password = password;
  return { disposalUrl: url.href, loaded };
}

/** Takes database and roles away again. */
export async function dropProductDatabase(adminUrl: string, names: ProductNames): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await client.query(`drop database if exists ${names.database} with (force)`);
    for (const role of [names.disposal, names.app, names.archive, names.owner])
      await client.query(`drop role if exists ${role}`);
  });
}

/** A new password each time: only Kept's secrets file knows it. */
async function createRoles(client: Client, names: ProductNames, password: string): Promise<void> {
  const found = await client.query<{ rolname: string }>('select rolname from pg_roles where rolname = any($1)', [
    Object.values(names),
  ]);
  const there = new Set(found.rows.map((row) => row.rolname));
  await allowed(async () => {
    for (const role of [names.owner, names.archive])
      if (!there.has(role)) await client.query(`create role ${role} nologin`);
    for (const role of [names.app, names.disposal])
      if (!there.has(role)) await client.query(`create role ${role} login`);
    await client.query(`alter role ${names.disposal} password ${client.escapeLiteral(password)}`);
    await client.query(`grant ${names.owner}, ${names.archive} to current_user`);
    // Dropping a month of the audit log takes its owner.
    await client.query(`grant ${names.archive} to ${names.disposal}`);
  });
  // Replica lag and long transactions of others are only shown to a monitor; without it Kept yields to less.
  const may = await client.query<{ may: boolean }>(
    `select rolsuper or pg_has_role(current_user, 'pg_monitor', 'member with admin option') as may from pg_roles where rolname = current_user`,
  );
  if (may.rows[0]?.may === true) await client.query(`grant pg_monitor to ${names.disposal}`);
}

async function grantRights(client: Client, names: ProductNames): Promise<void> {
  const { disposal, app, archive, owner } = names;
  const months = await client.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'public.audit_log'::regclass`,
  );
  // A table may only be given to a role that could have made it.
  await client.query(`grant create on schema public to ${archive}`);
  for (const name of ['audit_log', ...months.rows.map((row) => row.name)])
    await client.query(`alter table ${name} owner to ${archive}`);
  await client.query(`revoke create on schema public from ${archive}`);
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${app}`);
  await client.query(`grant usage on schema public to ${app}, ${disposal}`);
  await client.query(`grant select, delete on ${disposed.join(', ')} to ${disposal}`);
  await client.query(`grant select on ${observed.join(', ')} to ${disposal}`);
  // A lead is anonymised; an attachment is locked (FOR UPDATE) while its file goes, before its row.
  await client.query(`grant update on lead, attachment to ${disposal}`);
  const version = await client.query<{ number: number }>(`select current_setting('server_version_num')::int as number`);
  // VACUUM by another role than the owner needs MAINTAIN, which PostgreSQL 17 brought. Before, only the owner may.
  if ((version.rows[0]?.number ?? 0) >= 170_000)
    await client.query(`grant maintain on ${disposed.join(', ')} to ${disposal}`);
  else await client.query(`grant ${owner} to ${disposal}`);
}

/** Words a refusal of PostgreSQL so that a person knows what to do. */
async function allowed<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === '42501')) throw cause;
    throw new NotAllowed(
      `The login of DATABASE_URL may not make the example's database and roles (${cause.message}). Give it CREATEDB and CREATEROLE, or leave DATABASE_URL out: then Kept brings its own PostgreSQL.`,
      cause,
    );
  }
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  // A connection that is lost makes the query in flight fail, which is where it is dealt with.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
