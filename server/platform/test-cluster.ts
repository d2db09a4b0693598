import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { testAdminUrl } from './config.ts';
import { clientConfig } from './database.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate, readMigrations } from './migrate.ts';
import { signal } from './postmaster.ts';

/** A cluster that holds the databases of tests, and its end. */
export interface TestCluster {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/**
 * A PostgreSQL for tests, gone with the process that asked for it. Nothing is flushed: tests kill processes, not the
 * machine.
 */
export async function startTestCluster(): Promise<TestCluster> {
  removeLeftOvers();
  const dataDirectory = mkdtempSync(join(tmpdir(), `kept-test-${process.pid}-`));
  // Open to the user PostgreSQL runs as when the tests run as root; its own directories are closed.
  chmodSync(dataDirectory, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory, durable: false, maxConnections: 300 });
  const remove = () => rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  const onExit = () => {
    postgres.abandon();
    // What PostgreSQL writes while it ends, the next start removes.
    rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  };
  process.once('exit', onExit);
  return {
    adminUrl: postgres.url('postgres'),
    async stop() {
      process.off('exit', onExit);
      await postgres.stop();
      remove();
    },
  };
}

function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^kept-test-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !signal(Number(pid), 0))
      rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}

let ownCluster: Promise<TestCluster> | null = null;

/** The cluster of this run: the one `npm test` started, or one of this process's own (about a second, once). */
export async function testCluster(): Promise<string> {
  const given = testAdminUrl();
  if (given !== undefined) return given;
  ownCluster ??= startTestCluster();
  return (await ownCluster).adminUrl;
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}

/** Runs one administrative statement after the other, each by itself. */
export async function administer(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client(clientConfig(url, null));
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export function randomName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/**
 * A migrated database to clone, made once per cluster and state of the migrations. Files that start together wait
 * for one another.
 * @returns its name
 */
export async function migratedTemplate(adminUrl: string): Promise<string> {
  const migrations = readMigrations();
  const hash = createHash('sha256').update(migrations.map((migration) => migration.checksum).join());
  const name = `kept_template_${hash.digest('hex').slice(0, 16)}`;
  const client = new pg.Client(clientConfig(adminUrl, null));
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(7040)');
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 1) return name;
    const draft = randomName('kept_draft');
    await client.query(`create database ${draft} template template0 encoding 'UTF8'`);
    await migrate(withDatabase(adminUrl, draft), migrations);
    await client.query(`alter database ${draft} rename to ${name}`);
    return name;
  } finally {
    await client.end();
  }
}
