import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { ConnectedSystem } from '../server/connectors/connector.ts';
import { connectPostgres } from '../server/connectors/postgres/connect.ts';
import { startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts';
import { ownCpuSeconds, postgresCpuSeconds } from './cpu.ts';

/** A PostgreSQL of the bench's own that flushes as in production, the customer's database in it, and a connector. */
export interface Store {
  readonly url: string;
  readonly client: pg.Client;
  /** A second connection, where each batch is written down before its commit, as the engine does. */
  readonly journal: pg.Client;
  readonly system: ConnectedSystem;
  /** CPU seconds of this process and of every process of the server, without those spent on asking. */
  cpuSeconds(): number;
  close(): Promise<void>;
}

export async function openStore(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'kept-bench-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'data') });
  try {
    const url = postgres.url('postgres');
    const client = await connect(url);
    const journal = await connect(url);
    await journal.query(
      'create table journal (id bigint generated always as identity, transaction_id text, disposed int)',
    );
    const backend = Number((await client.query('select pg_backend_pid() as pid')).rows[0]?.pid);
    const system = await connectPostgres({ name: 'bench', url });
    return {
      url,
      client,
      journal,
      system,
      cpuSeconds: stopWatch(backend),
      async close() {
        await system.close();
        await journal.end();
        await client.end();
        await postgres.stop();
        rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Looking through /proc costs milliseconds itself, which are nobody's work. */
function stopWatch(backend: number): () => number {
  let lookingSeconds = 0;
  return () => {
    const own = ownCpuSeconds();
    const server = postgresCpuSeconds(backend);
    const seconds = own - lookingSeconds + server;
    lookingSeconds += ownCpuSeconds() - own;
    return seconds;
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The cutoff of every run: half of each table is older. */
export const cutoff = new Date('2026-01-01T00:00:00Z');

/** Rows of about 200 bytes in the order of their age, as a log has them; the older half is due. */
export async function fillEvents(store: Store, name: string, rows: number): Promise<void> {
  await store.client.query(`drop table if exists ${name} cascade`);
  await store.client.query(
    `create table ${name} (id bigint not null, account int not null, at timestamptz not null, touched int not null, note text) with (autovacuum_enabled = off)`,
  );
  await store.client.query(
    `insert into ${name} select i, i % 1000, timestamptz '2026-01-01' + make_interval(secs => i - ${rows / 2} - 1), 0, repeat(md5(i::text), 4)
       from generate_series(1, ${rows}) i`,
  );
  await store.client.query(`alter table ${name} add primary key (id)`);
  await settle(store, name);
}

/** Parents and one child each, joined by an indexed foreign key that cascades; the older half of both is due. */
export async function fillFamilies(store: Store, rows: number): Promise<void> {
  await store.client.query('drop table if exists parents, children');
  await fillEvents(store, 'parents', rows);
  await store.client.query(
    `create table children (id bigint not null, parent bigint not null, at timestamptz not null, note text)
       with (autovacuum_enabled = off)`,
  );
  await store.client.query('insert into children select id, id, at, left(note, 64) from parents order by id');
  await store.client.query('alter table children add primary key (id)');
  await store.client.query('create index children_by_parent on children (parent)');
  await store.client.query(
    'alter table children add constraint children_parent foreign key (parent) references parents on delete cascade',
  );
  await settle(store, 'children');
}

/** What was loaded is flushed and clean, so that neither side pays for it; nor does autovacuum come by chance. */
async function settle(store: Store, name: string): Promise<void> {
  await store.client.query(`vacuum (analyze, freeze) ${name}`);
  await store.client.query('checkpoint');
}
