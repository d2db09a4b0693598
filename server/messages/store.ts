import { sql } from 'kysely';
import type { Language } from '../access/contract.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Category, MessageReason, MessageState } from './contract.ts';

/** A message without address and content. `state` is as stored: `sending` counts as queued to everybody else. */
export interface MessageRecord {
  readonly id: Id<'Message'>;
  readonly template: string;
  readonly category: Category;
  readonly language: Language;
  readonly state: MessageState | 'sending';
  readonly reason: MessageReason | null;
  readonly reply: string | null;
  readonly commitment: string;
  readonly attempts: number;
  readonly queuedAt: Date;
  readonly firstAttemptAt: Date | null;
  readonly nextAttemptAt: Date | null;
  readonly sentAt: Date | null;
  readonly bouncedAt: Date | null;
  readonly failedAt: Date | null;
  readonly purgedAt: Date | null;
  /** Of an announcement, until it is purged. */
  readonly recipientKey: Buffer | null;
  /** Text and page hold what opens something. */
  readonly isSealed: boolean;
}

/** What is sent, until it is purged. */
export interface MessageContent {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Headers of one message, until it is purged. */
export interface MessageHeaders {
  /** The sender's name, where it is not the server's own. */
  readonly fromName: string | null;
  readonly replyTo: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[] | null;
}

export interface NewMessage extends MessageContent, MessageHeaders {
  readonly id: Id<'Message'>;
  readonly idempotencyKey: string;
  readonly template: string;
  readonly category: Category;
  readonly language: Language;
  readonly salt: string;
  readonly commitment: string;
  /** Whether text and page are. */
  readonly isSealed: boolean;
  readonly recipientKey: Buffer | null;
}

/** What a record is read from. */
export const columns = [
  'id',
  'template',
  'category',
  'language',
  'state',
  'reason',
  'reply',
  'commitment',
  'attempts',
  'queued_at',
  'first_attempt_at',
  'next_attempt_at',
  'sent_at',
  'bounced_at',
  'failed_at',
  'purged_at',
  'recipient_key',
  'sealed',
] as const;

/** Queues a message; undefined when there is one under its key already. */
export async function insertMessage(tx: Tx, message: NewMessage): Promise<MessageRecord | undefined> {
  const row = await tx.db
    .insertInto('messages.message')
    .values({
      organisation_id: tx.organisationId,
      id: message.id,
      idempotency_key: message.idempotencyKey,
      template: message.template,
      category: message.category,
      language: message.language,
      recipient: message.to,
      recipient_key: message.recipientKey,
      from_name: message.fromName,
      reply_to: message.replyTo,
      in_reply_to: message.inReplyTo,
      reference_ids: message.references === null ? null : [...message.references],
      subject: message.subject,
      body_text: message.text,
      body_html: message.html,
      salt: message.salt,
      commitment: message.commitment,
      sealed: message.isSealed,
      state: 'queued',
      attempts: 0,
      queued_at: tx.at,
      next_attempt_at: tx.at,
    })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'idempotency_key']).doNothing())
    .returning(columns)
    .executeTakeFirst();
  return row === undefined ? undefined : recordOf(row);
}

/** The id under an idempotency key. */
export async function findIdByKey(tx: Tx, idempotencyKey: string): Promise<Id<'Message'> | undefined> {
  const row = await tx.db
    .selectFrom('messages.message')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Message'>(row.id);
}

/** Whether what went out under a Message-ID is stored sealed. */
export async function isSealedUnder(tx: Tx, messageId: string): Promise<boolean> {
  const row = await tx.db
    .selectFrom('messages.message')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('message_id', '=', messageId)
    .where('sealed', '=', true)
    .executeTakeFirst();
  return row !== undefined;
}

export async function findRecord(tx: Tx, id: Id<'Message'>): Promise<MessageRecord | undefined> {
  const row = await tx.db
    .selectFrom('messages.message')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : recordOf(row);
}

/** The record, locked until the transaction ends. */
export async function lockRecord(tx: Tx, id: Id<'Message'>): Promise<MessageRecord | undefined> {
  const row = await tx.db
    .selectFrom('messages.message')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : recordOf(row);
}

/** What an attempt sends. */
export interface Attempt extends MessageContent, MessageHeaders {
  readonly messageId: string;
  readonly isSealed: boolean;
}

/**
 * Writes that an attempt begins, and decides the Message-ID if this is the first. An attempt that was let through by
 * the end of an opt-out is not before that end, by however little.
 * @param messageId the header to use unless an earlier attempt chose one
 */
export async function beginAttempt(tx: Tx, id: Id<'Message'>, messageId: string): Promise<Attempt | undefined> {
  const row = await tx.db
    .updateTable('messages.message')
    .set((current) => ({
      state: 'sending',
      reason: 'sending',
      attempts: current('attempts', '+', 1),
      next_attempt_at: tx.at,
      attempted_at: sql<Date>`greatest(${tx.at}::timestamptz, ${current
        .selectFrom('messages.withdrawn_opt_out')
        .select(({ fn }) => fn.max('withdrawn_at').as('at'))
        .where('organisation_id', '=', tx.organisationId)
        .whereRef('recipient_key', '=', 'messages.message.recipient_key')})`,
      first_attempt_at: current.fn.coalesce('first_attempt_at', sql<Date>`${tx.at}::timestamptz`),
      message_id: current.fn.coalesce('message_id', sql<string>`${messageId}::text`),
    }))
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .returning(['recipient', 'subject', 'body_text', 'body_html', 'message_id', 'sealed'])
    .returning(['from_name', 'reply_to', 'in_reply_to', 'reference_ids'])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { recipient, subject, body_text, body_html, message_id, sealed } = row;
  if (recipient === null || subject === null || body_text === null || body_html === null || message_id === null)
    return undefined;
  return {
    to: recipient,
    subject,
    text: body_text,
    html: body_html,
    messageId: message_id,
    isSealed: sealed,
    fromName: row.from_name,
    replyTo: row.reply_to,
    inReplyTo: row.in_reply_to,
    references: row.reference_ids,
  };
}

/** Puts a message back in the queue, to be tried at `nextAttemptAt`. */
export async function markWaiting(
  tx: Tx,
  id: Id<'Message'>,
  waiting: { readonly reason: MessageReason; readonly reply: string | null; readonly nextAttemptAt: Date },
): Promise<void> {
  await tx.db
    .updateTable('messages.message')
    .set({ state: 'queued', reason: waiting.reason, reply: waiting.reply, next_attempt_at: waiting.nextAttemptAt })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function markSent(tx: Tx, id: Id<'Message'>): Promise<void> {
  await tx.db
    .updateTable('messages.message')
    .set({ state: 'sent', reason: null, reply: null, next_attempt_at: null, sent_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

export async function markFailed(
  tx: Tx,
  id: Id<'Message'>,
  failure: { readonly reason: MessageReason; readonly reply: string | null },
): Promise<void> {
  await tx.db
    .updateTable('messages.message')
    .set({ state: 'failed', reason: failure.reason, reply: failure.reply, next_attempt_at: null, failed_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** Messages that should have been tried by `before` and were not, oldest first. */
export async function listOverdue(tx: Tx, before: Date, limit: number): Promise<Id<'Message'>[]> {
  const rows = await tx.db
    .selectFrom('messages.message')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('state', 'in', ['queued', 'sending'])
    .where('next_attempt_at', '<=', before)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute();
  return rows.map((row) => brand<'Message'>(row.id));
}

/**
 * Messages that are still waiting to be sent, locked: queued before one instant and not tried since another (one that
 * is on its way to the mail server is left alone, one that a crash left so is not).
 */
export async function lockUnsent(
  tx: Tx,
  query: { readonly queuedBefore: Date; readonly dueBefore: Date; readonly limit: number },
): Promise<MessageRecord[]> {
  const rows = await tx.db
    .selectFrom('messages.message')
    .select(columns)
    .where('organisation_id', '=', tx.organisationId)
    .where('purged_at', 'is', null)
    .where('queued_at', '<', query.queuedBefore)
    .where((row) =>
      row.or([
        row('state', '=', 'queued'),
        row.and([row('state', '=', 'sending'), row('next_attempt_at', '<', query.dueBefore)]),
      ]),
    )
    .orderBy('queued_at')
    .limit(query.limit)
    .forUpdate()
    .execute();
  return rows.map(recordOf);
}

/** A message as its recipient would ask for it. */
export interface MailTo {
  readonly template: string;
  readonly subject: string | null;
  readonly text: string | null;
  readonly queuedAt: Date;
  readonly sentAt: Date | null;
}

/** To one address, however it is spelt, oldest first. Text that is sealed holds a secret and is left out. */
export async function selectMailTo(tx: Tx, address: string): Promise<MailTo[]> {
  const rows = await tx.db
    .selectFrom('messages.message')
    .select(['template', 'subject', 'body_text', 'sealed', 'queued_at', 'sent_at'])
    .where('organisation_id', '=', tx.organisationId)
    .where('purged_at', 'is', null)
    .where((row) => row(row.fn<string>('lower', ['recipient']), '=', address.toLowerCase()))
    .orderBy('queued_at')
    .execute();
  return rows.map((row) => ({
    template: row.template,
    subject: row.subject,
    text: row.sealed ? null : row.body_text,
    queuedAt: row.queued_at,
    sentAt: row.sent_at,
  }));
}

interface Row {
  readonly id: string;
  readonly template: string;
  readonly category: Category;
  readonly language: Language;
  readonly state: MessageState | 'sending';
  readonly reason: MessageReason | null;
  readonly reply: string | null;
  readonly commitment: string;
  readonly attempts: number;
  readonly queued_at: Date;
  readonly first_attempt_at: Date | null;
  readonly next_attempt_at: Date | null;
  readonly sent_at: Date | null;
  readonly bounced_at: Date | null;
  readonly failed_at: Date | null;
  readonly purged_at: Date | null;
  readonly recipient_key: Buffer | null;
  readonly sealed: boolean;
}

/** A row as the folder knows it. */
export function recordOf(row: Row): MessageRecord {
  return {
    id: brand<'Message'>(row.id),
    template: row.template,
    category: row.category,
    language: row.language,
    state: row.state,
    reason: row.reason,
    reply: row.reply,
    commitment: row.commitment,
    attempts: row.attempts,
    queuedAt: row.queued_at,
    firstAttemptAt: row.first_attempt_at,
    nextAttemptAt: row.next_attempt_at,
    sentAt: row.sent_at,
    bouncedAt: row.bounced_at,
    failedAt: row.failed_at,
    purgedAt: row.purged_at,
    recipientKey: row.recipient_key,
    isSealed: row.sealed,
  };
}
