import { sql } from 'kysely';
import type { GlobalTx } from '../platform/database.ts';

/** So many at once, then one per interval (generic cell rate algorithm). */
export interface Allowance {
  readonly bucket: Buffer;
  readonly intervalMs: number;
  readonly burst: number;
}

/**
 * Takes from all allowances or from none, in one statement, so that nodes and requests at the same time cannot take the
 * same. Where it answers a wait, the transaction is to be rolled back: another one may have come in between.
 * @param count how much of each
 * @returns null when it was taken, otherwise how long to wait, in milliseconds
 */
export async function takeFromBuckets(
  tx: GlobalTx,
  allowances: readonly Allowance[],
  count: number,
): Promise<number | null> {
  const now = tx.at.toISOString();
  const costs = allowances.map(({ intervalMs }) => intervalText(count * intervalMs));
  const latest = allowances.map(({ burst, intervalMs }) => later(tx.at, (burst - count) * intervalMs));
  const { rows } = await sql<{ taken: number; wait_ms: number | null; lazily: string }>`
    with wanted as (
      select bucket, cost, latest from unnest(
        ${allowances.map(({ bucket }) => bucket)}::bytea[], ${costs}::interval[], ${latest}::timestamptz[]
      ) as given (bucket, cost, latest)
    ), blocked as (
      select extract(epoch from known.arrival_at - wanted.latest) * 1000 as wait_ms
      from wanted join access.rate_limit known on known.bucket = wanted.bucket
      where known.arrival_at > wanted.latest
    ), taken as (
      insert into access.rate_limit as known (bucket, arrival_at)
      select bucket, ${now}::timestamptz + cost from wanted where not exists (select from blocked) order by bucket
      on conflict (bucket) do update
        set arrival_at = greatest(known.arrival_at, ${now}::timestamptz) + (excluded.arrival_at - ${now}::timestamptz)
        where known.arrival_at <= (select latest from wanted where wanted.bucket = excluded.bucket)
      returning 1
    )
    select (select count(*)::int from taken) as taken, (select max(wait_ms)::float8 from blocked) as wait_ms,
      -- A crash may forget the last hits: nobody waits for the disk because of them.
      set_config('synchronous_commit', 'off', true) as lazily
  `.execute(tx.db);
  const [row] = rows;
  if (row?.taken === allowances.length) return null;
  return Math.max(1, row?.wait_ms ?? 1);
}

/** Gives back one of each, in the order in which they are taken. */
export async function returnToBuckets(tx: GlobalTx, allowances: readonly Allowance[]): Promise<void> {
  for (const { bucket, intervalMs } of allowances.toSorted((one, other) => Buffer.compare(one.bucket, other.bucket)))
    await sql`
      update access.rate_limit set arrival_at = arrival_at - ${intervalText(intervalMs)}::interval
      where bucket = ${bucket}
    `.execute(tx.db);
}

/** Forgets buckets that are as good as not there. @returns how many */
export async function deleteFullBuckets(tx: GlobalTx, limit: number): Promise<number> {
  const { numDeletedRows } = await tx.db
    .deleteFrom('access.rate_limit')
    .where('bucket', 'in', (from) =>
      from
        .selectFrom('access.rate_limit')
        .select('bucket')
        .where('arrival_at', '<', tx.at)
        .orderBy('arrival_at')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

function later(at: Date, ms: number): string {
  return new Date(at.getTime() + ms).toISOString();
}

function intervalText(ms: number): string {
  return `${ms} milliseconds`;
}
