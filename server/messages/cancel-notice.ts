import { commitTo, recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { askForTelling } from './announce-notice.ts';
import { lockNotice } from './find-notice.ts';
import { replaceTexts, writeStep } from './notice-store.ts';
import { languagesOf } from './notice-text.ts';
import { type NoticeTexts, noticeProblems } from './notices-contract.ts';

const fail = failuresOf(noticeProblems);

/**
 * Cancels an announced notice. Nobody else is told of it; whoever was told is told that it was cancelled, after the
 * notice itself reached them.
 * @param texts what they are told, in every language of the notice
 * @throws Failure `notice-not-found`, `notice-not-announced`, `language-missing`
 */
export async function cancelNotice(tx: Tx, actor: Actor, id: Id<'Notice'>, texts: NoticeTexts): Promise<void> {
  const notice = await lockNotice(tx, id);
  if (notice.state !== 'announced')
    throw fail('notice-not-announced', 'A draft is discarded, and what is in force stays; announce what follows it.');
  const missing = languagesOf(notice.texts).filter((language) => texts[language] === undefined);
  if (missing.length > 0)
    throw fail('language-missing', `The notice was told in ${missing.join(' and ')}, too: write it in that.`);
  await replaceTexts(tx, id, 'cancellation', texts);
  const { salt, commitment } = commitTo({ notice: id, texts });
  await writeStep(tx, id, { kind: 'cancelled', salt });
  const body = { notice: id, recipients: notice.recipients };
  await recordEntry(tx, { kind: 'notice.cancelled', actor, body, commitment });
  await askForTelling(tx, id);
}
