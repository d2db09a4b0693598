import type { Language } from '../access/contract.ts';
import { commitTo } from '../ledger/record-entry.ts';
import type { Id, Json } from '../platform/contract.ts';
import type { Database, Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Tasks } from '../platform/tasks.ts';
import { type ComposedMail, withOptOutLink } from './compose-mail.ts';
import { concludeFailed } from './conclude-message.ts';
import { isMailAddress } from './mail-address.ts';
import { linksLeadTo, optOutLink } from './opt-out-link.ts';
import { findInForce } from './opt-out-store.ts';
import { recipientKeyOf } from './recipient-key.ts';
import { sealContent } from './seal-content.ts';
import { findSender } from './sender-store.ts';
import { findIdByKey, insertMessage, type MessageContent, type MessageHeaders } from './store.ts';
import { type MailTemplate, templateNamed } from './templates.ts';

/** The task that `tasks.ts` defines: `{ organisation, message }`. */
export const DELIVER = 'messages.deliver';

/** A message to be sent. */
export interface MailOrder {
  /** Name of a registered template. */
  readonly template: string;
  /** One bare address. */
  readonly to: string;
  readonly language: Language;
  /** What the template fills in; it parses them. */
  readonly figures: Json;
  /** Opaque, unique in the organisation: `contract-end:<id>`. Holds no personal data, since it is never purged. */
  readonly idempotencyKey: string;
  /** The sender's name and where answers go, where they are not what the organisation has set. Bare address. */
  readonly fromName?: string;
  readonly replyTo?: string;
  /** Message-IDs, with angle brackets, of the mail that this one answers, and of all before it, oldest first. */
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
}

/**
 * Queues a mail in the caller's transaction: it goes if and only if that commits. It is written now, so a later change
 * of a template changes nothing. The same key gives the same message, which is sent once, whatever else the order says.
 * An address that mail cannot be sent to makes a failed message, not an error: whoever waits for it reads why. So does
 * an announcement to somebody who wants none. One that opts out later is seen when it would be sent.
 */
export async function queueMail(tx: Tx, order: MailOrder): Promise<Id<'Message'>> {
  return (await queueOnce(tx, order)).id;
}

/** The same; `isNew` is false where there was a message under the key. */
export async function queueOnce(
  tx: Tx,
  order: MailOrder,
): Promise<{ readonly id: Id<'Message'>; readonly isNew: boolean }> {
  const known = await findIdByKey(tx, order.idempotencyKey);
  if (known !== undefined) return { id: known, isNew: false };
  const { kind, content, recipientKey } = writeMail(tx, order);
  const id = newId<'Message'>(tx.at);
  const { salt, commitment } = commitTo({ ...content });
  const { template, language, idempotencyKey } = order;
  const stored = sealContent(tx.database, { id, template }, content);
  const message = await insertMessage(tx, {
    ...stored,
    ...(await headersOf(tx, order, kind)),
    id,
    idempotencyKey,
    template,
    category: kind.category,
    language,
    salt,
    commitment,
    recipientKey,
  });
  if (message === undefined) {
    // Somebody else queued it between the two statements.
    const theirs = await findIdByKey(tx, idempotencyKey);
    if (theirs === undefined) throw new Error('a message that conflicts with a new one is not there');
    return { id: theirs, isNew: false };
  }
  if (content.to === '') {
    await concludeFailed(tx, message, { reason: 'address-invalid', reply: null });
    return { id, isNew: true };
  }
  if (recipientKey !== null && (await findInForce(tx, recipientKey)) !== undefined) {
    await concludeFailed(tx, message, { reason: 'opted-out', reply: null });
    return { id, isNew: true };
  }
  await askForDelivery(tx, id);
  return { id, isNew: true };
}

/** What an order says, as it would be sent; the address is empty where it is none. Pure, but for keys. */
export function writeMail(
  tx: Pick<Tx, 'database' | 'organisationId'>,
  order: Pick<MailOrder, 'template' | 'to' | 'language' | 'figures'>,
): { readonly kind: MailTemplate; readonly content: MessageContent; readonly recipientKey: Buffer | null } {
  const kind = templateNamed(order.template);
  const mail = kind.render(order.language, order.figures);
  // What is no address may hold anything, also what cannot be stored.
  const to = isMailAddress(order.to) ? order.to : '';
  const recipientKey = kind.category === 'announcement' ? recipientKeyOf(tx, to) : null;
  const { subject, text, html } = recipientKey === null ? mail : announced(tx, order.language, mail, recipientKey);
  return { kind, content: { to, subject, text, html }, recipientKey };
}

/** The message with the link by which its recipient declines further ones. */
function announced(
  tx: Pick<Tx, 'database' | 'organisationId'>,
  language: Language,
  mail: ComposedMail,
  recipientKey: Buffer,
): ComposedMail {
  const link = optOutLink(tx.database, { organisationId: tx.organisationId, recipientKey }, language);
  return withOptOutLink(language, mail, link);
}

/** In whose name it goes, decided now: what is set later is for what is queued later. */
async function headersOf(tx: Tx, order: MailOrder, kind: MailTemplate): Promise<MessageHeaders> {
  const { inReplyTo = null, references = null } = order;
  const set = kind.asServer === true ? { fromName: null, replyTo: null } : await findSender(tx);
  const replyTo = order.replyTo ?? set.replyTo;
  if (replyTo !== null && !isMailAddress(replyTo)) throw new Error('answers to a message go to an address');
  for (const header of [inReplyTo, ...(references ?? [])])
    if (header !== null && !/^<[^\p{C}\p{Z}<>]+>$/u.test(header))
      throw new Error('a Message-ID stands in angle brackets');
  return { fromName: order.fromName ?? set.fromName, replyTo, inReplyTo, references };
}

const outboxes = new WeakMap<Database, Tasks>();

/** From now on, queueing a message also asks for its delivery. */
export function deliverThrough(platform: Platform): void {
  outboxes.set(platform.db, platform.tasks);
  linksLeadTo(platform);
}

/** Enqueues an attempt in the caller's transaction; while one waits, another is not added. */
export async function askForDelivery(tx: Tx, message: Id<'Message'>, startAfter?: Date): Promise<void> {
  const payload = { organisation: tx.organisationId, message };
  const when = startAfter === undefined ? {} : { startAfter };
  await outboxes.get(tx.database)?.enqueue(tx, DELIVER, payload, { singletonKey: message, ...when });
}
