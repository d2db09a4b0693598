import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startTestCluster } from '../server/platform/test-cluster.ts';

export const root = join(import.meta.dirname, '..');

/** Test files below the checkout whose path holds one of the given texts; all of them when none is given. */
export function findTests(suffix: '.test.ts' | '.soak.ts', wanted: readonly string[]): string[] {
  const folders = ['server', 'cli', 'sdk', 'examples', 'console', 'bench', 'scripts'];
  return globSync(`{${folders.join(',')}}/**/*${suffix}`, {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  })
    .filter((file) => wanted.length === 0 || wanted.some((text) => file.includes(text)))
    .sort();
}

/**
 * Runs test files with Node's runner over one PostgreSQL: the one DATABASE_URL names, or an embedded one that goes
 * with this process.
 * @returns the runner's exit code
 */
export async function runTests(files: readonly string[], options: { readonly timeoutMs: number }): Promise<number> {
  const { DATABASE_URL: given, ...environment } = process.env;
  const cluster = given === undefined || given === '' ? await startTestCluster() : null;
  const adminUrl = cluster?.adminUrl ?? given ?? '';
  try {
    const flags = ['--test', '--test-reporter=spec', `--test-timeout=${options.timeoutMs}`];
    // Tests wait more than they compute, but the databases behind them compute, too.
    flags.push(`--test-concurrency=${Math.max(2, availableParallelism())}`);
    const child = spawn(process.execPath, [...flags, ...files], {
      cwd: root,
      stdio: 'inherit',
      env: { ...environment, KEPT_TEST_ADMIN_URL: adminUrl },
    });
    // Ctrl-C reaches the runner, too; this process stays to stop the database.
    process.on('SIGINT', () => {});
    return await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  } finally {
    if (cluster === null) await removeTemplates(adminUrl);
    await cluster?.stop();
  }
}

/** A cluster that is not ours is left as it was found. */
async function removeTemplates(adminUrl: string): Promise<void> {
  const client = new pg.Client(adminUrl);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    "select datname as name from pg_database where datname ~ '^kept_(template|draft|test|product)_[0-9a-f]+$'",
  );
  for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`);
  await client.end();
}
