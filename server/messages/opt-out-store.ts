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

const columns = ['id', 'via', 'opted_out_at', 'withdrawn_at'] as const;

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
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .where('recipient_key', '=', recipientKey)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : recordOf(row);
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
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'recipient_key']).where('withdrawn_at', 'is', null).doNothing(),
    )
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends the opt-out in force; undefined where there is none. */
export async function endOptOut(tx: Tx, recipientKey: Buffer): Promise<Id<'OptOut'> | undefined> {
  const row = await tx.db
    .updateTable('messages.opt_out')
    .set({ withdrawn_at: sql<Date>`greatest(${tx.at}::timestamptz, opted_out_at)` })
    .where('organisation_id', '=', tx.organisationId)
    .where('recipient_key', '=', recipientKey)
    .where('withdrawn_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'OptOut'>(row.id);
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
  let rows = tx.db
    .selectFrom('messages.opt_out')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.via !== undefined) rows = rows.where('via', '=', query.via);
  if (query.inForce !== undefined) rows = rows.where('withdrawn_at', query.inForce ? 'is' : 'is not', null);
  if (query.after !== undefined) rows = rows.where('id', '<', query.after);
  return (await rows.execute()).map(recordOf);
}

export async function countInForce(tx: Tx): Promise<number> {
  const row = await tx.db
    .selectFrom('messages.opt_out')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('organisation_id', '=', tx.organisationId)
    .where('withdrawn_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** How many announcements the mail server took over, and how many of them after their recipient had opted out. */
export async function countAnnounced(tx: Tx): Promise<{ readonly examined: number; readonly failing: number }> {
  const { rows } = await sql<{ examined: string; failing: string }>`
    select count(*) as examined, count(*) filter (where exists (
      select from messages.opt_out o
       where o.organisation_id = ${tx.organisationId} and o.recipient_key = m.recipient_key
         and (coalesce(m.attempted_at, m.sent_at) > o.opted_out_at
              and (o.withdrawn_at is null or coalesce(m.attempted_at, m.sent_at) < o.withdrawn_at)
           or m.sent_at > o.opted_out_at + ${LONGEST_ATTEMPT}::interval
              and (o.withdrawn_at is null or m.sent_at < o.withdrawn_at)))) as failing
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
