import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { administer, randomName, testCluster, withDatabase } from '../../platform/test-cluster.ts';
import type { Batch, BatchOutcome, ConnectedSystem, Exclusion, Target } from '../connector.ts';
import { connectPostgres } from './connect.ts';
import type { PressureLimits } from './system.ts';

/** A customer's database, for tests: empty, with a connector to it and a superuser's own connection. */
export interface TestProduct {
  readonly url: string;
  readonly system: ConnectedSystem;
  readonly client: pg.Client;
  /** First column of the first row of a statement. */
  value(sql: string): Promise<unknown>;
  /** A role that may log in and nothing else, and a connector in its name. */
  asRole(grants: (role: string) => readonly string[]): Promise<{ role: string; system: ConnectedSystem }>;
  close(): Promise<void>;
}

export async function openTestProduct(
  options: { pressureLimits?: PressureLimits; timeZone?: string } = {},
): Promise<TestProduct> {
  const cluster = await testCluster();
  const database = randomName('kept_product');
  await administer(cluster, [`create database ${database} template template0 encoding 'UTF8'`]);
  const url = withDatabase(cluster, database);
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(`set timezone = 'UTC'`);
  const systems = [await connectPostgres({ name: 'product', url, ...options })];
  const roles: string[] = [];
  const [system] = systems;
  if (system === undefined) throw new Error('the connector did not open');
  return {
    url,
    system,
    client,
    async value(sql) {
      const found = await client.query({ text: sql, rowMode: 'array' });
      return found.rows[0]?.[0];
    },
    async asRole(grants) {
      const role = randomName('kept_role');
      const password = randomBytes(12).toString('hex');
      await client.query(`create role ${role} login password '${password}'`);
      roles.push(role);
      for (const grant of grants(role)) await client.query(grant);
      const address = new URL(url);
      address.username = role;
      address.password = password;
      const other = await connectPostgres({ name: 'product', url: address.href });
      systems.push(other);
      return { role, system: other };
    },
    async close() {
      for (const each of systems) await each.close();
      for (const role of roles) await client.query(`drop owned by ${role}; drop role ${role}`);
      await client.end();
      await administer(cluster, [`drop database if exists ${database} with (force)`]);
    },
  };
}

/** A target with nothing special about it. */
export function targetOf(name: string, more: Partial<Target> = {}): Target {
  return { name, key: ['id'], subjects: {}, attachments: [], bulkOnly: false, breakCycleAt: [], ...more };
}

export const noExclusion: Exclusion = { dataset: false, accounts: [], subjects: {}, keys: [] };

/** A batch with everything that most tests do not care about. */
export function batchOf(target: Target, condition: Batch['condition'], more: Partial<Batch> = {}): Batch {
  return {
    target,
    condition,
    exclusion: noExclusion,
    action: { kind: 'delete' },
    path: 'tid-range',
    cursor: null,
    size: 1_000,
    lockTimeoutMs: 500,
    statementTimeoutMs: 30_000,
    beforeCommit: async () => {},
    removeAttachments: async () => [],
    ...more,
  };
}

/** Batches until the end is reached. */
export async function disposeAll(
  system: ConnectedSystem,
  batch: Batch,
): Promise<{ disposed: number; refused: number; dropped: string[]; batches: BatchOutcome[] }> {
  const batches: BatchOutcome[] = [];
  let { cursor } = batch;
  do {
    const outcome = await system.disposeBatch({ ...batch, cursor });
    batches.push(outcome);
    if (batches.length > 10_000) throw new Error('the walk does not end');
    cursor = outcome.cursor;
  } while (cursor !== null);
  return {
    disposed: batches.reduce((sum, { disposed }) => sum + disposed, 0),
    refused: batches.reduce((sum, { refused }) => sum + refused, 0),
    dropped: batches.flatMap(({ dropped }) => [...dropped]),
    batches,
  };
}
