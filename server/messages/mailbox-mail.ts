import { z } from 'zod';
import type { Language } from '../access/contract.ts';
import { composeMail } from './compose-mail.ts';
import { type MailboxError, mailboxErrorSchema } from './mailbox-contract.ts';
import { wordsOfMailbox } from './mailbox-words.ts';
import { type MailTemplate, registerTemplate } from './templates.ts';

export const THREAD_REPLY = 'thread-reply';
export const MAILBOX_FAILING = 'mailbox-failing';
export const MAILBOX_PROBE = 'mailbox-probe';

/** Makes the mails of mail in known: answers in threads, the alarm of a mailbox that fails, and the test mail. */
export function registerMailboxMail(): void {
  for (const template of templates) registerTemplate(template);
}

const replySchema = z.object({ subject: z.string(), text: z.string(), from: z.string() });
const failingSchema = z.object({
  name: z.string(),
  mailAddress: z.string(),
  error: mailboxErrorSchema,
  since: z.iso.datetime(),
});

const templates: readonly MailTemplate[] = [
  {
    name: THREAD_REPLY,
    category: 'transactional',
    byPerson: true,
    sample: { subject: 'Re: Meus dados', text: 'Olá, Ana,\n\nrecebemos o seu pedido.', from: 'Maré' },
    render(language, figures) {
      const { subject, text, from } = replySchema.parse(figures);
      const blocks = text
        .split(/\n\s*\n/)
        .map((part) => part.split('\n').map((line) => line.trimEnd()))
        .map((lines) => ({ kind: 'lines', lines }) as const);
      return composeMail(language, { subject, blocks, footer: from });
    },
  },
  {
    name: MAILBOX_FAILING,
    category: 'transactional',
    sample: {
      name: 'Encarregada',
      mailAddress: 'encarregada@mare.example',
      error: 'sign-in-refused' satisfies MailboxError,
      since: '2026-11-20T08:15:00.000Z',
    },
    render(language, figures) {
      const { name, mailAddress, error, since } = failingSchema.parse(figures);
      const words = wordsOfMailbox[language].failing;
      const rows = [
        [words.mailbox, `${name} (${mailAddress})`],
        [words.since, inWords(since, language)],
        [words.reason, words.reasons[error]],
      ];
      return composeMail(language, {
        subject: words.subject(name),
        blocks: [
          { kind: 'paragraph', text: words.what },
          { kind: 'list', items: rows.map(([head, cell]) => `${head}: ${cell}`) },
          { kind: 'paragraph', text: words.todo },
        ],
        footer: words.footer,
      });
    },
  },
  {
    name: MAILBOX_PROBE,
    category: 'transactional',
    sample: {},
    render(language) {
      const words = wordsOfMailbox[language].probe;
      return composeMail(language, {
        subject: words.subject,
        blocks: [{ kind: 'paragraph', text: words.what }],
        footer: words.footer,
      });
    },
  },
];

function inWords(instant: string, language: Language): string {
  const words = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${words.format(new Date(instant))} (UTC)`;
}
