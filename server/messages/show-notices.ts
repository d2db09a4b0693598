import type { Language } from '../access/contract.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { findNotice } from './find-notice.ts';
import { pageOfNotice } from './notice-figures.ts';
import { markSeen, type Reader, selectUnseen } from './notice-recipient-store.ts';
import { languageFor, textIn } from './notice-text.ts';
import { noticeProblems } from './notices-contract.ts';
import type { ShownNotice } from './shown-notices-contract.ts';

const fail = failuresOf(noticeProblems);

/** More than this at a time nobody reads. */
const MOST_SHOWN = 20;
/** How long what took effect, or was cancelled, is still shown to who has not seen it. */
const SHOWN_MS = 30 * 86_400_000;

/** Who reads, and where: with a token in the organisation's product, or as a member in the console. */
export type Recipient = Pick<Reader, 'place' | 'references'>;

/**
 * What a recipient has not seen, newest first.
 * @param wanted the language that the page is in; else the recipient's own
 */
export async function listShownNotices(
  platform: Platform,
  tx: Tx,
  recipient: Recipient,
  wanted: Language | undefined,
): Promise<ShownNotice[]> {
  const shown: ShownNotice[] = [];
  for (const { notice: id, part, language: own } of await selectUnseen(tx, readerOf(tx, recipient), MOST_SHOWN)) {
    const notice = await findNotice(tx, id);
    const texts = part === 'notice' ? notice?.texts : notice?.cancellation;
    if (notice === undefined || texts === undefined || texts === null || notice.announcedAt === null) continue;
    const language = languageFor(wanted ?? own, texts, languageFor(own, texts, notice.mainLanguage));
    const { title, body, link } = textIn(texts, language);
    shown.push({
      id,
      kind: part,
      category: notice.category,
      reason: notice.reason,
      language,
      title,
      body,
      link,
      announcedAt: notice.announcedAt.toISOString(),
      effectiveOn: part === 'notice' ? notice.effectiveOn : null,
      page: pageOfNotice(platform, tx.organisationId, notice),
    });
  }
  return shown;
}

/**
 * Notes that a recipient has seen a notice, or its cancellation. Doing it twice changes nothing.
 * @throws Failure `notice-not-found` where it is not theirs
 */
export async function markNoticeSeen(tx: Tx, recipient: Recipient, notice: Id<'Notice'>): Promise<void> {
  if (!(await markSeen(tx, notice, readerOf(tx, recipient))))
    throw fail('notice-not-found', 'There is no such notice for this recipient.');
}

function readerOf(tx: Tx, recipient: Recipient): Reader {
  return { ...recipient, since: new Date(tx.at.getTime() - SHOWN_MS) };
}
