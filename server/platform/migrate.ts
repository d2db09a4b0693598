import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { problems } from './contract.ts';
import { clientConfig } from './database.ts';
import { asDatabaseFailure } from './database-failure.ts';
import { failuresOf } from './failure.ts';

export const migrationProblems = problems({
  'migration-changed': { status: 500, title: 'A migration that was applied has changed' },
  'migration-unknown': { status: 500, title: 'The database is ahead of this version of Kept' },
  'migration-failed': { status: 500, title: 'A migration could not be applied' },
  'database-unsuitable': { status: 500, title: 'The database does not fit' },
});
const fail = failuresOf(migrationProblems);

export interface Migration {
  readonly number: number;
  readonly name: string;
  /** SHA-256 of the file, hex. */
  readonly checksum: string;
  readonly statements: readonly string[];
}

const folder = join(import.meta.dirname, '..', 'migrations');

/** The migrations of this version, in order. */
export function readMigrations(from: string = folder): readonly Migration[] {
  const files = readdirSync(from)
    .filter((file) => /^\d{4}_[a-z0-9-]+\.sql$/.test(file))
    .sort();
  return files.map((file) => {
    const text = readFileSync(join(from, file), 'utf8');
    return {
      number: Number(file.slice(0, 4)),
      name: file.slice(5, -4),
      checksum: createHash('sha256').update(text).digest('hex'),
      statements: splitStatements(text),
    };
  });
}

/** Statements end with `;` at the end of a line, but not between `$$` and `$$`. */
export function splitStatements(text: string): readonly string[] {
  const statements: string[] = [];
  let current = '';
  let quoted = false;
  for (const line of text.split('\n')) {
    if (!quoted && /^\s*(--.*)?$/.test(line)) continue;
    current += `${line}\n`;
    if ((line.match(/\$\$/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
    if (quoted || !/;\s*(--.*)?$/.test(line)) continue;
    statements.push(current.trim());
    current = '';
  }
  if (current.trim() !== '') statements.push(current.trim());
  return statements;
}

/** Creates a database of a cluster when it is missing. */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new pg.Client(clientConfig(adminUrl, null));
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } catch (error) {
    throw asDatabaseFailure(error);
  } finally {
    await client.end();
  }
}

/**
 * Brings a database to this version's schema, the queue's included. Several processes may start at once; one works.
 * @param url login that owns the database
 * @throws Failure of `migrationProblems`, or `database-unavailable`
 */
export async function migrate(url: string, migrations: readonly Migration[] = readMigrations()): Promise<void> {
  const client = new pg.Client(clientConfig(url, null));
  client.on('error', () => undefined);
  try {
    await client.connect();
    await refuseUnsuitable(client);
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', ['kept:migrate']);
    await client.query('create schema if not exists platform');
    await client.query(
      'create table if not exists platform.migration (number int primary key, name text not null, checksum text not null, applied_at timestamptz not null)',
    );
    await applyMissing(client, migrations);
    await migrateQueue(client, url);
    await refuseForeignRoles(client);
  } catch (error) {
    throw asDatabaseFailure(error);
  } finally {
    // The lock goes with the connection.
    await client.end();
  }
}

async function refuseUnsuitable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string }>(
    "select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding",
  );
  const version = rows[0]?.version ?? 0;
  if (version < 150_000)
    throw fail(
      'database-unsuitable',
      `DATABASE_URL names PostgreSQL ${Math.floor(version / 10_000)}; Kept needs 15 to 18.`,
    );
  if (rows[0]?.encoding !== 'UTF8')
    throw fail('database-unsuitable', `The database is encoded in ${rows[0]?.encoding}. Create it with encoding UTF8.`);
}

async function applyMissing(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  const { rows } = await client.query<{ number: number; name: string; checksum: string }>(
    'select number, name, checksum from platform.migration order by number',
  );
  for (const row of rows) {
    const file = migrations.find((migration) => migration.number === row.number);
    if (file === undefined)
      throw fail(
        'migration-unknown',
        `The database has migration ${row.number} (${row.name}), which this version of Kept does not know. Start the newer version.`,
      );
    if (file.checksum !== row.checksum)
      throw fail(
        'migration-changed',
        `Migration ${row.number} (${row.name}) is not the file that was applied. Restore the file, or begin with a new database.`,
      );
  }
  const applied = new Set(rows.map((row) => row.number));
  for (const migration of migrations) if (!applied.has(migration.number)) await apply(client, migration);
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    for (const statement of migration.statements) await client.query(statement);
    await client.query(
      'insert into platform.migration (number, name, checksum, applied_at) values ($1, $2, $3, clock_timestamp())',
      [migration.number, migration.name, migration.checksum],
    );
    await client.query('commit');
  } catch (cause) {
    const failure = asDatabaseFailure(cause);
    if (failure !== cause) throw failure;
    await client.query('rollback');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail('migration-failed', `Migration ${migration.number} (${migration.name}): ${reason}`, { cause });
  }
}

/** The schema of the queue, owned like everything else by the login, used by the application's role. */
export const QUEUE_SCHEMA = 'queue';

async function migrateQueue(client: pg.Client, url: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: String(clientConfig(url, null).connectionString),
    schema: QUEUE_SCHEMA,
    max: 2,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.stop({ graceful: false });
  await client.query(`grant usage on schema ${QUEUE_SCHEMA} to kept_app`);
  for (const kind of ['tables', 'sequences', 'functions'])
    await client.query(`grant all on all ${kind} in schema ${QUEUE_SCHEMA} to kept_app`);
}

/** Roles belong to the whole cluster: another login may have made them and kept them to itself. */
async function refuseForeignRoles(client: pg.Client): Promise<void> {
  for (const role of ['kept_app', 'kept_sequencer', 'kept_pruner']) {
    try {
      await client.query(`set role ${role}`);
      await client.query('reset role');
    } catch (cause) {
      throw fail(
        'database-unsuitable',
        `The login of DATABASE_URL may not act as ${role}. As an administrator of the database run: grant ${role} to the login.`,
        { cause },
      );
    }
  }
}
