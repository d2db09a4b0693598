import { type Clock, systemClock } from './clock.ts';
import { type Config, readConfig } from './config.ts';
import type { OrganisationId } from './contract.ts';
import { type Database, openDatabase } from './database.ts';
import { newId } from './ids.ts';
import { administer, migratedTemplate, randomName, testCluster, withDatabase } from './test-cluster.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly config: Config;
  /** The owner's URL of the cloned database: may do anything, sees every organisation. */
  readonly adminUrl: string;
  newOrganisation(): Promise<OrganisationId>;
  createProductDatabase(): Promise<{ url: string; drop(): Promise<void> }>;
  close(): Promise<void>;
}

/** A migrated database of this test file's own. */
export async function openTestDatabase(
  options: { readonly clock?: Clock; readonly environment?: Record<string, string> } = {},
): Promise<TestDatabase> {
  const clusterUrl = await testCluster();
  const template = await migratedTemplate(clusterUrl);
  const name = randomName('kept_test');
  await administer(clusterUrl, [`create database ${name} template ${template}`]);
  const adminUrl = withDatabase(clusterUrl, name);
  const clock = options.clock ?? systemClock;
  const database = openDatabase({ url: adminUrl, clock, onTrouble: () => undefined });
  const products: string[] = [];
  return {
    database,
    adminUrl,
    config: readConfig({ KEPT_LOG_LEVEL: 'silent', KEPT_PORT: '0', ...options.environment, DATABASE_URL: adminUrl }),
    async newOrganisation() {
      const id: OrganisationId = newId(clock.now());
      const slug = randomName('organisation').replaceAll('_', '-');
      await database.globalTransaction(({ db, at }) =>
        db
          .insertInto('access.organisation')
          .values({ id, slug, name: `Organisation ${slug}`, created_at: at })
          .execute(),
      );
      return id;
    },
    async createProductDatabase() {
      const product = randomName('kept_product');
      await administer(clusterUrl, [`create database ${product} template template0 encoding 'UTF8'`]);
      products.push(product);
      return {
        url: withDatabase(clusterUrl, product),
        drop: () => administer(clusterUrl, [`drop database if exists ${product} with (force)`]),
      };
    },
    async close() {
      await database.close();
      const mine = [name, ...products].map((database) => `drop database if exists ${database} with (force)`);
      await administer(clusterUrl, mine);
    },
  };
}
