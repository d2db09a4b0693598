import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { lockNotice, type NoticeWithTexts } from './find-notice.ts';
import { writeStep } from './notice-store.ts';
import { noticeProblems } from './notices-contract.ts';
import { civilDateIn, firstDayAfterLead } from './organisation-calendar.ts';

const fail = failuresOf(noticeProblems);

/**
 * First day on which what a notice tells of may take effect: after the lead time, and not before the day that its
 * recipients were told. Null until the last of them was told, or attempted for good.
 */
export function mayTakeEffectOn(
  notice: Pick<NoticeWithTexts, 'toldAt' | 'leadDays' | 'timeZone' | 'effectiveOn'>,
): string | null {
  const { toldAt, leadDays, timeZone, effectiveOn } = notice;
  if (toldAt === null || timeZone === null || effectiveOn === null) return null;
  const afterLead = firstDayAfterLead(toldAt, leadDays, timeZone);
  if (effectiveOn > afterLead) return effectiveOn;
  return afterLead;
}

/**
 * Writes down that what a notice tells of has taken effect; whatever takes effect with it does so in the same
 * transaction. The database refuses the same thing by constraints of its own. Doing it twice changes nothing.
 * @throws Failure `notice-not-found`, `notice-not-announced`, `lead-time-running`
 */
export async function bringNoticeIntoForce(tx: Tx, actor: Actor, id: Id<'Notice'>): Promise<void> {
  const notice = await lockNotice(tx, id);
  if (notice.state === 'in-force') return;
  if (notice.state !== 'announced' || notice.timeZone === null)
    throw fail('notice-not-announced', 'Only an announced notice comes into force.');
  const earliest = mayTakeEffectOn(notice);
  const today = civilDateIn(tx.at, notice.timeZone);
  if (earliest === null)
    throw fail('lead-time-running', 'Its lead time begins when the last recipient was told, or attempted for good.');
  if (today < earliest)
    throw fail('lead-time-running', `It is ${today} in ${notice.timeZone}; the notice allows it from ${earliest} on.`);
  await writeStep(tx, id, { kind: 'in-force' });
  await recordEntry(tx, { kind: 'notice.in-force', actor, body: { notice: id, effectiveOn: today } });
}
