import { statfs } from 'node:fs/promises';
import type { PoolClient } from 'pg';
import type { Pressure } from '../connector.ts';
import { codeOf } from './failures.ts';
import { catalogueLimits } from './session.ts';
import type { PostgresSystem } from './system.ts';

/** Reasons to let the database breathe. Asked between batches, when we hold no lock ourselves. */
export async function pressure(system: PostgresSystem): Promise<readonly Pressure[]> {
  return system.sessions.use(catalogueLimits, async (client) => [
    ...(await replicaLag(system, client)),
    ...(await oldSnapshots(system, client)),
    ...(await lockWaits(system, client)),
    ...(await lowDisk(system, client)),
  ]);
}

/** Only a monitor (`pg_monitor`) sees the lag of replicas; for others the columns are null and nothing is reported. */
async function replicaLag(system: PostgresSystem, client: PoolClient): Promise<Pressure[]> {
  const { replicaLagBytes, replicaLagSeconds } = system.pressureLimits;
  const found = await client.query<{ name: string; bytes: number | null; seconds: number | null }>(
    `select coalesce(nullif(application_name, ''), 'a replica') as name,
            pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8 as bytes,
            extract(epoch from replay_lag)::float8 as seconds
       from pg_stat_replication where not pg_is_in_recovery() and state = 'streaming'`,
  );
  return found.rows
    .filter(({ bytes, seconds }) => (bytes ?? 0) > replicaLagBytes || (seconds ?? 0) > replicaLagSeconds)
    .map(({ name, bytes, seconds }) => ({
      code: 'replica-lag',
      explanation: `${name} is ${megabytes(bytes ?? 0)} and ${Math.round(seconds ?? 0)} s behind.`,
    }));
}

/** An old snapshot keeps every row deleted since then from being reclaimed: disposing on would only bloat the table. */
async function oldSnapshots(system: PostgresSystem, client: PoolClient): Promise<Pressure[]> {
  const found = await client.query<{ pid: number; seconds: number }>(
    `select pid, extract(epoch from clock_timestamp() - xact_start)::float8 as seconds
       from pg_stat_activity
      where backend_xmin is not null and xact_start is not null and application_name <> 'kept'
        and backend_type = 'client backend' and (datname = current_database() or datname is null)
      order by xact_start limit 1`,
  );
  return found.rows
    .filter(({ seconds }) => seconds > system.pressureLimits.snapshotSeconds)
    .map(({ pid, seconds }) => ({
      code: 'old-snapshot',
      explanation: `The transaction of process ${pid} has been open for ${Math.round(seconds)} s.`,
    }));
}

/** Sessions that have waited for a lock on a table we work on: somebody else is in a hurry there. */
async function lockWaits(system: PostgresSystem, client: PoolClient): Promise<Pressure[]> {
  if (system.touched.size === 0) return [];
  const found = await client.query<{ waiting: number; milliseconds: number }>(
    `select count(distinct w.pid)::int as waiting,
            coalesce(max(extract(epoch from clock_timestamp() - w.waitstart) * 1000), 0)::float8 as milliseconds
       from pg_locks w
      where not w.granted and w.pid <> pg_backend_pid() and w.waitstart < clock_timestamp() - make_interval(secs => $2)
        and exists (select from pg_locks l where l.pid = w.pid and l.relation = any ($1::oid[])
                     and l.database = (select oid from pg_database where datname = current_database()))`,
    [[...system.touched], system.pressureLimits.lockWaitMs / 1000],
  );
  return found.rows
    .filter(({ waiting }) => waiting > 0)
    .map(({ waiting, milliseconds }) => ({
      code: 'lock-waits',
      explanation: `${waiting} session(s) wait for locks on tables under disposal, for up to ${Math.round(milliseconds)} ms.`,
    }));
}

const unmeasured = new WeakSet<PostgresSystem>();

/** Only measurable where the data directory is on this machine and readable; said once where it is not. */
async function lowDisk(system: PostgresSystem, client: PoolClient): Promise<Pressure[]> {
  if (unmeasured.has(system)) return [];
  try {
    const found = await client.query<{ directory: string | null; local: boolean }>(
      `select current_setting('data_directory') as directory,
              inet_server_addr() is null or inet_server_addr() = inet_client_addr() as local
        where pg_has_role(current_user, 'pg_read_all_settings', 'usage')`,
    );
    const [row] = found.rows;
    if (row?.local === true && row.directory !== null) {
      const disk = await statfs(row.directory);
      const free = disk.bavail * disk.bsize;
      const share = disk.bavail / Math.max(1, disk.blocks);
      const { freeBytes, freeShare } = system.pressureLimits;
      if (free >= freeBytes && share >= freeShare) return [];
      return [{ code: 'low-disk', explanation: `The disk of the database has ${megabytes(free)} left.` }];
    }
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EPERM') throw error;
  }
  unmeasured.add(system);
  system.log?.warn(
    { system: system.name },
    'free disk of this database cannot be measured from here; watch it yourself',
  );
  return [];
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
