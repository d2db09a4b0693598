import { commitTo, recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Database, Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import type { Tasks } from '../platform/tasks.ts';
import { assessNotice } from './assess-notice.ts';
import { lockDraft, refuseChanged } from './draft-notice.ts';
import { writeStep } from './notice-store.ts';
import { languagesOf } from './notice-text.ts';
import { noticeProblems } from './notices-contract.ts';

const fail = failuresOf(noticeProblems);

/** The task that `notice-tasks.ts` defines: `{ organisation, notice }`. */
export const TELL = 'messages.notice-tell';

/** What whoever announces a notice has seen of it. */
export interface Seen {
  readonly revision: number;
  /** How many recipients were counted. */
  readonly recipients: number;
}

/**
 * Announces a draft: from now on it stays as it is, and its audience, as it is now, is fixed and told in the background.
 * @throws Failure `notice-not-found`, `notice-not-a-draft`, `notice-changed`, `notice-incomplete`, `language-missing`,
 * `audience-grown`
 */
export async function announceNotice(tx: Tx, actor: Actor, id: Id<'Notice'>, seen: Seen): Promise<void> {
  const notice = await lockDraft(tx, id);
  refuseChanged(notice, seen.revision);
  const { audience, count, missingLanguages, earliestOn, timeZone, obstacles } = await assessNotice(tx, notice);
  if (missingLanguages.length > 0)
    throw fail('language-missing', `Somebody of the audience reads ${missingLanguages.join(' and ')}: write it, too.`);
  if (audience === undefined || notice.effectiveOn === null || obstacles.length > 0)
    throw fail('notice-incomplete', `${obstacles.join(', ')}. It may take effect from ${earliestOn} on.`);
  if (count.recipients > seen.recipients * 1.1)
    throw fail('audience-grown', `It was ${seen.recipients} and is ${count.recipients}: look at it again.`);
  const { salt, commitment } = commitTo({ notice: id, texts: notice.texts });
  await writeStep(tx, id, { kind: 'announced', timeZone, place: audience.place, salt });
  const { category, reason, channels, leadDays, effectiveOn } = notice;
  const body = {
    notice: id,
    category,
    reason,
    audience: audience.name,
    channels,
    recipients: count.recipients,
    leadDays,
    effectiveOn,
    timeZone,
    languages: languagesOf(notice.texts),
  };
  await recordEntry(tx, { kind: 'notice.announced', actor, body, commitment });
  await askForTelling(tx, id);
}

const queues = new WeakMap<Database, Tasks>();

/** From now on, announcing a notice also asks for it to be told. */
export function tellThrough(platform: Platform): void {
  queues.set(platform.db, platform.tasks);
}

/** Enqueues the telling in the caller's transaction; while one waits for the same instant, another is not added. */
export async function askForTelling(tx: Tx, notice: Id<'Notice'>, startAfter?: Date): Promise<void> {
  const payload = { organisation: tx.organisationId, notice };
  const when = startAfter === undefined ? { singletonKey: notice } : { singletonKey: `later ${notice}`, startAfter };
  await queues.get(tx.database)?.enqueue(tx, TELL, payload, when);
}
