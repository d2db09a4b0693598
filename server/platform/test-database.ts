import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Clock, systemClock } from './clock.ts';
import { readConfig } from './config.ts';
import type { OrganisationId } from './contract.ts';
import { newId } from './ids.ts';
import type { Logger } from './log.ts';
import { openPlatform, type Platform } from './platform.ts';
import { administer, migratedTemplate, randomName, testCluster, withDatabase } from './test-cluster.ts';

export interface TestPlatform {
  readonly platform: Platform;
  /** A first organisation. */
  readonly organisationId: OrganisationId;
  /** The owner's URL of the cloned database: may do anything, sees every organisation. */
  readonly adminUrl: string;
  newOrganisation(): Promise<OrganisationId>;
  /** An empty database beside it, as a customer's product would have; its URL is a superuser's. */
  createProductDatabase(): Promise<{ url: string; drop(): Promise<void> }>;
  /** A second process, as it were, on the same database. */
  openAnother(): Promise<Platform & { close(): Promise<void> }>;
  close(): Promise<void>;
}

export interface TestPlatformOptions {
  readonly clock?: Clock;
  /** Variables of the configuration. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly log?: Logger;
  /** Superuser's URL of a cluster of the test's own, for tests that kill it; that of the test run when absent. */
  readonly cluster?: string;
}

/**
 * A platform over a migrated database of this test file's own. Tasks do not run until `platform.tasks.start()`.
 * Call `close` in `after`.
 */
export async function openTestPlatform(options: TestPlatformOptions = {}): Promise<TestPlatform> {
  const clusterUrl = options.cluster ?? (await testCluster());
  const template = await migratedTemplate(clusterUrl);
  const name = randomName('kept_test');
  await administer(clusterUrl, [`create database ${name} template ${template}`]);
  const databaseUrl = withDatabase(clusterUrl, name);
  const clock = options.clock ?? systemClock;
  const dataDirectory = mkdtempSync(join(tmpdir(), 'kept-data-'));
  const config = readConfig({
    KEPT_DATA_DIR: dataDirectory,
    KEPT_LOG_LEVEL: 'silent',
    KEPT_PORT: '0',
    ...options.environment,
    DATABASE_URL: databaseUrl,
  });
  const open = () =>
    openPlatform({ config, databaseUrl, clock, ...(options.log !== undefined && { log: options.log }) });
  const platform = await open();
  const others: { close(): Promise<void> }[] = [];
  const products: string[] = [];
  const newOrganisation = () => addOrganisation(platform);
  return {
    platform,
    organisationId: await newOrganisation(),
    adminUrl: databaseUrl,
    newOrganisation,
    async createProductDatabase() {
      const product = randomName('kept_product');
      await administer(clusterUrl, [`create database ${product} template template0 encoding 'UTF8'`]);
      products.push(product);
      return { url: withDatabase(clusterUrl, product), drop: () => administer(clusterUrl, [dropping(product)]) };
    },
    async openAnother() {
      const another = await open();
      others.push(another);
      return another;
    },
    async close() {
      for (const other of others) await other.close();
      await platform.close();
      try {
        for (const check of await closingChecks()) await check(databaseUrl).catch(failTheFile);
      } finally {
        await administer(clusterUrl, [name, ...products].map(dropping));
        rmSync(dataDirectory, { recursive: true, force: true });
      }
    },
  };
}

/** Looks at the database of a test before it goes, with the URL of its owner. @throws Error that says what is wrong */
type ClosingCheck = (databaseUrl: string) => Promise<void>;

/**
 * What folders above demand of every database in which anything was tested. They are found by their name, since this
 * folder imports none of them: `<folder>/test-closing-check.ts` exports `closingCheck`.
 */
async function closingChecks(): Promise<ClosingCheck[]> {
  const server = join(import.meta.dirname, '..');
  const files = globSync('*/test-closing-check.ts', { cwd: server });
  if (files.length === 0) throw new Error('no closing check was found, though the ledger has one');
  return Promise.all(
    files.map(async (file) => {
      const found: { readonly closingCheck: ClosingCheck } = await import(pathToFileURL(join(server, file)).href);
      return found.closingCheck;
    }),
  );
}

/** Not thrown: what else the caller closes would stay open, and the test would never end. */
function failTheFile(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
}

async function addOrganisation(platform: Platform): Promise<OrganisationId> {
  const id: OrganisationId = newId(platform.clock.now());
  const slug = randomName('organisation').replaceAll('_', '-');
  await platform.db.globalTransaction(async ({ db, at }) => {
    await db
      .insertInto('access.organisation')
      .values({ id, slug, name: `Organisation ${slug}`, created_at: at })
      .execute();
    await db
      .insertInto('access.first_organisation')
      .values({ organisation_id: id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
  return id;
}

function dropping(database: string): string {
  return `drop database if exists ${database} with (force)`;
}
