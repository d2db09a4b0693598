import type { Language } from '../access/contract.ts';
import type { Json } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { type Category, messagesProblems } from './contract.ts';
import { writeMail } from './queue-mail.ts';
import { senderInWords, senderOf } from './sender.ts';
import { findSender } from './sender-store.ts';
import { findTemplate, sampleOf } from './templates.ts';

const fail = failuresOf(messagesProblems);

/** What somebody would get. */
export interface Preview {
  readonly template: string;
  readonly category: Category;
  readonly language: Language;
  readonly from: string;
  readonly replyTo: string | null;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * A message as it would be sent, without sending it.
 * @param query `figures`: those of its sample when left out, else checked before; `mailFrom`: the server's sender
 * @throws Failure `template-not-found`
 */
export async function previewMessage(
  tx: Tx,
  query: {
    readonly template: string;
    readonly language: Language;
    readonly figures?: Json;
    readonly mailFrom: string;
  },
): Promise<Preview> {
  const template = findTemplate(query.template);
  if (template === undefined) throw fail('template-not-found', 'GET /v1/messages/templates lists those there are.');
  const { language, figures = sampleOf(template, language) } = query;
  // Nobody's address: the link to decline means nobody.
  const { content } = writeMail(tx, { template: template.name, to: 'nobody@kept.invalid', language, figures });
  const set = template.asServer === true ? { fromName: null, replyTo: null } : await findSender(tx);
  return {
    template: template.name,
    category: template.category,
    language,
    from: senderInWords(senderOf(query.mailFrom, set.fromName)),
    replyTo: set.replyTo,
    subject: content.subject,
    text: content.text,
    html: content.html,
  };
}
