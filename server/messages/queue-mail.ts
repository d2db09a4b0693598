import type { Language } from '../access/contract.ts';
import { commitTo } from '../ledger/record-entry.ts';
import type { Id, Json } from '../platform/contract.ts';
import type { Database, Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Tasks } from '../platform/tasks.ts';
import { concludeFailed } from './conclude-message.ts';
import { isMailAddress } from './mail-address.ts';
import { sealContent } from './seal-content.ts';
import { findIdByKey, insertMessage } from './store.ts';
import { templateNamed } from './templates.ts';

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
}

/**
 * Queues a mail in the caller's transaction: it goes if and only if that commits. It is written now, so a later change
 * of a template changes nothing. The same key gives the same message, which is sent once, whatever else the order says.
 * An address that mail cannot be sent to makes a failed message, not an error: whoever waits for it reads why.
 */
export async function queueMail(tx: Tx, order: MailOrder): Promise<Id<'Message'>> {
  const known = await findIdByKey(tx, order.idempotencyKey);
  if (known !== undefined) return known;
  const mail = templateNamed(order.template).render(order.language, order.figures);
  // What is no address may hold anything, also what cannot be stored.
  const to = isMailAddress(order.to) ? order.to : '';
  const content = { to, subject: mail.subject, text: mail.text, html: mail.html };
  const id = newId<'Message'>(tx.at);
  const { salt, commitment } = commitTo(content);
  const { template, language, idempotencyKey } = order;
  const stored = sealContent(tx.database, { id, template }, content);
  const message = await insertMessage(tx, { ...stored, id, idempotencyKey, template, language, salt, commitment });
  if (message === undefined) {
    // Somebody else queued it between the two statements.
    const theirs = await findIdByKey(tx, idempotencyKey);
    if (theirs === undefined) throw new Error('a message that conflicts with a new one is not there');
    return theirs;
  }
  if (to === '') {
    await concludeFailed(tx, message, { reason: 'address-invalid', reply: null });
    return id;
  }
  await askForDelivery(tx, id);
  return id;
}

const outboxes = new WeakMap<Database, Tasks>();

/** From now on, queueing a message also asks for its delivery. */
export function deliverThrough(platform: Platform): void {
  outboxes.set(platform.db, platform.tasks);
}

/** Enqueues an attempt in the caller's transaction; while one waits, another is not added. */
export async function askForDelivery(tx: Tx, message: Id<'Message'>, startAfter?: Date): Promise<void> {
  const payload = { organisation: tx.organisationId, message };
  const when = startAfter === undefined ? {} : { startAfter };
  await outboxes.get(tx.database)?.enqueue(tx, DELIVER, payload, { singletonKey: message, ...when });
}
