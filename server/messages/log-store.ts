import { sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Category, MessageState } from './contract.ts';
import { columns, type MessageHeaders, type MessageRecord, recordOf } from './store.ts';

/** Which messages of the log. */
export interface MessageFilter {
  readonly state?: MessageState | undefined;
  readonly template?: string | undefined;
  readonly category?: Category | undefined;
  readonly queuedFrom?: Date | undefined;
  readonly queuedBefore?: Date | undefined;
  /** One address, however it is spelt. */
  readonly recipient?: string | undefined;
  /** The id of the last one seen. */
  readonly after?: Id<'Message'> | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listRecords(tx: Tx, filter: MessageFilter): Promise<MessageRecord[]> {
  const { state, template, category, queuedFrom, queuedBefore, recipient, after } = filter;
  let rows = tx.db
    .selectFrom('messages.message')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .orderBy('id', 'desc')
    .limit(filter.limit);
  if (state !== undefined) rows = rows.where('state', 'in', state === 'queued' ? ['queued', 'sending'] : [state]);
  if (template !== undefined) rows = rows.where('template', '=', template);
  if (category !== undefined) rows = rows.where('category', '=', category);
  if (queuedFrom !== undefined) rows = rows.where('queued_at', '>=', queuedFrom);
  if (queuedBefore !== undefined) rows = rows.where('queued_at', '<', queuedBefore);
  if (recipient !== undefined)
    rows = rows.where((row) => row(row.fn<string>('lower', ['recipient']), '=', recipient.toLowerCase()));
  if (after !== undefined) rows = rows.where('id', '<', after);
  return (await rows.execute()).map(recordOf);
}

/** A message with what it says, each null where it was purged. */
export interface WholeMessage extends MessageHeaders {
  readonly record: MessageRecord;
  readonly recipient: string | null;
  readonly subject: string | null;
  readonly text: string | null;
  readonly html: string | null;
  readonly salt: string | null;
  readonly messageId: string | null;
}

/** A message with what it says; `locked` until the transaction ends. */
export async function findWhole(
  tx: Tx,
  id: Id<'Message'>,
  options: { readonly locked?: true } = {},
): Promise<WholeMessage | undefined> {
  const row = await tx.db
    .selectFrom('messages.message')
    .select(columns)
    .select(['recipient', 'subject', 'body_text', 'body_html', 'salt', 'message_id'])
    .select(['from_name', 'reply_to', 'in_reply_to', 'reference_ids'])
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .$if(options.locked === true, (query) => query.forUpdate())
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    record: recordOf(row),
    recipient: row.recipient,
    subject: row.subject,
    text: row.body_text,
    html: row.body_html,
    salt: row.salt,
    messageId: row.message_id,
    fromName: row.from_name,
    replyTo: row.reply_to,
    inReplyTo: row.in_reply_to,
    references: row.reference_ids,
  };
}

/** The message that went out under a Message-ID. */
export async function findByHeader(tx: Tx, messageId: string): Promise<Id<'Message'> | undefined> {
  const row = await tx.db
    .selectFrom('messages.message')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Message'>(row.id);
}

/** What was taken over did not arrive. */
export async function markBounced(tx: Tx, id: Id<'Message'>, code: string | null): Promise<void> {
  await tx.db
    .updateTable('messages.message')
    .set({
      state: 'bounced',
      reason: 'bounced',
      reply: code,
      bounced_at: tx.at,
      next_attempt_at: null,
      // It may have been taken over by a process that died before it could write that down.
      sent_at: sql<Date>`coalesce(sent_at, ${tx.at}::timestamptz)`,
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** What the mail server says of a message that it still tries to deliver. */
export async function noteReply(tx: Tx, id: Id<'Message'>, code: string | null): Promise<void> {
  await tx.db
    .updateTable('messages.message')
    .set({ reply: code })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '=', 'sent')
    .execute();
}

/** Begins a message anew, as if it had just been queued, perhaps to another address. */
export async function requeue(
  tx: Tx,
  id: Id<'Message'>,
  to: {
    readonly recipient: string;
    readonly recipientKey: Buffer | null;
    readonly salt: string;
    readonly commitment: string;
    /** Another than before, so that a late report about the one before is not taken for one about this. */
    readonly messageId: string;
  },
): Promise<MessageRecord> {
  const row = await tx.db
    .updateTable('messages.message')
    .set({
      state: 'queued',
      reason: null,
      reply: null,
      attempts: 0,
      next_attempt_at: tx.at,
      first_attempt_at: null,
      attempted_at: null,
      message_id: to.messageId,
      sent_at: null,
      bounced_at: null,
      failed_at: null,
      recipient: to.recipient,
      recipient_key: to.recipientKey,
      salt: to.salt,
      commitment: to.commitment,
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow();
  return recordOf(row);
}

/** How many messages of each kind stand under each purpose, of those whose content was not purged. */
export async function countByKind(
  tx: Tx,
): Promise<{ readonly template: string; readonly category: Category; readonly count: number }[]> {
  const rows = await tx.db
    .selectFrom('messages.message')
    .select(['template', 'category', ({ fn }) => fn.countAll<string>().as('count')])
    .where('organisation_id', '=', tx.organisationId)
    .where('purged_at', 'is', null)
    .groupBy(['template', 'category'])
    .orderBy('template')
    .orderBy('category')
    .execute();
  return rows.map(({ template, category, count }) => ({ template, category, count: Number(count) }));
}
