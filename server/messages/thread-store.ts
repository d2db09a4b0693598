import { sql } from 'kysely';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { MailDefect, MailKind, ThreadState } from './mailbox-contract.ts';
import type { MailboxId } from './mailbox-store.ts';

export type ThreadId = Id<'Thread'>;
export type MailId = Id<'Mail'>;

export interface ThreadRow {
  readonly id: ThreadId;
  readonly mailbox: MailboxId;
  readonly subject: string | null;
  readonly correspondent: { readonly name: string; readonly mailAddress: string } | null;
  readonly token: string;
  readonly state: ThreadState;
  readonly assignee: Id<'Person'> | null;
  readonly awaitsReply: boolean;
  readonly mails: number;
  readonly openedAt: Date;
  readonly lastMailAt: Date;
  readonly purgedAt: Date | null;
}

export interface NewThread {
  readonly id: ThreadId;
  readonly mailbox: MailboxId;
  readonly subject: string;
  readonly correspondent: { readonly name: string; readonly mailAddress: string } | null;
  readonly token: string;
  readonly state: ThreadState;
}

/** A thread without mails yet. */
export async function insertThread(tx: Tx, thread: NewThread): Promise<void> {
  await tx.db
    .insertInto('messages.thread')
    .values({
      organisation_id: tx.organisationId,
      id: thread.id,
      mailbox_id: thread.mailbox,
      subject: thread.subject,
      correspondent_name: thread.correspondent?.name ?? null,
      correspondent_address: thread.correspondent?.mailAddress ?? null,
      token: thread.token,
      state: thread.state,
      awaits_reply: false,
      mails: 0,
      opened_at: tx.at,
      last_mail_at: tx.at,
    })
    .execute();
}

/** The thread, locked until the transaction ends. */
export async function lockThread(tx: Tx, id: ThreadId): Promise<ThreadRow | undefined> {
  const row = await tx.db
    .selectFrom('messages.thread')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : threadOf(row);
}

export async function findThread(tx: Tx, id: ThreadId): Promise<ThreadRow | undefined> {
  const row = await tx.db
    .selectFrom('messages.thread')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : threadOf(row);
}

export interface ThreadChange {
  readonly state: ThreadState;
  readonly assignee: Id<'Person'> | null;
  readonly awaitsReply: boolean;
}

export async function updateThread(tx: Tx, id: ThreadId, change: ThreadChange): Promise<void> {
  await tx.db
    .updateTable('messages.thread')
    .set({ state: change.state, assignee_id: change.assignee, awaits_reply: change.awaitsReply })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** Of these ids of headers, the thread that one of our mails or one of theirs stands in; the first id wins. */
export async function findThreadOfHeaders(tx: Tx, ids: readonly string[]): Promise<ThreadId | undefined> {
  if (ids.length === 0) return undefined;
  const theirs = tx.db
    .selectFrom('messages.mail')
    .select(['message_id_header as header', 'thread_id'])
    .where('organisation_id', '=', tx.organisationId)
    .where('message_id_header', 'in', [...ids]);
  const ours = tx.db
    .selectFrom('messages.message as o')
    .innerJoin('messages.mail as m', (on) =>
      on.onRef('m.organisation_id', '=', 'o.organisation_id').onRef('m.message_id', '=', 'o.id'),
    )
    .select(['o.message_id as header', 'm.thread_id'])
    .where('o.organisation_id', '=', tx.organisationId)
    .where('o.message_id', 'in', [...ids]);
  const rows = await theirs.unionAll(ours).execute();
  const first = ids.flatMap((id) => rows.filter(({ header }) => header === id))[0];
  return first === undefined ? undefined : brand<'Thread'>(first.thread_id);
}

export async function findThreadOfToken(tx: Tx, tokens: readonly string[]): Promise<ThreadId | undefined> {
  if (tokens.length === 0) return undefined;
  const row = await tx.db
    .selectFrom('messages.thread')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('token', 'in', [...tokens])
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Thread'>(row.id);
}

/** The message of ours that bears this header; also what stands in no thread, such as a confirmation. */
export async function findMessageOfHeader(tx: Tx, header: string): Promise<Id<'Message'> | undefined> {
  const row = await tx.db
    .selectFrom('messages.message')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('message_id', '=', header)
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Message'>(row.id);
}

export interface NewMail {
  readonly id: MailId;
  readonly thread: ThreadId;
  readonly kind: MailKind;
  readonly messageIdHeader: string | null;
  readonly from: { readonly name: string; readonly mailAddress: string } | null;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly salt: string | null;
  readonly wasPage: boolean;
  readonly defects: readonly MailDefect[];
  readonly message: Id<'Message'> | null;
  readonly writtenBy: Id<'Person'> | null;
  readonly idempotencyKey: string | null;
  readonly bounceCode: string | null;
  readonly datedAt: Date | null;
}

/** Adds a mail to its thread, of which it is the latest from now on. */
export async function insertMail(tx: Tx, mail: NewMail): Promise<void> {
  await tx.db
    .insertInto('messages.mail')
    .values({
      organisation_id: tx.organisationId,
      id: mail.id,
      thread_id: mail.thread,
      kind: mail.kind,
      message_id_header: mail.messageIdHeader,
      from_name: mail.from?.name ?? null,
      from_address: mail.from?.mailAddress ?? null,
      to_addresses: [...mail.to],
      subject: mail.subject,
      body_text: mail.text,
      salt: mail.salt,
      was_page: mail.wasPage,
      defects: [...mail.defects],
      message_id: mail.message,
      written_by: mail.writtenBy,
      idempotency_key: mail.idempotencyKey,
      bounce_code: mail.bounceCode,
      received_at: tx.at,
      dated_at: mail.datedAt,
    })
    .execute();
  await tx.db
    .updateTable('messages.thread')
    .set((current) => ({ mails: current('mails', '+', 1), last_mail_at: tx.at }))
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', mail.thread)
    .execute();
}

/** A reply under this key, and the thread it went into. */
export async function findReply(
  tx: Tx,
  idempotencyKey: string,
): Promise<{ readonly mail: MailId; readonly thread: ThreadId; readonly message: Id<'Message'> } | undefined> {
  const row = await tx.db
    .selectFrom('messages.mail')
    .select(['id', 'thread_id', 'message_id'])
    .where('organisation_id', '=', tx.organisationId)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  if (row?.message_id === undefined || row.message_id === null) return undefined;
  return {
    mail: brand<'Mail'>(row.id),
    thread: brand<'Thread'>(row.thread_id),
    message: brand<'Message'>(row.message_id),
  };
}

/** The ids of the last mails of a thread as headers hold them, the latest first: theirs as they came, ours as they went. */
export async function selectHeaders(tx: Tx, thread: ThreadId, limit: number): Promise<string[]> {
  const rows = await tx.db
    .selectFrom('messages.mail as m')
    .leftJoin('messages.message as o', (on) =>
      on.onRef('o.organisation_id', '=', 'm.organisation_id').onRef('o.id', '=', 'm.message_id'),
    )
    .select(['m.message_id_header as theirs', 'o.message_id as ours', 'm.kind'])
    .where('m.organisation_id', '=', tx.organisationId)
    .where('m.thread_id', '=', thread)
    .where('m.kind', 'in', ['mail', 'reply'])
    .orderBy('m.id', 'desc')
    .limit(limit)
    .execute();
  return rows.flatMap(({ theirs, ours }) => [theirs ?? ours ?? []].flat());
}

export interface ThreadQuery {
  readonly state?: ThreadState | undefined;
  readonly mailbox?: MailboxId | undefined;
  readonly assignee?: Id<'Person'> | 'nobody' | undefined;
  readonly awaitsReply?: boolean | undefined;
  readonly search?: string | undefined;
  /** The last one seen. */
  readonly after?: { readonly lastMailAt: Date; readonly id: string } | undefined;
  readonly limit: number;
}

/** Latest mail first. */
export async function selectThreads(tx: Tx, query: ThreadQuery): Promise<ThreadRow[]> {
  let rows = tx.db
    .selectFrom('messages.thread as t')
    .selectAll()
    .where('t.organisation_id', '=', tx.organisationId)
    .orderBy('t.last_mail_at', 'desc')
    .orderBy('t.id', 'desc')
    .limit(query.limit);
  const { state, mailbox, assignee, awaitsReply, search, after } = query;
  if (state !== undefined) rows = rows.where('t.state', '=', state);
  if (mailbox !== undefined) rows = rows.where('t.mailbox_id', '=', mailbox);
  if (assignee === 'nobody') rows = rows.where('t.assignee_id', 'is', null);
  else if (assignee !== undefined) rows = rows.where('t.assignee_id', '=', assignee);
  if (awaitsReply !== undefined) rows = rows.where('t.awaits_reply', '=', awaitsReply);
  if (search !== undefined) rows = rows.where(holding(tx, search));
  if (after !== undefined)
    rows = rows.where(sql<boolean>`(t.last_mail_at, t.id) < (${after.lastMailAt}::timestamptz, ${after.id}::uuid)`);
  return (await rows.execute()).map(threadOf);
}

/** Whether a thread holds a text, in what the list shows or in one of its mails. */
function holding(tx: Tx, search: string) {
  const like = `%${search.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  return sql<boolean>`(t.subject ilike ${like} or t.correspondent_name ilike ${like} or t.correspondent_address ilike ${like}
    or exists (select from messages.mail m where m.organisation_id = ${tx.organisationId} and m.thread_id = t.id
      and (m.body_text ilike ${like} or m.subject ilike ${like} or m.from_address ilike ${like} or m.from_name ilike ${like})))`;
}

export interface MailRow {
  readonly id: MailId;
  readonly thread: ThreadId;
  readonly kind: MailKind;
  readonly from: { readonly name: string; readonly mailAddress: string } | null;
  readonly to: readonly string[];
  readonly subject: string | null;
  readonly text: string | null;
  readonly wasPage: boolean;
  readonly defects: readonly MailDefect[];
  readonly message: Id<'Message'> | null;
  readonly writtenBy: Id<'Person'> | null;
  readonly bounceCode: string | null;
  readonly receivedAt: Date;
  readonly datedAt: Date | null;
  readonly purgedAt: Date | null;
}

/** Newest first; `after` is the last one seen. */
export async function selectMails(
  tx: Tx,
  thread: ThreadId,
  page: { readonly after?: MailId | undefined; readonly limit: number },
): Promise<MailRow[]> {
  let query = tx.db
    .selectFrom('messages.mail')
    .select([
      'id',
      'thread_id',
      'kind',
      'from_name',
      'from_address',
      'to_addresses',
      'subject',
      'body_text',
      'was_page',
      'message_id',
      'written_by',
      'bounce_code',
      'received_at',
      'dated_at',
      'purged_at',
    ])
    // The driver does not take arrays of our own enums apart.
    .select(sql<MailDefect[]>`defects::text[]`.as('defects'))
    .where('organisation_id', '=', tx.organisationId)
    .where('thread_id', '=', thread)
    .orderBy('id', 'desc')
    .limit(page.limit);
  if (page.after !== undefined) query = query.where('id', '<', page.after);
  const rows = await query.execute();
  return rows.map((row) => ({
    id: brand<'Mail'>(row.id),
    thread: brand<'Thread'>(row.thread_id),
    kind: row.kind,
    from: row.from_address === null ? null : { name: row.from_name ?? '', mailAddress: row.from_address },
    to: row.to_addresses ?? [],
    subject: row.subject,
    text: row.body_text,
    wasPage: row.was_page,
    defects: row.defects,
    message: row.message_id === null ? null : brand<'Message'>(row.message_id),
    writtenBy: row.written_by === null ? null : brand<'Person'>(row.written_by),
    bounceCode: row.bounce_code,
    receivedAt: row.received_at,
    datedAt: row.dated_at,
    purgedAt: row.purged_at,
  }));
}

interface Row {
  readonly id: string;
  readonly mailbox_id: string;
  readonly subject: string | null;
  readonly correspondent_name: string | null;
  readonly correspondent_address: string | null;
  readonly token: string;
  readonly state: ThreadState;
  readonly assignee_id: string | null;
  readonly awaits_reply: boolean;
  readonly mails: number;
  readonly opened_at: Date;
  readonly last_mail_at: Date;
  readonly purged_at: Date | null;
}

function threadOf(row: Row): ThreadRow {
  return {
    id: brand<'Thread'>(row.id),
    mailbox: brand<'Mailbox'>(row.mailbox_id),
    subject: row.subject,
    correspondent:
      row.correspondent_address === null
        ? null
        : { name: row.correspondent_name ?? '', mailAddress: row.correspondent_address },
    token: row.token,
    state: row.state,
    assignee: row.assignee_id === null ? null : brand<'Person'>(row.assignee_id),
    awaitsReply: row.awaits_reply,
    mails: row.mails,
    openedAt: row.opened_at,
    lastMailAt: row.last_mail_at,
    purgedAt: row.purged_at,
  };
}
