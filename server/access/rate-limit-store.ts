import { sql } from 'kysely';
import type { GlobalTx } from '../platform/database.ts';

/** So many at once, then one per interval (generic cell rate algorithm). */
export interface Allowance {
  readonly bucket: Buffer;
  readonly intervalMs: number;
  readonly burst: number;
}

/**
 * Takes from an allowance, in one statement, so that nodes and requests at the same time cannot take the same.
 * @param count how much; all of it is taken or nothing
 * @returns null when it was taken, otherwise how long to wait, in milliseconds
 */
export async function takeFromBucket(tx: GlobalTx, allowance: Allowance, count: number): Promise<number | null> {
  const { bucket, intervalMs, burst } = allowance;
  const now = tx.at;
  const slackMs = (burst - count) * intervalMs;
  const { rows } = await sql<{ arrival_at: Date }>`
    insert into access.rate_limit as known (bucket, arrival_at)
    values (${bucket}, ${later(now, count * intervalMs)}::timestamptz)
    on conflict (bucket) do update
      set arrival_at = greatest(known.arrival_at, ${now}::timestamptz) + ${intervalText(count * intervalMs)}::interval
      where known.arrival_at <= ${later(now, slackMs)}::timestamptz
    returning arrival_at
  `.execute(tx.db);
  if (rows.length > 0) return null;
  const known = await tx.db
    .selectFrom('access.rate_limit')
    .select('arrival_at')
    .where('bucket', '=', bucket)
    .executeTakeFirst();
  return Math.max(1, (known?.arrival_at ?? now).getTime() - now.getTime() - slackMs);
}

/** Gives back what was taken. */
export async function returnToBucket(tx: GlobalTx, allowance: Allowance, count: number): Promise<void> {
  await sql`
    update access.rate_limit set arrival_at = arrival_at - ${intervalText(count * allowance.intervalMs)}::interval
    where bucket = ${allowance.bucket}
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

/** A crash may forget the last hits: nobody waits for the disk because of them. */
export async function commitLazily(tx: GlobalTx): Promise<void> {
  await sql`set local synchronous_commit = off`.execute(tx.db);
}

function later(at: Date, ms: number): string {
  return new Date(at.getTime() + ms).toISOString();
}

function intervalText(ms: number): string {
  return `${ms} milliseconds`;
}
