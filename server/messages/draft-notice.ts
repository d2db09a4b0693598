import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { lockNotice, type NoticeWithTexts } from './find-notice.ts';
import { readCsvList, readJsonList } from './notice-list.ts';
import { countListed, deleteListed, insertListed } from './notice-list-store.ts';
import { countChange, deleteDraft, insertNotice, replaceTexts, updateDraft } from './notice-store.ts';
import { type NoticeDraft, noticeProblems } from './notices-contract.ts';

const fail = failuresOf(noticeProblems);

/** Writes down a notice; nobody is told before it is announced. */
export async function draftNotice(tx: Tx, draft: NoticeDraft): Promise<Id<'Notice'>> {
  const id = newId<'Notice'>(tx.at);
  await insertNotice(tx, id, draft);
  await replaceTexts(tx, id, 'notice', draft.texts);
  return id;
}

/**
 * Replaces a draft. A list that was given for it is dropped when its audience is another from now on.
 * @param revision the one that was read
 * @throws Failure `notice-not-found`, `notice-not-a-draft`, `notice-changed`
 */
export async function editNotice(tx: Tx, id: Id<'Notice'>, revision: number, draft: NoticeDraft): Promise<void> {
  const notice = await lockDraft(tx, id);
  refuseChanged(notice, revision);
  await updateDraft(tx, id, draft);
  await replaceTexts(tx, id, 'notice', draft.texts);
  if (draft.audience.name !== 'list') await deleteListed(tx, id);
}

/** @throws Failure `notice-not-found`, `notice-not-a-draft` */
export async function discardNotice(tx: Tx, id: Id<'Notice'>): Promise<void> {
  await lockDraft(tx, id);
  await deleteDraft(tx, id);
}

/** What was given, and in which form. */
export type GivenList = { readonly mode: 'replace' | 'append' } & (
  | { readonly csv: string }
  | { readonly recipients: readonly unknown[] }
);

/**
 * Gives the recipients of a draft: all of them, or none where a line is wrong. It counts as a change of the draft, so
 * that nobody announces to others than those they looked at.
 * @throws Failure `notice-not-found`, `notice-not-a-draft`, `list-not-wanted`; `list-invalid`, which names the lines
 */
export async function giveList(
  tx: Tx,
  id: Id<'Notice'>,
  given: GivenList,
): Promise<{ readonly listed: number; readonly added: number; readonly repeated: number }> {
  const { audience } = await lockDraft(tx, id);
  if (audience !== 'list') throw fail('list-not-wanted', 'Choose the audience “list” for this notice first.');
  const { recipients, issues } = 'csv' in given ? readCsvList(given.csv) : readJsonList(given.recipients);
  if (issues.length > 0) {
    const [first] = issues;
    throw fail('list-invalid', `${first?.path ?? ''} ${first?.message ?? ''}; nothing was taken.`, { issues });
  }
  if (given.mode === 'replace') await deleteListed(tx, id);
  const distinct = [...new Map(recipients.map((recipient) => [recipient.reference, recipient])).values()];
  const known = await insertListed(tx, id, distinct);
  await countChange(tx, id);
  const shares = await countListed(tx, id);
  return {
    listed: shares.reduce((sum, share) => sum + share.count, 0),
    added: distinct.length - known,
    repeated: recipients.length - distinct.length + known,
  };
}

/** @throws Failure `notice-not-found`, `notice-not-a-draft` */
export async function lockDraft(tx: Tx, id: Id<'Notice'>): Promise<NoticeWithTexts> {
  const notice = await lockNotice(tx, id);
  if (notice.state !== 'draft')
    throw fail('notice-not-a-draft', 'What was announced stays as it is; cancel it and announce another.');
  return notice;
}

/** @throws Failure `notice-changed` */
export function refuseChanged(notice: NoticeWithTexts, revision: number): void {
  if (notice.revision !== revision) throw fail('notice-changed', 'Read it again: somebody changed it in the meantime.');
}
