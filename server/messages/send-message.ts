import type { Language } from '../access/contract.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id, Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { messagesProblems } from './contract.ts';
import { findWhole } from './log-store.ts';
import { isMailAddress } from './mail-address.ts';
import { queueOnce, writeMail } from './queue-mail.ts';
import type { MessageRecord } from './store.ts';
import { findTemplate, type MailTemplate } from './templates.ts';

const fail = failuresOf(messagesProblems);

/** What somebody wants to have sent. */
export interface SendOrder {
  readonly template: string;
  readonly to: string;
  readonly language: Language;
  readonly figures: Json;
  readonly idempotencyKey: string;
  readonly replyTo?: string | undefined;
  readonly actor: Actor;
}

/**
 * Sends a message for somebody outside Kept. The same key gives the same message, which is sent once; with the key of
 * another message it is refused, since the caller believes to have sent this one.
 * @throws Failure of `messagesProblems`, `figures-invalid` with the places that are wrong
 */
export async function sendMessage(tx: Tx, order: SendOrder): Promise<MessageRecord> {
  const template = sendableTemplate(order.template);
  checkFigures(template, order.figures);
  for (const address of [order.to, ...(order.replyTo === undefined ? [] : [order.replyTo])])
    if (!isMailAddress(address)) throw fail('address-invalid', 'Write one address, such as ana@example.org.');
  // Kept's own keys are apart from those that others choose.
  const idempotencyKey = `api:${order.idempotencyKey}`;
  const { language, figures, to, replyTo, actor } = order;
  const { id, isNew } = await queueOnce(tx, {
    template: template.name,
    to,
    language,
    figures,
    idempotencyKey,
    ...(replyTo !== undefined && { replyTo }),
  });
  if (!isNew) return sameMessage(tx, id, order);
  await recordEntry(tx, { kind: 'message.ordered', actor, body: { message: id, template: template.name } });
  return recordNamed(tx, id);
}

/** @throws Failure `template-not-found`, `template-not-sendable` */
export function sendableTemplate(name: string): MailTemplate {
  const template = findTemplate(name);
  if (template === undefined) throw fail('template-not-found', 'GET /v1/messages/templates lists those there are.');
  if (template.sendable === undefined)
    throw fail('template-not-sendable', 'Kept sends this itself when what it tells of happens.');
  return template;
}

/** @throws Failure `figures-invalid` */
export function checkFigures(template: MailTemplate, figures: Json): void {
  const parsed = template.sendable?.safeParse(figures);
  if (parsed === undefined || parsed.success) return;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: ['figures', ...path.map(String)].join('.'),
    message,
  }));
  throw fail('figures-invalid', issues.map(({ path, message }) => `${path}: ${message}`).join('; '), { issues });
}

/** @throws Failure `idempotency-conflict` */
async function sameMessage(tx: Tx, id: Id<'Message'>, order: SendOrder): Promise<MessageRecord> {
  const whole = await findWhole(tx, id);
  if (whole === undefined) throw new Error('a message under a key is not there');
  const { record, recipient, subject, text } = whole;
  const { content } = writeMail(tx, order);
  const isSame =
    record.template === order.template &&
    record.language === order.language &&
    // What was erased can no longer be compared.
    (recipient === null || (recipient === content.to && subject === content.subject && text === content.text));
  if (!isSame) throw fail('idempotency-conflict', 'Use a new key for another message.');
  return record;
}

async function recordNamed(tx: Tx, id: Id<'Message'>): Promise<MessageRecord> {
  const whole = await findWhole(tx, id);
  if (whole === undefined) throw new Error('a message that was just queued is not there');
  return whole.record;
}
