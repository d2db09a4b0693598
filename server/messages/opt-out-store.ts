import { sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { OptOutVia } from './opt-out-contract.ts';

export interface OptOutRecord {
  readonly id: Id<'OptOut'>;
  readonly via: OptOutVia;
  readonly optedOutAt: Date;
  readonly withdrawnAt: Date | null;
}

/**
 * Lets nobody else decide about this recipient until the transaction ends: an announcement either begins before the
 * opt-out, or sees it.
 */
export async function lockRecipient(tx: Tx, recipientKey: Buffer): Promise<void> {
  const name = `kept:messages:recipient:${tx.organisationId}:${recipientKey.toString('hex')}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx.db);
}

/** The opt-out in force. */
export async function findInForce(tx: Tx, recipientKey: Buffer): Promise<OptOutRecord | undefined> {
  const row = await tx.db
    .selectFrom('messages.opt_out')
    .select(['id', 'via', 'opted_out_at'])
    .where('organisation_id', '=', tx.organisationId)
    .where('recipient_key', '=', recipientKey)
    .executeTakeFirst();
  return row === undefined ? undefined : recordOf({ ...row, withdrawn_at: null });
}

/**
 * Notes an opt-out, unless one is in force: false then. It counts from now, but what was on its way to the mail server
 * before it was noted, by however little, is not after it.
 */
export async function insertOptOut(
  tx: Tx,
  optOut: { readonly id: Id<'OptOut'>; readonly recipientKey: Buffer; readonly via: OptOutVia },
): Promise<boolean> {
  const { id, recipientKey, via } = optOut;
  const row = await tx.db
    .insertInto('messages.opt_out')
    .values((table) => ({
      organisation_id: tx.organisationId,
      id,
      recipient_key: recipientKey,
      via,
      opted_out_at: sql<Date>`greatest(${tx.at}::timestamptz, ${table
        .selectFrom('messages.message')
        .select(({ fn }) => fn.max('attempted_at').as('at'))
        .where('organisation_id', '=', tx.organisationId)
        .where('recipient_key', '=', recipientKey)})`,
    }))
    .onConflict((conflict) => conflict.columns(['organisation_id', 'recipient_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends the opt-out in force; undefined where there is none. */
export async function endOptOut(tx: Tx, recipientKey: Buffer): Promise<Id<'OptOut'> | undefined> {
  const row = await tx.db
    .deleteFrom('messages.opt_out')
    .where('organisation_id', '=', tx.organisationId)
    .where('recipient_key', '=', recipientKey)
    .returning(['id', 'via', 'opted_out_at'])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await tx.db
    .insertInto('messages.withdrawn_opt_out')
    .values({
      ...row,
      organisation_id: tx.organisationId,
      recipient_key: recipientKey,
      withdrawn_at: new Date(Math.max(row.opted_out_at.getTime(), tx.at.getTime())),
    })
    .execute();
  return brand<'OptOut'>(row.id);
}

/** Newest first; `after` is the id of the last one seen. */
export async function listOptOutRecords(
  tx: Tx,
  query: {
    readonly via?: OptOutVia | undefined;
    readonly inForce?: boolean | undefined;
    readonly after?: Id<'OptOut'> | undefined;
    readonly limit: number;
  },
): Promise<OptOutRecord[]> {
  const { via = null, inForce = null, after = null, limit } = query;
  const { rows } = await sql<Row>`
    select id, via, opted_out_at, null::timestamptz as withdrawn_at from messages.opt_out
     where organisation_id = ${tx.organisationId} and coalesce(${inForce}::boolean, true)
       and (${via}::messages.opt_out_via is null or via = ${via}::messages.opt_out_via)
       and (${after}::uuid is null or id < ${after}::uuid)
    union all
    select id, via, opted_out_at, withdrawn_at from messages.withdrawn_opt_out
     where organisation_id = ${tx.organisationId} and not coalesce(${inForce}::boolean, false)
       and (${via}::messages.opt_out_via is null or via = ${via}::messages.opt_out_via)
       and (${after}::uuid is null or id < ${after}::uuid)
    order by id desc limit ${limit}`.execute(tx.db);
  return rows.map(recordOf);
}

export async function countInForce(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('messages.opt_out')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('organisation_id', '=', tx.organisationId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many announcements the mail server took over, and how many of them after their recipient had opted out. */
export async function countAnnounced(tx: Tx): Promise<{ readonly examined: number; readonly failing: number }> {
  const { rows } = await sql<{ examined: string; failing: string }>`
    with held as (
      select recipient_key, opted_out_at, 'infinity'::timestamptz as until from messages.opt_out
       where organisation_id = ${tx.organisationId}
      union all
      select recipient_key, opted_out_at, withdrawn_at from messages.withdrawn_opt_out
       where organisation_id = ${tx.organisationId})
    select count(*) as examined, count(*) filter (where exists (
      select from held h
       where h.recipient_key = m.recipient_key
         and (coalesce(m.attempted_at, m.sent_at) > h.opted_out_at and coalesce(m.attempted_at, m.sent_at) < h.until
           or m.sent_at > h.opted_out_at + ${LONGEST_ATTEMPT}::interval and m.sent_at < h.until))) as failing
      from messages.message m
     where m.organisation_id = ${tx.organisationId} and m.category = 'announcement'
       and m.recipient_key is not null and m.sent_at is not null`.execute(tx.db);
  return { examined: Number(rows[0]?.examined ?? 0), failing: Number(rows[0]?.failing ?? 0) };
}

/** How long a conversation with a mail server may last that began before the opt-out: as long as its task may run. */
const LONGEST_ATTEMPT = '600 seconds';

interface Row {
  readonly id: string;
  readonly via: OptOutVia;
  readonly opted_out_at: Date;
  readonly withdrawn_at: Date | null;
}

function recordOf(row: Row): OptOutRecord {
  return {
    id: brand<'OptOut'>(row.id),
    via: row.via,
    optedOutAt: row.opted_out_at,
    withdrawnAt: row.withdrawn_at,
  };
}
