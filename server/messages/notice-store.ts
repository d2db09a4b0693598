import { sql } from 'kysely';
import type { Language } from '../access/contract.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import {
  type NoticeCategory,
  type NoticeChannel,
  type NoticeDraft,
  type NoticeReason,
  type NoticeState,
  type NoticeText,
  type NoticeTexts,
  noticeChannelSchema,
} from './notices-contract.ts';

/** A notice without its texts. */
export interface NoticeRecord {
  readonly id: Id<'Notice'>;
  readonly state: NoticeState;
  readonly revision: number;
  readonly category: NoticeCategory;
  readonly reason: NoticeReason;
  readonly legalBasis: readonly string[];
  readonly audience: string;
  readonly audienceOnly: readonly string[];
  readonly channels: readonly NoticeChannel[];
  readonly leadDays: number;
  /** Civil date in `timeZone`. */
  readonly effectiveOn: string | null;
  readonly mainLanguage: Language;
  /** Null while it is a draft. */
  readonly timeZone: string | null;
  readonly place: 'product' | 'console';
  readonly createdAt: Date;
  readonly announcedAt: Date | null;
  readonly salt: string | null;
  /** The last reference that was fixed; null before the first. */
  readonly fixedTo: string | null;
  readonly fixedAt: Date | null;
  readonly recipients: number;
  readonly batches: number;
  readonly toldAt: Date | null;
  readonly inForceAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly followedUpAt: Date | null;
}

export type NoticePart = 'notice' | 'cancellation';

const columns = [
  'id',
  'state',
  'revision',
  'category',
  'reason',
  'legal_basis',
  'audience',
  'audience_only',
  'lead_days',
  'effective_on',
  'main_language',
  'time_zone',
  'place',
  'created_at',
  'announced_at',
  'salt',
  'fixed_to',
  'fixed_at',
  'recipients',
  'batches',
  'told_at',
  'in_force_at',
  'cancelled_at',
  'followed_up_at',
] as const;

/** The driver knows arrays of text, and none of an enum of ours. */
const channelTexts = sql<string[]>`channels::text[]`.as('channel_texts');

function draftColumns(draft: NoticeDraft) {
  return {
    category: draft.category,
    reason: draft.reason,
    legal_basis: draft.legalBasis,
    audience: draft.audience.name,
    audience_only: draft.audience.only,
    channels: sql<NoticeChannel[]>`${draft.channels}::text[]::messages.notice_channel[]`,
    lead_days: draft.leadDays,
    effective_on: draft.effectiveOn,
    main_language: draft.mainLanguage,
  };
}

export async function insertNotice(tx: Tx, id: Id<'Notice'>, draft: NoticeDraft): Promise<void> {
  await tx.db
    .insertInto('messages.notice')
    .values({
      organisation_id: tx.organisationId,
      id,
      state: 'draft',
      revision: 1,
      created_at: tx.at,
      ...draftColumns(draft),
    })
    .execute();
}

export async function updateDraft(tx: Tx, id: Id<'Notice'>, draft: NoticeDraft): Promise<void> {
  await tx.db
    .updateTable('messages.notice')
    .set((row) => ({ ...draftColumns(draft), revision: row('revision', '+', 1) }))
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '=', 'draft')
    .execute();
}

/** Counts a change of a draft that stands elsewhere than in its row. */
export async function countChange(tx: Tx, id: Id<'Notice'>): Promise<void> {
  await tx.db
    .updateTable('messages.notice')
    .set((row) => ({ revision: row('revision', '+', 1) }))
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '=', 'draft')
    .execute();
}

/** Its texts and list go with it. */
export async function deleteDraft(tx: Tx, id: Id<'Notice'>): Promise<void> {
  await tx.db
    .deleteFrom('messages.notice')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('state', '=', 'draft')
    .execute();
}

export async function replaceTexts(tx: Tx, id: Id<'Notice'>, part: NoticePart, texts: NoticeTexts): Promise<void> {
  await tx.db
    .deleteFrom('messages.notice_text')
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', '=', id)
    .where('part', '=', part)
    .execute();
  const rows = [...rowOf('pt-BR', texts['pt-BR']), ...rowOf('en', texts.en), ...rowOf('es', texts.es)].map((row) => ({
    organisation_id: tx.organisationId,
    notice_id: id,
    part,
    ...row,
  }));
  if (rows.length > 0) await tx.db.insertInto('messages.notice_text').values(rows).execute();
}

function rowOf(language: Language, text: NoticeText | undefined) {
  if (text === undefined) return [];
  const { title, body, link } = text;
  return [{ language, title, body, link_label: link?.label ?? null, link_url: link?.url ?? null }];
}

/** Both parts of the texts of some notices; a notice that has none of a part has no languages in it. */
export async function selectTexts(
  tx: Tx,
  notices: readonly Id<'Notice'>[],
): Promise<Map<Id<'Notice'>, Record<NoticePart, NoticeTexts>>> {
  const found = new Map<Id<'Notice'>, Record<NoticePart, NoticeTexts>>();
  for (const id of notices) found.set(id, { notice: {}, cancellation: {} });
  if (notices.length === 0) return found;
  const rows = await tx.db
    .selectFrom('messages.notice_text')
    .select(['notice_id', 'part', 'language', 'title', 'body', 'link_label', 'link_url'])
    .where('organisation_id', '=', tx.organisationId)
    .where('notice_id', 'in', notices)
    .execute();
  for (const row of rows) {
    const parts = found.get(brand<'Notice'>(row.notice_id));
    if (parts === undefined) continue;
    const { link_label: label, link_url: url, title, body } = row;
    const link = label === null || url === null ? null : { label, url };
    parts[row.part] = { ...parts[row.part], [row.language]: { title, body, link } };
  }
  return found;
}

export async function findRecord(tx: Tx, id: Id<'Notice'>): Promise<NoticeRecord | undefined> {
  const row = await tx.db
    .selectFrom('messages.notice')
    .select(columns)
    .select(channelTexts)
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : recordOf(row);
}

/** The record, locked until the transaction ends. */
export async function lockRecord(tx: Tx, id: Id<'Notice'>): Promise<NoticeRecord | undefined> {
  const row = await tx.db
    .selectFrom('messages.notice')
    .select(columns)
    .select(channelTexts)
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : recordOf(row);
}

/** What happened to a notice. */
export type NoticeStep =
  | {
      readonly kind: 'announced';
      readonly timeZone: string;
      readonly place: 'product' | 'console';
      readonly salt: string;
    }
  /** `to` is the last reference; `isLast` where the audience is at its end. */
  | { readonly kind: 'fixed'; readonly to: string | null; readonly recipients: number; readonly isLast: boolean }
  | { readonly kind: 'batch' }
  | { readonly kind: 'told'; readonly at: Date }
  | { readonly kind: 'in-force' }
  | { readonly kind: 'cancelled'; readonly salt: string }
  | { readonly kind: 'followed-up' };

/** Writes one step of a notice that is locked. */
export async function writeStep(tx: Tx, id: Id<'Notice'>, step: NoticeStep): Promise<void> {
  await tx.db
    .updateTable('messages.notice')
    .set((row) => {
      switch (step.kind) {
        case 'announced': {
          const { timeZone, place, salt } = step;
          return { state: 'announced' as const, announced_at: tx.at, time_zone: timeZone, place, salt };
        }
        case 'fixed':
          return {
            fixed_to: step.isLast ? null : step.to,
            recipients: row('recipients', '+', step.recipients),
            ...(step.isLast && { fixed_at: tx.at }),
          };
        case 'batch':
          return { batches: row('batches', '+', 1) };
        case 'told':
          return { told_at: step.at };
        case 'in-force':
          return { state: 'in-force' as const, in_force_at: tx.at };
        case 'cancelled':
          return { state: 'cancelled' as const, cancelled_at: tx.at, cancellation_salt: step.salt };
        case 'followed-up':
          return { followed_up_at: tx.at };
      }
    })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** Newest first; `after` is the id of the last one seen. */
export async function listRecords(
  tx: Tx,
  query: {
    readonly state?: NoticeState | undefined;
    readonly reason?: NoticeReason | undefined;
    readonly category?: NoticeCategory | undefined;
    readonly after?: Id<'Notice'> | undefined;
    readonly limit: number;
  },
): Promise<NoticeRecord[]> {
  let rows = tx.db
    .selectFrom('messages.notice')
    .select(columns)
    .select(channelTexts)
    .where('organisation_id', '=', tx.organisationId)
    .orderBy('id', 'desc')
    .limit(query.limit);
  if (query.state !== undefined) rows = rows.where('state', '=', query.state);
  if (query.reason !== undefined) rows = rows.where('reason', '=', query.reason);
  if (query.category !== undefined) rows = rows.where('category', '=', query.category);
  if (query.after !== undefined) rows = rows.where('id', '<', query.after);
  return (await rows.execute()).map(recordOf);
}

export async function selectLastAnnounced(tx: Tx): Promise<Id<'Notice'> | undefined> {
  const row = await tx.db
    .selectFrom('messages.notice')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('announced_at', 'is not', null)
    .orderBy('announced_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Notice'>(row.id);
}

/** Notices of which somebody is still to be told something. */
export async function listUnderWay(tx: Tx): Promise<Id<'Notice'>[]> {
  const rows = await tx.db
    .selectFrom('messages.notice')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where((row) =>
      row.or([
        row.and([row('state', 'in', ['announced', 'in-force']), row('told_at', 'is', null)]),
        row.and([row('state', '=', 'cancelled'), row('followed_up_at', 'is', null)]),
      ]),
    )
    .orderBy('id')
    .execute();
  return rows.map((row) => brand<'Notice'>(row.id));
}

interface Row {
  readonly id: string;
  readonly state: NoticeState;
  readonly revision: number;
  readonly category: NoticeCategory;
  readonly reason: NoticeReason;
  readonly legal_basis: readonly string[];
  readonly audience: string;
  readonly audience_only: readonly string[];
  readonly channel_texts: readonly string[];
  readonly lead_days: number;
  readonly effective_on: string | null;
  readonly main_language: Language;
  readonly time_zone: string | null;
  readonly place: 'product' | 'console';
  readonly created_at: Date;
  readonly announced_at: Date | null;
  readonly salt: string | null;
  readonly fixed_to: string | null;
  readonly fixed_at: Date | null;
  readonly recipients: number;
  readonly batches: number;
  readonly told_at: Date | null;
  readonly in_force_at: Date | null;
  readonly cancelled_at: Date | null;
  readonly followed_up_at: Date | null;
}

function recordOf(row: Row): NoticeRecord {
  return {
    id: brand<'Notice'>(row.id),
    state: row.state,
    revision: row.revision,
    category: row.category,
    reason: row.reason,
    legalBasis: row.legal_basis,
    audience: row.audience,
    audienceOnly: row.audience_only,
    channels: row.channel_texts.map((channel) => noticeChannelSchema.parse(channel)),
    leadDays: row.lead_days,
    effectiveOn: row.effective_on,
    mainLanguage: row.main_language,
    timeZone: row.time_zone,
    place: row.place,
    createdAt: row.created_at,
    announcedAt: row.announced_at,
    salt: row.salt,
    fixedTo: row.fixed_to,
    fixedAt: row.fixed_at,
    recipients: row.recipients,
    batches: row.batches,
    toldAt: row.told_at,
    inForceAt: row.in_force_at,
    cancelledAt: row.cancelled_at,
    followedUpAt: row.followed_up_at,
  };
}
