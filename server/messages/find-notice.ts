import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { findRecord, lockRecord, type NoticeRecord, selectTexts } from './notice-store.ts';
import { type NoticeTexts, noticeProblems } from './notices-contract.ts';

const fail = failuresOf(noticeProblems);

/** A notice with what it says. */
export interface NoticeWithTexts extends NoticeRecord {
  readonly texts: NoticeTexts;
  /** Of a cancelled notice: what was told about it. */
  readonly cancellation: NoticeTexts | null;
}

/** Undefined where there is none of this id. */
export async function findNotice(tx: Tx, id: Id<'Notice'>): Promise<NoticeWithTexts | undefined> {
  const record = await findRecord(tx, id);
  return record === undefined ? undefined : withTexts(tx, record);
}

/** @throws Failure `notice-not-found` */
export async function getNotice(tx: Tx, id: Id<'Notice'>): Promise<NoticeWithTexts> {
  const notice = await findNotice(tx, id);
  if (notice === undefined) throw notFound();
  return notice;
}

/**
 * The notice, locked until the transaction ends.
 * @throws Failure `notice-not-found`
 */
export async function lockNotice(tx: Tx, id: Id<'Notice'>): Promise<NoticeWithTexts> {
  const record = await lockRecord(tx, id);
  if (record === undefined) throw notFound();
  return withTexts(tx, record);
}

function notFound() {
  return fail('notice-not-found', 'GET /v1/messages/notices lists those there are.');
}

async function withTexts(tx: Tx, record: NoticeRecord): Promise<NoticeWithTexts> {
  const texts = (await selectTexts(tx, [record.id])).get(record.id);
  return {
    ...record,
    texts: texts?.notice ?? {},
    cancellation: record.state === 'cancelled' ? (texts?.cancellation ?? {}) : null,
  };
}
