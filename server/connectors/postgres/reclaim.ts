import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { Reclaimed, Target } from '../connector.ts';
import { type Part, readParts } from './parts.ts';
import { scanLimits } from './session.ts';
import type { PostgresSystem } from './system.ts';

/**
 * A plain VACUUM of every relation of the target: it makes the room of dead rows reusable and returns only what lies
 * free at the very end of a file. See README.md for how exact the figures are.
 */
export async function reclaim(system: PostgresSystem, target: Target): Promise<Reclaimed> {
  const started = performance.now();
  return system.sessions.use(scanLimits, async (client) => {
    system.catalogue.forget();
    const relation = await system.catalogue.getRelation(client, target.name);
    const parts = (await readParts(client, relation)).filter((part) => !part.empty);
    await client.query('select pg_stat_force_next_flush()');
    const warnings: string[] = [];
    const onNotice = (notice: { message: string | undefined }) => warnings.push(notice.message ?? '');
    client.on('notice', onNotice);
    let bytesReusable = 0;
    let bytesReturned = 0;
    try {
      for (const part of parts) {
        const before = await spaceOf(client, part);
        let after = await vacuum(client, part);
        // What died after a snapshot began that is still open somewhere (a report, a measurement of ours) stays. Most
        // snapshots are short: a little later it goes.
        for (
          let again = 0;
          after.dead > 0 && again < RETRIES && performance.now() - started < PATIENCE_MS;
          again += 1
        ) {
          await sleep(RETRY_AFTER_MS);
          after = await vacuum(client, part);
        }
        bytesReturned += Math.max(0, before.bytes - after.bytes);
        bytesReusable += Math.max(0, after.free - before.free);
      }
    } finally {
      client.off('notice', onNotice);
    }
    if (warnings.some((warning) => /permission denied to vacuum|only .* can vacuum/.test(warning))) {
      system.log?.warn(
        { system: system.name, table: target.name },
        'the role may not VACUUM; room becomes reusable when autovacuum comes round',
      );
    }
    return {
      bytesReusable: Math.round(bytesReusable),
      bytesReturned: Math.round(bytesReturned),
      elapsedMs: performance.now() - started,
    };
  });
}

const RETRIES = 4;
const RETRY_AFTER_MS = 1_000;
/** Longer than this altogether, and the rest is left to the next run and to autovacuum. */
const PATIENCE_MS = 10_000;

/**
 * Always, since counts of dead rows arrive late; pages the visibility map knows to be clean cost nothing. Left to itself
 * VACUUM spares the indexes when few rows died, and an index holds the values of its columns.
 */
async function vacuum(client: PoolClient, part: Part): Promise<Space> {
  await client.query(`vacuum (index_cleanup on) ${part.sql}`);
  return spaceOf(client, part);
}

interface Space {
  /** Of the main fork. */
  readonly bytes: number;
  readonly dead: number;
  /** Room that inserts can use. */
  readonly free: number;
}

/**
 * Size, dead rows and free room. The free space map tells the room exactly where the extension pg_freespacemap (or
 * pgstattuple) is there; else it is what the file holds beyond its live and dead rows at the width the statistics know.
 */
async function spaceOf(client: PoolClient, part: Part): Promise<Space> {
  const found = await client.query<{ bytes: number; dead: number; live: number; map: string | null; width: number }>(
    `select pg_relation_size($1::oid)::float8 as bytes,
            coalesce(pg_stat_get_dead_tuples($1::oid), 0)::float8 as dead,
            coalesce(pg_stat_get_live_tuples($1::oid), 0)::float8 as live,
            (select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
              where e.extname = 'pg_freespacemap') as map,
            28 + coalesce((select sum(s.avg_width * (1 - s.null_frac)) from pg_stats s
              where quote_ident(s.schemaname) || '.' || quote_ident(s.tablename) = $1::oid::regclass::text), 64)::float8 as width`,
    [part.oid],
  );
  const row = found.rows[0] ?? { bytes: 0, dead: 0, live: 0, map: null, width: 64 };
  if (row.map !== null) {
    const exact = await client.query<{ free: number }>(
      `select coalesce(sum(avail), 0)::float8 as free from ${row.map}.pg_freespace($1::oid::regclass)`,
      [part.oid],
    );
    return { bytes: row.bytes, dead: row.dead, free: exact.rows[0]?.free ?? 0 };
  }
  return { bytes: row.bytes, dead: row.dead, free: Math.max(0, row.bytes - (row.live + row.dead) * row.width) };
}
