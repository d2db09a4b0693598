import { type RawBuilder, sql } from 'kysely';
import type { Language } from '../access/contract.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { NoticeFigures, NoticeRecipient, RecipientState } from './notices-contract.ts';

type NoticeId = Id<'Notice'>;

/** A recipient as fixed at the announcement. */
export interface NewRecipient {
  readonly reference: string;
  readonly email: string | null;
  readonly language: Language;
  readonly salt: string;
  readonly commitment: string;
}

/**
 * Fixes recipients; who is fixed already stays as they are.
 * @param batch of the telling, where being fixed is being told (nothing but the product and the page)
 * @returns how many are new
 */
export async function insertRecipients(
  tx: Tx,
  notice: NoticeId,
  recipients: readonly NewRecipient[],
  batch: number | null,
): Promise<number> {
  if (recipients.length === 0) return 0;
  const { numInsertedOrUpdatedRows } = await tx.db
    .insertInto('messages.notice_recipient')
    .values(
      recipients.map(({ reference, email, language, salt, commitment }) => ({
        organisation_id: tx.organisationId,
        notice_id: notice,
        reference,
        language,
        has_address: email !== null,
        email,
        salt,
        commitment,
        fixed_at: tx.at,
        batch,
      })),
    )
    .onConflict((conflict) => conflict.columns(['organisation_id', 'notice_id', 'reference']).doNothing())
    .executeTakeFirstOrThrow();
  return Number(numInsertedOrUpdatedRows ?? 0n);
}

/** A recipient who is to be told something by mail. */
export interface Waiting {
  readonly reference: string;
  readonly email: string | null;
  readonly language: Language;
  readonly commitment: string;
}

/** Recipients who were not told yet, in the order of their references. */
export async function selectWaiting(tx: Tx, notice: NoticeId, limit: number): Promise<Waiting[]> {
  return tx.db
    .selectFrom('messages.notice_recipient')
    .select(['reference', 'email', 'language', 'commitment'])
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', '=', notice)
    .where('batch', 'is', null)
    .orderBy('reference')
    .limit(limit)
    .execute();
}

/** What a recipient was sent. */
export interface SentTo {
  readonly reference: string;
  readonly message: Id<'Message'> | null;
}

/** Notes that recipients were told, in a batch. */
export async function markTold(tx: Tx, notice: NoticeId, batch: number, told: readonly SentTo[]): Promise<void> {
  await sql`
    update messages.notice_recipient r set batch = ${batch}, message_id = told.message_id
      from unnest(${told.map(({ reference }) => reference)}::text[], ${told.map(({ message }) => message)}::uuid[])
        as told (reference, message_id)
     where r.organisation_id = ${tx.organisationId} and r.notice_id = ${notice} and r.reference = told.reference
  `.execute(tx.db);
}

/** Notes that recipients were told of the cancellation, or need not be. */
export async function markFollowedUp(tx: Tx, notice: NoticeId, told: readonly SentTo[]): Promise<void> {
  await sql`
    update messages.notice_recipient r set followed_up_at = ${tx.at}, follow_up_message_id = told.message_id
      from unnest(${told.map(({ reference }) => reference)}::text[], ${told.map(({ message }) => message)}::uuid[])
        as told (reference, message_id)
     where r.organisation_id = ${tx.organisationId} and r.notice_id = ${notice} and r.reference = told.reference
  `.execute(tx.db);
}

/**
 * Recipients of a cancelled notice whose own message came to its end, so that what follows it comes after it. Those
 * whose message still waits are left for later.
 */
export async function selectToFollowUp(
  tx: Tx,
  notice: NoticeId,
  limit: number,
): Promise<(Waiting & { readonly wasSent: boolean })[]> {
  return tx.db
    .selectFrom('messages.notice_recipient as r')
    .leftJoin('messages.message as m', (on) =>
      on.onRef('m.organisation_id', '=', 'r.organisation_id').onRef('m.id', '=', 'r.message_id'),
    )
    .select(['r.reference', 'r.email', 'r.language', 'r.commitment'])
    .select(sql<boolean>`coalesce(m.state = 'sent', false)`.as('wasSent'))
    .where('r.organisation_id', '=', tx.organisationId)
    .where('r.notice_id', '=', notice)
    .where('r.followed_up_at', 'is', null)
    .where((row) => row.or([row('m.state', 'is', null), row('m.state', 'not in', ['queued', 'sending'])]))
    .orderBy('r.reference')
    .limit(limit)
    .execute();
}

/** Whether somebody's message still waits, of the notice or of its cancellation. */
export async function hasOutstanding(tx: Tx, notice: NoticeId): Promise<boolean> {
  const row = await tx.db
    .selectFrom('messages.message as m')
    .innerJoin('messages.notice_recipient as r', (on) =>
      on.onRef('r.organisation_id', '=', 'm.organisation_id').onRef('r.message_id', '=', 'm.id'),
    )
    .select('r.reference')
    .where('m.organisation_id', '=', tx.organisationId)
    .where('m.state', 'in', ['queued', 'sending'])
    .where('r.notice_id', '=', notice)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function hasToFollowUp(tx: Tx, notice: NoticeId): Promise<boolean> {
  const row = await tx.db
    .selectFrom('messages.notice_recipient')
    .select('reference')
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', '=', notice)
    .where('followed_up_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Mails of these templates that were never tried, counted to a limit. */
export async function countUntried(tx: Tx, templates: readonly string[], limit: number): Promise<number> {
  const rows = await tx.db
    .selectFrom('messages.message')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '=', 'queued')
    .where('attempts', '=', 0)
    .where('template', 'in', templates)
    .limit(limit)
    .execute();
  return rows.length;
}

/** When the last recipient was told, or attempted for good; null where no mail was sent to anybody. */
export async function selectLastConcluded(tx: Tx, notice: NoticeId): Promise<Date | null> {
  const row = await tx.db
    .selectFrom('messages.notice_recipient as r')
    .innerJoin('messages.message as m', (on) =>
      on.onRef('m.organisation_id', '=', 'r.organisation_id').onRef('m.id', '=', 'r.message_id'),
    )
    .select(sql<Date | null>`max(coalesce(m.sent_at, m.failed_at))`.as('at'))
    .where('r.organisation_id', '=', tx.organisationId)
    .where('r.notice_id', '=', notice)
    .executeTakeFirst();
  return row?.at ?? null;
}

/** What of a notice decides how its rows are read. */
export interface ReadAs {
  readonly notice: NoticeId;
  /** Whether e-mail is one of its channels. */
  readonly hasMail: boolean;
  readonly isCancelled: boolean;
}

/** What became of a row `r` with its message `m`. */
function stateOf({ hasMail, isCancelled }: ReadAs): RawBuilder<RecipientState> {
  return sql<RecipientState>`case
    when ${hasMail} = false then 'placed'
    when r.batch is null then case when ${isCancelled} then 'failed' else 'waiting' end
    when r.message_id is null then 'without-address'
    when m.state in ('queued', 'sending') then 'waiting'
    when m.state = 'sent' then 'sent'
    when m.state = 'bounced' then 'bounced'
    when m.reason = 'opted-out' then 'opted-out'
    else 'failed' end`;
}

export async function selectFigures(tx: Tx, as: ReadAs): Promise<NoticeFigures> {
  const { rows } = await sql<NoticeFigures>`
    select count(*)::int as recipients,
        count(*) filter (where state = 'sent' or seen_at is not null)::int as told,
        count(*) filter (where state = 'waiting')::int as waiting,
        count(*) filter (where state = 'sent')::int as sent,
        count(*) filter (where state = 'bounced')::int as bounced,
        count(*) filter (where state = 'failed')::int as failed,
        count(*) filter (where state = 'opted-out')::int as "optedOut",
        count(*) filter (where state = 'without-address')::int as "withoutAddress",
        count(*) filter (where seen_at is not null)::int as seen,
        count(*) filter (where follow_up_state in ('sent', 'bounced'))::int as "followUpsSent",
        count(*) filter (where ${as.isCancelled} and (followed_up_at is null or follow_up_state in ('queued', 'sending')))::int
          as "followUpsWaiting"
      from (
        select ${stateOf(as)} as state, r.seen_at, r.followed_up_at, f.state as follow_up_state
          from messages.notice_recipient r
          left join messages.message m on m.organisation_id = r.organisation_id and m.id = r.message_id
          left join messages.message f on f.organisation_id = r.organisation_id and f.id = r.follow_up_message_id
         where r.organisation_id = ${tx.organisationId} and r.notice_id = ${as.notice}
      ) read
  `.execute(tx.db);
  const [figures] = rows;
  if (figures === undefined) throw new Error('an aggregate has one row');
  return figures;
}

/** What became of a notice for one recipient. */
export interface Delivery extends Omit<NoticeRecipient, 'concludedAt' | 'seenAt'> {
  readonly concludedAt: Date | null;
  readonly seenAt: Date | null;
  /** Opens the commitment; null once it was purged with the address. */
  readonly salt: string | null;
}

/** In the order of their references; `after` is the last one seen. */
export async function selectDelivery(
  tx: Tx,
  as: ReadAs,
  query: {
    readonly state?: RecipientState | undefined;
    readonly seen?: boolean | undefined;
    readonly language?: Language | undefined;
    /** Beginning of the reference. */
    readonly beginning?: string | undefined;
    /** The whole of it. */
    readonly only?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<Delivery[]> {
  let rows = tx.db
    .selectFrom('messages.notice_recipient as r')
    .leftJoin('messages.message as m', (on) =>
      on.onRef('m.organisation_id', '=', 'r.organisation_id').onRef('m.id', '=', 'r.message_id'),
    )
    .select(['r.reference', 'r.language', 'r.seen_at', 'r.message_id', 'r.batch', 'r.commitment', 'r.salt'])
    .select([
      'm.reason',
      stateOf(as).as('state'),
      sql<Date | null>`coalesce(m.sent_at, m.failed_at)`.as('concluded_at'),
    ])
    .where('r.organisation_id', '=', tx.organisationId)
    .where('r.notice_id', '=', as.notice)
    .orderBy('r.reference')
    .limit(query.limit);
  if (query.state !== undefined) rows = rows.where(stateOf(as), '=', query.state);
  if (query.seen !== undefined) rows = rows.where('r.seen_at', query.seen ? 'is not' : 'is', null);
  if (query.language !== undefined) rows = rows.where('r.language', '=', query.language);
  if (query.only !== undefined) rows = rows.where('r.reference', '=', query.only);
  if (query.beginning !== undefined)
    rows = rows.where((row) =>
      row(row.fn<boolean>('starts_with', ['r.reference', row.val(query.beginning)]), '=', true),
    );
  if (query.after !== undefined) rows = rows.where('r.reference', '>', query.after);
  return (await rows.execute()).map((row) => ({
    reference: row.reference,
    language: row.language,
    state: row.state,
    mailReason: row.reason ?? (row.state === 'failed' && row.message_id === null ? 'cancelled' : null),
    concludedAt: row.concluded_at,
    seenAt: row.seen_at,
    message: row.message_id === null ? null : brand<'Message'>(row.message_id),
    batch: row.batch,
    commitment: row.commitment,
    salt: row.salt,
  }));
}

/** Whom a reading is for, and how long something stays to be read. */
export interface Reader {
  readonly place: 'product' | 'console';
  /** Under which they may be a recipient. */
  readonly references: readonly string[];
  /** What took effect or was cancelled before is shown no more. */
  readonly since: Date;
}

/** What a recipient has not seen: notices, and cancellations of notices that they had seen. Newest first. */
export async function selectUnseen(
  tx: Tx,
  reader: Reader,
  limit: number,
): Promise<{ readonly notice: NoticeId; readonly part: 'notice' | 'cancellation'; readonly language: Language }[]> {
  const rows = await unseen(tx, reader)
    .select(['n.id', 'n.state', 'r.language'])
    .orderBy('n.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    notice: brand<'Notice'>(row.id),
    part: row.state === 'cancelled' ? 'cancellation' : 'notice',
    language: row.language,
  }));
}

function unseen(tx: Tx, { place, references, since }: Reader) {
  return tx.db
    .selectFrom('messages.notice_recipient as r')
    .innerJoin('messages.notice as n', (on) =>
      on.onRef('n.organisation_id', '=', 'r.organisation_id').onRef('n.id', '=', 'r.notice_id'),
    )
    .where('r.organisation_id', '=', tx.organisationId)
    .where('r.reference', 'in', references)
    .where('n.place', '=', place)
    .where(sql<boolean>`'in-product' = any (n.channels)`)
    .where((row) =>
      row.or([
        row.and([row('n.state', '=', 'announced'), row('r.seen_at', 'is', null)]),
        row.and([row('n.state', '=', 'in-force'), row('n.in_force_at', '>', since), row('r.seen_at', 'is', null)]),
        row.and([
          row('n.state', '=', 'cancelled'),
          row('n.cancelled_at', '>', since),
          row('r.seen_at', 'is not', null),
          row('r.follow_up_seen_at', 'is', null),
        ]),
      ]),
    );
}

/** Notes what is now shown as seen. @returns false where there is no such notice for this reader */
export async function markSeen(tx: Tx, notice: NoticeId, reader: Reader): Promise<boolean> {
  const row = await tx.db
    .selectFrom('messages.notice_recipient as r')
    .innerJoin('messages.notice as n', (on) =>
      on.onRef('n.organisation_id', '=', 'r.organisation_id').onRef('n.id', '=', 'r.notice_id'),
    )
    .select(['n.state', 'r.reference', 'r.seen_at'])
    .where('r.organisation_id', '=', tx.organisationId)
    .where('r.notice_id', '=', notice)
    .where('r.reference', 'in', reader.references)
    .where('n.place', '=', reader.place)
    .where(sql<boolean>`'in-product' = any (n.channels)`)
    .forUpdate('r')
    .executeTakeFirst();
  if (row === undefined) return false;
  await tx.db
    .updateTable('messages.notice_recipient')
    .set((current) =>
      // Who marks a notice that was cancelled in the meantime has seen the notice, and is yet to see the cancellation.
      row.state === 'cancelled' && row.seen_at !== null
        ? { follow_up_seen_at: current.fn.coalesce('follow_up_seen_at', sql<Date>`${tx.at}::timestamptz`) }
        : { seen_at: current.fn.coalesce('seen_at', sql<Date>`${tx.at}::timestamptz`) },
    )
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', '=', notice)
    .where('reference', '=', row.reference)
    .execute();
  return true;
}
