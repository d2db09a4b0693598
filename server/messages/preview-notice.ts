import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { assessNotice } from './assess-notice.ts';
import { getNotice } from './find-notice.ts';
import { mailFiguresOf, pageOfNotice } from './notice-figures.ts';
import { noticeTemplate } from './notice-mail.ts';
import { languagesOf } from './notice-text.ts';
import type { NoticePreview } from './notices-contract.ts';
import { writeMail } from './queue-mail.ts';

/**
 * Whom a draft would reach and how it reads, without telling anybody.
 * @throws Failure `notice-not-found`
 */
export async function previewNotice(
  platform: Platform,
  tx: Tx,
  id: Id<'Notice'>,
  organisation: string,
): Promise<NoticePreview> {
  const notice = await getNotice(tx, id);
  const { count, missingLanguages, earliestOn, timeZone, obstacles } = await assessNotice(tx, notice);
  const { channels } = notice;
  const page = pageOfNotice(platform, tx.organisationId, notice);
  const mails = channels.includes('e-mail')
    ? languagesOf(notice.texts).map((language) => {
        const figures = mailFiguresOf(notice, 'notice', language, { organisation, page, timeZone, at: tx.at });
        const template = noticeTemplate(notice.category);
        // Nobody's address: the link to decline means nobody.
        const { content } = writeMail(tx, { template, to: 'nobody@kept.invalid', language, figures });
        return { language, subject: content.subject, text: content.text, html: content.html };
      })
    : [];
  return {
    revision: notice.revision,
    recipients: count.recipients,
    byChannel: {
      'e-mail': channels.includes('e-mail') ? count.withAddress : null,
      'in-product': channels.includes('in-product') ? count.recipients : null,
      page: channels.includes('page') ? 'anyone' : null,
    },
    withoutAddress: count.recipients - count.withAddress,
    byLanguage: count.byLanguage,
    languageUnknown: count.languageUnknown,
    missingLanguages: [...missingLanguages],
    earliestOn,
    timeZone,
    obstacles: [...obstacles],
    mails,
  };
}
