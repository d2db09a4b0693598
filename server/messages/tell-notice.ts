import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { findOrganisation } from '../access/list-organisations.ts';
import { commitTo, recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import { askForTelling } from './announce-notice.ts';
import { mayTakeEffectOn } from './bring-notice-into-force.ts';
import { findNotice, type NoticeWithTexts } from './find-notice.ts';
import { type AudienceMember, findAudience } from './notice-audiences.ts';
import { mailFiguresOf, pageOfNotice } from './notice-figures.ts';
import { deleteListed } from './notice-list-store.ts';
import { noticeTemplate, noticeTemplates } from './notice-mail.ts';
import {
  countUntried,
  hasOutstanding,
  hasToFollowUp,
  insertRecipients,
  markFollowedUp,
  markTold,
  type SentTo,
  selectFigures,
  selectLastConcluded,
  selectToFollowUp,
  selectWaiting,
  type Waiting,
} from './notice-recipient-store.ts';
import { lockRecord, type NoticePart, writeStep } from './notice-store.ts';
import { languageFor } from './notice-text.ts';
import { queueMail } from './queue-mail.ts';
import { recipientKeyOf } from './recipient-key.ts';

const actor: Actor = { kind: 'system', id: 'messages' };

/** Recipients fixed in one transaction. */
const FIXED_AT_ONCE = 1_000;
/** Recipients told in one transaction. */
const TOLD_AT_ONCE = 100;
/**
 * Mails of notices that may wait for their first attempt at a time: somebody else's link for a new password, queued
 * behind them, must not wait for a hundred thousand.
 */
const MOST_UNTRIED = 100;
/** How long a task waits for the mail server to catch up before it gives its place to others. */
const PATIENCE_MS = 20_000;
const GLANCE_MS = 100;
const LATER_MS = 60_000;

/** What a step came to: more to do at once, after the mail server caught up, some time later, or nothing more. */
type Progress = 'more' | 'busy' | 'later' | 'done';

/**
 * Tells an announced notice, or a cancellation, until nothing is left to do or the mail server is to catch up; safe to
 * call at any time, to kill at any instruction and to run again. Every batch is one transaction that fixes or tells
 * its recipients, queues their mails and records it, so nobody is told twice and nobody left out.
 */
export async function tellNotice(
  platform: Platform,
  organisationId: OrganisationId,
  id: Id<'Notice'>,
  signal?: AbortSignal,
): Promise<void> {
  const lock = await platform.db.tryLock(`messages.notice ${id}`);
  // Somebody is at it. Should they die, their own task is taken up again.
  if (lock === null) return;
  try {
    const organisation = (await findOrganisation(platform, organisationId))?.name ?? '';
    let patienceMs = PATIENCE_MS;
    for (;;) {
      signal?.throwIfAborted();
      const progress = await platform.db.transaction(organisationId, (tx) => takeStep(platform, tx, id, organisation));
      if (progress === 'done') return;
      if (progress === 'more') patienceMs = PATIENCE_MS;
      else if (progress === 'busy' && patienceMs > 0) {
        await sleep(GLANCE_MS, undefined, signal === undefined ? {} : { signal });
        patienceMs -= GLANCE_MS;
      } else return await platform.db.transaction(organisationId, (tx) => askLater(tx, id));
    }
  } finally {
    await lock.release();
  }
}

function askLater(tx: Tx, id: Id<'Notice'>): Promise<void> {
  return askForTelling(tx, id, new Date(tx.at.getTime() + LATER_MS));
}

async function takeStep(platform: Platform, tx: Tx, id: Id<'Notice'>, organisation: string): Promise<Progress> {
  // Whoever cancels it or brings it into force waits for this step, or this step for them.
  await lockRecord(tx, id);
  const notice = await findNotice(tx, id);
  if (notice === undefined || notice.state === 'draft') return 'done';
  if (notice.state === 'cancelled')
    return notice.followedUpAt === null ? followUp(platform, tx, notice, organisation) : 'done';
  if (notice.fixedAt === null) return fixBatch(tx, notice);
  if (notice.toldAt !== null) return 'done';
  if (notice.channels.includes('e-mail')) {
    const progress = await tellBatch(platform, tx, notice, organisation);
    if (progress !== 'done') return progress;
    if (await hasOutstanding(tx, id)) return 'later';
  }
  await concludeTelling(tx, notice);
  return 'done';
}

/** Fixes the next recipients: the audience as it was at the announcement, in its own order. */
async function fixBatch(tx: Tx, notice: NoticeWithTexts): Promise<Progress> {
  const { id, announcedAt } = notice;
  const audience = findAudience(notice.audience, notice.audienceOnly);
  if (audience === undefined || announcedAt === null)
    throw new Error(`a notice was announced to ${notice.audience}, which nobody knows`);
  const found = await audience.list(tx, {
    notice: id,
    only: notice.audienceOnly,
    asOf: announcedAt,
    after: notice.fixedTo,
    limit: FIXED_AT_ONCE,
  });
  const recipients = found.map((member) => recipientOf(notice, member));
  const isTold = !notice.channels.includes('e-mail');
  const batch = notice.batches + 1;
  const added = await insertRecipients(tx, id, recipients, isTold ? batch : null);
  if (isTold && added > 0) {
    await writeStep(tx, id, { kind: 'batch' });
    await recordTold(tx, notice, 'notice', batch, { told: recipients, mails: 0, withoutAddress: 0 });
  }
  const isLast = found.length < FIXED_AT_ONCE;
  await writeStep(tx, id, { kind: 'fixed', to: found.at(-1)?.reference ?? null, recipients: added, isLast });
  // The list has served: what is kept from now on is the recipients.
  if (isLast) await deleteListed(tx, id);
  return 'more';
}

/** A recipient with the commitment to what they are told. */
function recipientOf(notice: NoticeWithTexts, { reference, email, language: known }: AudienceMember) {
  const language = languageFor(known, notice.texts, notice.mainLanguage);
  const text = notice.texts[language] ?? null;
  return { reference, email, language, ...commitTo({ notice: notice.id, reference, email, language, text }) };
}

/** Queues the mails of the next recipients, once the mail server has caught up with the last. */
async function tellBatch(platform: Platform, tx: Tx, notice: NoticeWithTexts, organisation: string): Promise<Progress> {
  if ((await countUntried(tx, noticeTemplates, MOST_UNTRIED)) >= MOST_UNTRIED) return 'busy';
  const waiting = await selectWaiting(tx, notice.id, TOLD_AT_ONCE);
  if (waiting.length === 0) return 'done';
  const told: SentTo[] = [];
  for (const recipient of waiting) {
    const message = await queueTo(platform, tx, notice, 'notice', recipient, organisation);
    told.push({ reference: recipient.reference, message });
  }
  const batch = notice.batches + 1;
  await markTold(tx, notice.id, batch, told);
  await writeStep(tx, notice.id, { kind: 'batch' });
  const mails = told.filter(({ message }) => message !== null).length;
  await recordTold(tx, notice, 'notice', batch, { told: waiting, mails, withoutAddress: told.length - mails });
  return 'more';
}

/**
 * One mailbox gets one mail, however many references lead to it; which mailbox it is the key does not tell.
 * @returns null where there is no address
 */
async function queueTo(
  platform: Platform,
  tx: Tx,
  notice: NoticeWithTexts,
  part: NoticePart,
  { email, language }: Pick<Waiting, 'email' | 'language'>,
  organisation: string,
): Promise<Id<'Message'> | null> {
  if (email === null) return null;
  const page = pageOfNotice(platform, tx.organisationId, notice);
  const around = { organisation, page, timeZone: notice.timeZone ?? 'UTC', at: tx.at };
  return queueMail(tx, {
    template: noticeTemplate(notice.category),
    to: email,
    language,
    figures: mailFiguresOf(notice, part, language, around),
    idempotencyKey: `${part} ${notice.id} ${recipientKeyOf(tx, email).toString('base64url')}`,
  });
}

/** The entry commits to the commitments of its recipients, in the order of the batch. */
async function recordTold(
  tx: Tx,
  notice: NoticeWithTexts,
  part: NoticePart,
  batch: number,
  {
    told,
    mails,
    withoutAddress,
  }: {
    readonly told: readonly { readonly commitment: string }[];
    readonly mails: number;
    readonly withoutAddress: number;
  },
): Promise<void> {
  const body = { notice: notice.id, part, batch, recipients: told.length, mails, withoutAddress };
  const commitment = commitmentOfBatch(told.map((recipient) => recipient.commitment));
  await recordEntry(tx, { kind: 'notice.told', actor, body, commitment });
}

/** SHA-256 over the commitments of a batch, in the order of the references, as hexadecimal text without separators. */
export function commitmentOfBatch(commitments: readonly string[]): string {
  return createHash('sha256').update(commitments.join('')).digest('hex');
}

/** Everybody was told, or attempted for good: the lead time runs. */
async function concludeTelling(tx: Tx, notice: NoticeWithTexts): Promise<void> {
  const hasMail = notice.channels.includes('e-mail');
  const last = hasMail ? await selectLastConcluded(tx, notice.id) : null;
  const toldAt = last ?? notice.fixedAt ?? tx.at;
  await writeStep(tx, notice.id, { kind: 'told', at: toldAt });
  const figures = await selectFigures(tx, { notice: notice.id, hasMail, isCancelled: false });
  await recordEntry(tx, {
    kind: 'notice.all-told',
    actor,
    body: {
      notice: notice.id,
      toldAt: toldAt.toISOString(),
      recipients: figures.recipients,
      sent: figures.sent + figures.bounced,
      failed: figures.failed + figures.optedOut,
      mayTakeEffectOn: mayTakeEffectOn({ ...notice, toldAt }),
    },
  });
}

/**
 * Tells of the cancellation whoever's mail went out. Whose mail still waits is left until it came to its end: the mail
 * that takes a notice back must not arrive before it.
 */
async function followUp(platform: Platform, tx: Tx, notice: NoticeWithTexts, organisation: string): Promise<Progress> {
  if ((await countUntried(tx, noticeTemplates, MOST_UNTRIED)) >= MOST_UNTRIED) return 'busy';
  const found = await selectToFollowUp(tx, notice.id, TOLD_AT_ONCE);
  if (found.length === 0) {
    if (await hasToFollowUp(tx, notice.id)) return 'later';
    await writeStep(tx, notice.id, { kind: 'followed-up' });
    if (notice.audience === 'list') await deleteListed(tx, notice.id);
    return 'done';
  }
  const told: SentTo[] = [];
  for (const recipient of found) {
    const message = recipient.wasSent
      ? await queueTo(platform, tx, notice, 'cancellation', recipient, organisation)
      : null;
    told.push({ reference: recipient.reference, message });
  }
  await markFollowedUp(tx, notice.id, told);
  const mailed = found.filter((_, at) => told[at]?.message !== null);
  if (mailed.length > 0) {
    const batch = notice.batches + 1;
    await writeStep(tx, notice.id, { kind: 'batch' });
    await recordTold(tx, notice, 'cancellation', batch, { told: mailed, mails: mailed.length, withoutAddress: 0 });
  }
  return 'more';
}
