import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { mayTakeEffectOn } from './bring-notice-into-force.ts';
import { getNotice, type NoticeWithTexts } from './find-notice.ts';
import { countDelivery } from './list-delivery.ts';
import { pageOfNotice } from './notice-figures.ts';
import { countListed } from './notice-list-store.ts';
import { listRecords, selectTexts } from './notice-store.ts';
import { languagesOf, textIn } from './notice-text.ts';
import type { Notice, NoticeCategory, NoticeReason, NoticeState, NoticeSummary } from './notices-contract.ts';
import { timeZoneOf } from './organisation-calendar.ts';

/**
 * A notice as the interface shows it, with its figures.
 * @throws Failure `notice-not-found`
 */
export async function describeNotice(platform: Platform, tx: Tx, id: Id<'Notice'>): Promise<Notice> {
  const notice = await getNotice(tx, id);
  const isDraft = notice.state === 'draft';
  const listed = isDraft ? await countListed(tx, id) : [];
  return {
    ...summaryOf(notice),
    revision: notice.revision,
    legalBasis: [...notice.legalBasis],
    texts: notice.texts,
    cancellation: notice.cancellation,
    timeZone: notice.timeZone ?? (await timeZoneOf(tx)),
    page: isDraft ? null : pageOfNotice(platform, tx.organisationId, notice),
    listed: listed.reduce((sum, share) => sum + share.count, 0),
    figures: await countDelivery(tx, notice),
  };
}

/** A page of notices, newest first; `next` is the `after` of the following page, null at the end. */
export async function listNotices(
  tx: Tx,
  query: {
    readonly state?: NoticeState | undefined;
    readonly reason?: NoticeReason | undefined;
    readonly category?: NoticeCategory | undefined;
    readonly after?: Id<'Notice'> | undefined;
    readonly limit: number;
  },
): Promise<{ items: NoticeSummary[]; next: Id<'Notice'> | null }> {
  const records = await listRecords(tx, query);
  const texts = await selectTexts(
    tx,
    records.map(({ id }) => id),
  );
  const items = records.map((record) =>
    summaryOf({ ...record, texts: texts.get(record.id)?.notice ?? {}, cancellation: null }),
  );
  return { items, next: items.length === query.limit ? (items.at(-1)?.id ?? null) : null };
}

function summaryOf(notice: NoticeWithTexts): NoticeSummary {
  return {
    id: notice.id,
    state: notice.state,
    category: notice.category,
    reason: notice.reason,
    audience: { name: notice.audience, only: [...notice.audienceOnly] },
    channels: [...notice.channels],
    title: textIn(notice.texts, notice.mainLanguage).title,
    mainLanguage: notice.mainLanguage,
    languages: languagesOf(notice.texts),
    leadDays: notice.leadDays,
    effectiveOn: notice.effectiveOn,
    createdAt: notice.createdAt.toISOString(),
    announcedAt: notice.announcedAt?.toISOString() ?? null,
    recipients: notice.state === 'draft' ? null : notice.recipients,
    toldAt: notice.toldAt?.toISOString() ?? null,
    mayTakeEffectOn: mayTakeEffectOn(notice),
    inForceAt: notice.inForceAt?.toISOString() ?? null,
    cancelledAt: notice.cancelledAt?.toISOString() ?? null,
  };
}
