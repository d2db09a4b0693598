import { z } from 'zod';
import type { Language } from '../access/contract.ts';
import { composeMail, type MailBlock } from './compose-mail.ts';
import { billingReasons, templateWords } from './template-words.ts';
import { type MailTemplate, registerTemplate } from './templates.ts';

/** Makes the templates known that anybody with the right may send, over the API or from the console. */
export function registerSendableTemplates(): void {
  for (const template of [acknowledgement, billingAlert, serviceMessage, announcement]) registerTemplate(template);
}

const line = z.string().trim().min(1).max(200);
const webAddress = z.url({ protocol: /^https?$/, error: 'write an address like https://example.org/…' }).max(2000);
const timeZone = z
  .string()
  .max(60)
  .refine((name) => isTimeZone(name), 'write a time zone like America/Sao_Paulo')
  .default('UTC');
const sender = {
  organisation: line.describe('Who writes'),
  contact: line.nullable().default(null).describe('Who answers questions: an address, a name'),
};

const acknowledgementSchema = z.strictObject({
  ...sender,
  reference: z.string().trim().min(1).max(60).describe('By which both sides name the matter: R-2026-0042'),
  receivedAt: z.iso.datetime({ offset: true }),
  timeZone,
  about: line.nullable().default(null),
  answerBy: z.iso.date().nullable().default(null),
});

const acknowledgement: MailTemplate = {
  name: 'acknowledgement',
  category: 'transactional',
  sendable: acknowledgementSchema,
  sample: (language) => ({
    organisation: 'Maré',
    contact: 'privacy@mare.example',
    reference: 'R-2026-0042',
    receivedAt: '2026-11-20T14:02:11.000Z',
    timeZone: 'America/Sao_Paulo',
    about: { en: 'access to my data', 'pt-BR': 'acesso aos meus dados', es: 'acceso a mis datos' }[language],
    answerBy: '2026-12-05',
  }),
  render(language, figures) {
    const parsed = acknowledgementSchema.parse(figures);
    const words = templateWords[language].acknowledgement;
    return composeMail(language, {
      subject: words.subject(parsed.reference),
      blocks: [
        paragraph(words.what(parsed.organisation, instantInWords(parsed.receivedAt, language, parsed.timeZone))),
        ...(parsed.about === null ? [] : [paragraph(words.about(parsed.about))]),
        paragraph(words.reference(parsed.reference)),
        ...(parsed.answerBy === null ? [] : [paragraph(words.answerBy(dateInWords(parsed.answerBy, language)))]),
        paragraph(words.quote),
      ],
      footer: templateWords[language].footer(parsed.organisation, parsed.contact),
    });
  },
};

const billingSchema = z.strictObject({
  ...sender,
  name: line.nullable().default(null).describe('Whom it greets'),
  reason: z.enum(billingReasons),
  amount: z
    .strictObject({
      value: z.string().regex(/^\d{1,12}(\.\d{1,3})?$/, 'write a number like 129.90'),
      currency: z.string().regex(/^[A-Z]{3}$/, 'write a currency like BRL'),
    })
    .nullable()
    .default(null),
  invoice: z.string().trim().min(1).max(60).nullable().default(null),
  dueOn: z.iso.date().nullable().default(null),
  url: webAddress.nullable().default(null),
});

const billingAlert: MailTemplate = {
  name: 'billing-alert',
  category: 'transactional',
  sendable: billingSchema,
  sample: {
    organisation: 'Maré',
    contact: 'billing@mare.example',
    name: 'Ana',
    reason: 'payment-failed',
    amount: { value: '129.90', currency: 'BRL' },
    invoice: '2026-1187',
    dueOn: '2026-11-30',
    url: 'https://mare.example/invoices/2026-1187',
  },
  render(language, figures) {
    const parsed = billingSchema.parse(figures);
    const { greeting, billing, footer } = templateWords[language];
    const facts = [
      ...(parsed.amount === null ? [] : [`${billing.amount}: ${moneyInWords(parsed.amount, language)}`]),
      ...(parsed.invoice === null ? [] : [`${billing.invoice}: ${parsed.invoice}`]),
      ...(parsed.dueOn === null ? [] : [`${billing.dueOn}: ${dateInWords(parsed.dueOn, language)}`]),
    ];
    return composeMail(language, {
      subject: `${parsed.organisation}: ${billing.subjects[parsed.reason]}`,
      blocks: [
        paragraph(
          parsed.name === null
            ? sentence(billing.what[parsed.reason])
            : `${greeting(parsed.name)} ${billing.what[parsed.reason]}`,
        ),
        ...(facts.length === 0 ? [] : [{ kind: 'list', items: facts } as const]),
        ...(parsed.url === null ? [] : [{ kind: 'link', label: billing.link, url: parsed.url } as const]),
        paragraph(billing.phishing),
      ],
      footer: footer(parsed.organisation, parsed.contact),
    });
  },
};

const letterSchema = z.strictObject({
  ...sender,
  subject: line,
  paragraphs: z.array(z.string().trim().min(1).max(4000)).min(1).max(50),
  link: z.strictObject({ label: line, url: webAddress }).nullable().default(null),
});

const serviceMessage = letter('service-message', 'transactional', {
  en: ['Maintenance on Sunday', 'On Sunday from 2 to 4 o’clock the service is not available.'],
  'pt-BR': ['Manutenção no domingo', 'No domingo, das 2 às 4 horas, o serviço não estará disponível.'],
  es: ['Mantenimiento el domingo', 'El domingo, de 2 a 4, el servicio no estará disponible.'],
});
const announcement = letter('announcement', 'announcement', {
  en: ['A new plan', 'From December on there is a plan for small teams.'],
  'pt-BR': ['Um novo plano', 'A partir de dezembro há um plano para equipes pequenas.'],
  es: ['Un plan nuevo', 'Desde diciembre hay un plan para equipos pequeños.'],
});

/** What the organisation writes itself. */
function letter(
  name: string,
  category: MailTemplate['category'],
  sample: Readonly<Record<Language, readonly [subject: string, text: string]>>,
): MailTemplate {
  return {
    name,
    category,
    sendable: letterSchema,
    sample: (language) => ({
      organisation: 'Maré',
      contact: 'privacy@mare.example',
      subject: sample[language][0],
      paragraphs: [sample[language][1]],
      link: { label: templateWords[language].more, url: 'https://mare.example/news' },
    }),
    render(language, figures) {
      const { organisation, contact, subject, paragraphs, link } = letterSchema.parse(figures);
      return composeMail(language, {
        subject,
        blocks: [
          ...paragraphs.map(paragraph),
          ...(link === null ? [] : [{ kind: 'link', label: link.label, url: link.url } as const]),
        ],
        footer: templateWords[language].footer(organisation, contact),
      });
    },
  };
}

function paragraph(text: string): MailBlock {
  return { kind: 'paragraph', text };
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function instantInWords(instant: string, language: Language, zone: string): string {
  return new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'long',
    timeZone: zone,
  }).format(new Date(instant));
}

function dateInWords(date: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(date));
}

function moneyInWords(money: { readonly value: string; readonly currency: string }, language: Language): string {
  // As a number only to be shown: nothing is calculated with it.
  return new Intl.NumberFormat(language, { style: 'currency', currency: money.currency }).format(Number(money.value));
}
