import type { Language } from '../access/contract.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import type { NoticeWithTexts } from './find-notice.ts';
import { NOTICES_PATH, pageKeyOf } from './notice-address.ts';
import type { NoticeMailFigures } from './notice-mail.ts';
import type { NoticePart } from './notice-store.ts';
import { textIn } from './notice-text.ts';
import type { NoticeTexts } from './notices-contract.ts';
import { linksLeadTo } from './opt-out-link.ts';
import { civilDateIn } from './organisation-calendar.ts';

/** Address of a notice's public page; null without that channel. A draft has none yet, but this tells where it will be. */
export function pageOfNotice(
  platform: Platform,
  organisationId: OrganisationId,
  notice: Pick<NoticeWithTexts, 'id' | 'channels'>,
): string | null {
  if (!notice.channels.includes('page')) return null;
  return `${linksLeadTo(platform).at}${NOTICES_PATH}/${pageKeyOf({ organisationId, notice: notice.id })}`;
}

/**
 * What a notice's mail says.
 * @param around `at`: the day that counts as that of the announcement where there was none yet
 */
export function mailFiguresOf(
  notice: NoticeWithTexts,
  part: NoticePart,
  language: Language,
  around: { readonly organisation: string; readonly page: string | null; readonly timeZone: string; readonly at: Date },
): NoticeMailFigures {
  const texts: NoticeTexts = part === 'notice' ? notice.texts : (notice.cancellation ?? {});
  const announcedOn = civilDateIn(notice.announcedAt ?? around.at, around.timeZone);
  return {
    organisation: around.organisation,
    category: notice.category,
    text: textIn(texts, language),
    cancels: part === 'cancellation' ? textIn(notice.texts, language).title : null,
    announcedOn,
    effectiveOn: notice.effectiveOn ?? announcedOn,
    leadDays: notice.leadDays,
    legalBasis: [...notice.legalBasis],
    page: around.page === null ? null : `${around.page}/${language}`,
  };
}
