import type { Language } from '../access/contract.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { NoticeWithTexts } from './find-notice.ts';
import { getNotice } from './find-notice.ts';
import { type Delivery, type ReadAs, selectDelivery, selectFigures } from './notice-recipient-store.ts';
import { selectLastAnnounced } from './notice-store.ts';
import type { NoticeFigures, RecipientState } from './notices-contract.ts';

/** Which recipients of a notice. */
export interface DeliveryQuery {
  readonly state?: RecipientState | undefined;
  readonly seen?: boolean | undefined;
  readonly language?: Language | undefined;
  /** Beginning of the reference. */
  readonly beginning?: string | undefined;
  /** The last one seen. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * What became of a notice for its recipients, by reference: the proof of notice.
 * @throws Failure `notice-not-found`
 */
export async function listDelivery(
  tx: Tx,
  notice: Id<'Notice'>,
  query: DeliveryQuery,
): Promise<{ readonly items: readonly Delivery[]; readonly next: string | null }> {
  const items = await selectDelivery(tx, readAs(await getNotice(tx, notice)), query);
  return { items, next: items.length === query.limit ? (items.at(-1)?.reference ?? null) : null };
}

/**
 * The same for one recipient; undefined where they were not among those who were to be told.
 * @throws Failure `notice-not-found`
 */
export async function findDelivery(tx: Tx, notice: Id<'Notice'>, reference: string): Promise<Delivery | undefined> {
  const [found] = await selectDelivery(tx, readAs(await getNotice(tx, notice)), { only: reference, limit: 1 });
  return found;
}

/** Undefined where none was announced yet. */
export async function findLastAnnounced(tx: Tx): Promise<Id<'Notice'> | undefined> {
  return selectLastAnnounced(tx);
}

/** How many recipients a notice has reached by now. */
export async function countDelivery(tx: Tx, notice: NoticeWithTexts): Promise<NoticeFigures> {
  return selectFigures(tx, readAs(notice));
}

function readAs(notice: Pick<NoticeWithTexts, 'id' | 'channels' | 'state'>): ReadAs {
  return { notice: notice.id, hasMail: notice.channels.includes('e-mail'), isCancelled: notice.state === 'cancelled' };
}
