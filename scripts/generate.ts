import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { generatedFiles as dataMapFiles } from '../server/datamap/schema-document.ts';
import { configurationGuide } from '../server/platform/config.ts';
import { migrate } from '../server/platform/migrate.ts';
import { administer, randomName, startTestCluster, withDatabase } from '../server/platform/test-cluster.ts';
import { generatedFiles as policyFiles } from '../server/policy/schema-document.ts';
import { generatedFiles as eventFiles } from '../server/webhooks/event-documents.ts';
import { dumpSchema } from './dump-schema.ts';

/** Schemas that hold no rows of ours. */
const FOREIGN_SCHEMAS = ['information_schema', 'public', 'queue'];
const root = join(import.meta.dirname, '..');

/**
 * Writes every generated file below a folder: row types and schema dump from the migrations, the configuration
 * guide from the configuration, the guide to events from their catalogue.
 */
export async function generate(into: string): Promise<readonly string[]> {
  const cluster = await startTestCluster();
  try {
    const name = randomName('kept_generate');
    await administer(cluster.adminUrl, [`create database ${name}`]);
    const url = withDatabase(cluster.adminUrl, name);
    await migrate(url);
    const schemas = await ownSchemas(url);
    const client = new pg.Client(url);
    await client.connect();
    const files: Record<string, string> = {
      'server/rows.ts': rowTypes(url, schemas, into),
      'server/schema.sql': await dumpSchema(client, schemas),
      'docs/configuration.md': configurationGuide(),
    };
    await client.end();
    for (const { path, content } of [...policyFiles(), ...dataMapFiles(), ...eventFiles()]) files[path] = content;
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(into, file)), { recursive: true });
      writeFileSync(join(into, file), text);
    }
    return Object.keys(files);
  } finally {
    await cluster.stop();
  }
}

async function ownSchemas(url: string): Promise<string[]> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    "select nspname as name from pg_namespace where nspname not like 'pg\\_%' and nspname <> all($1) order by 1",
    [FOREIGN_SCHEMAS],
  );
  await client.end();
  return rows.map((row) => row.name);
}

function rowTypes(url: string, schemas: readonly string[], into: string): string {
  const draft = join(into, 'rows.draft.ts');
  mkdirSync(into, { recursive: true });
  const tool = join(root, 'node_modules', 'kysely-codegen', 'dist', 'cli', 'bin.js');
  const pattern = `(${schemas.join('|')}|none).*`;
  const flags = ['--dialect', 'postgres', '--url', url, '--include-pattern', pattern, '--date-parser', 'string'];
  flags.push('--default-schema', 'none', '--out-file', draft, '--log-level', 'error');
  const result = spawnSync(process.execPath, [tool, ...flags], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`kysely-codegen failed: ${result.stderr}${result.stdout}`);
  const text = readFileSync(draft, 'utf8').replace('export interface DB {', 'export interface Rows {');
  rmSync(draft);
  return formatted(text);
}

/** As `npm run format` would leave it, so that a generated file is no formatting mistake. */
function formatted(text: string): string {
  const biome = join(root, 'node_modules', '.bin', 'biome');
  const result = spawnSync(biome, ['format', '--stdin-file-path=server/rows.ts'], {
    cwd: root,
    encoding: 'utf8',
    input: text,
  });
  if (result.status !== 0) throw new Error(`biome failed: ${result.stderr}`);
  return result.stdout;
}

if (import.meta.main) {
  const files = await generate(root);
  console.log(`written: ${files.join(', ')}`);
}
