import type { Id } from '../platform/contract.ts';
import type { Database } from '../platform/database.ts';
import type { Seal } from '../platform/seal.ts';
import type { MessageContent } from './store.ts';
import { templateNamed } from './templates.ts';

const seals = new WeakMap<Database, Seal>();

/** From now on, messages that hold a secret are written to this database sealed. */
export function sealMailWith(database: Database, seal: Seal): void {
  seals.set(database, seal);
}

/**
 * What is stored of a message: where its template holds a secret, such as a link that opens an account, text and page
 * are sealed.
 */
export function sealContent(
  database: Database,
  message: { readonly id: Id<'Message'>; readonly template: string },
  content: MessageContent,
): MessageContent & { readonly isSealed: boolean } {
  if (templateNamed(message.template).holdsSecret !== true) return { ...content, isSealed: false };
  const seal = sealOf(database);
  const close = (text: string) => seal.close(text, 'mail', message.id).toString('base64');
  return { ...content, text: close(content.text), html: close(content.html), isSealed: true };
}

/**
 * What is sent of it. The template is not asked: the message may be older than this version of it.
 * @throws Failure `sealing-key-unusable` when it was sealed with another key
 */
export function openContent<Content extends MessageContent & { readonly isSealed: boolean }>(
  database: Database,
  id: Id<'Message'>,
  content: Content,
): Content {
  if (!content.isSealed) return content;
  const seal = sealOf(database);
  const open = (text: string) => seal.open(Buffer.from(text, 'base64'), 'mail', id);
  return { ...content, text: open(content.text), html: open(content.html) };
}

/** What seals for this database. */
export function sealOf(database: Database): Seal {
  const seal = seals.get(database);
  if (seal === undefined) throw new Error('a mail that holds a secret is queued before messages are put together');
  return seal;
}
