import { z } from 'zod';
import type { Language } from '../access/contract.ts';
import type { Json } from '../platform/contract.ts';
import { civilDateSchema } from '../platform/contract.ts';
import { composeMail, type MailBlock } from './compose-mail.ts';
import { blocksOf } from './notice-text.ts';
import { dayInWords, noticeWords } from './notice-words.ts';
import { type NoticeCategory, noticeCategorySchema, noticeTextSchema } from './notices-contract.ts';
import { type MailTemplate, registerTemplate } from './templates.ts';

const figuresSchema = z.object({
  organisation: z.string(),
  category: noticeCategorySchema,
  /** Of the notice, or of its cancellation. */
  text: noticeTextSchema,
  /** Of a cancellation: the title of what is cancelled. */
  cancels: z.string().nullable(),
  announcedOn: civilDateSchema,
  effectiveOn: civilDateSchema,
  leadDays: z.number().int(),
  legalBasis: z.array(z.string()),
  page: z.string().nullable(),
});
export type NoticeMailFigures = z.infer<typeof figuresSchema>;

/** The template in which notices of a category go out: opt-outs hold for the one and not for the other. */
export function noticeTemplate(category: NoticeCategory): string {
  return `notice-${category}`;
}

export const noticeTemplates: readonly string[] = ['notice-legal', 'notice-announcement'];

/** Makes the mails of notices known. */
export function registerNoticeMail(): void {
  for (const template of templates) registerTemplate(template);
}

const templates: readonly MailTemplate[] = [templateOf('legal'), templateOf('announcement')];

function templateOf(category: NoticeCategory): MailTemplate {
  return {
    name: noticeTemplate(category),
    category,
    sample: (language) => sampleFigures(category, language),
    render(language: Language, figures: Json) {
      const { organisation, text, cancels, page, ...facts } = figuresSchema.parse(figures);
      const words = noticeWords[language];
      const blocks: MailBlock[] = [
        ...(cancels === null ? [] : [paragraph(words.cancelledTitle(cancels)), paragraph(words.cancelledNote)]),
        ...blocksOf(text.body),
        ...(text.link === null ? [] : [link(text.link.label, text.link.url)]),
        ...(cancels === null ? [factsIn(language, facts)] : []),
        ...(page === null ? [] : [link(words.readHere, page)]),
      ];
      return composeMail(language, { subject: text.title, blocks, footer: words.footer[category](organisation) });
    },
  };
}

function factsIn(
  language: Language,
  facts: Pick<NoticeMailFigures, 'announcedOn' | 'effectiveOn' | 'leadDays' | 'legalBasis'>,
): MailBlock {
  const words = noticeWords[language];
  return {
    kind: 'list',
    items: [
      `${words.announcedOn}: ${dayInWords(facts.announcedOn, language)}`,
      `${words.effectiveOn}: ${dayInWords(facts.effectiveOn, language)}`,
      ...(facts.leadDays === 0 ? [] : [`${words.leadTime}: ${words.days(facts.leadDays)}`]),
      ...(facts.legalBasis.length === 0 ? [] : [`${words.legalBasis}: ${facts.legalBasis.join('; ')}`]),
    ],
  };
}

function paragraph(text: string): MailBlock {
  return { kind: 'paragraph', text };
}

function link(label: string, url: string): MailBlock {
  return { kind: 'link', label, url };
}

const sampleTexts: Readonly<Record<Language, { readonly title: string; readonly body: string }>> = {
  en: {
    title: 'Our privacy policy changes',
    body: 'We keep delivery logs for 30 days from now on, instead of 60.\n\n- Nothing else changes.\n- You need do nothing.',
  },
  'pt-BR': {
    title: 'Nossa política de privacidade muda',
    body: 'Passamos a guardar registros de entrega por 30 dias, em vez de 60.\n\n- Nada mais muda.\n- Você não precisa fazer nada.',
  },
  es: {
    title: 'Nuestra política de privacidad cambia',
    body: 'Guardaremos los registros de entrega 30 días, en lugar de 60.\n\n- Nada más cambia.\n- No necesita hacer nada.',
  },
};

function sampleFigures(category: NoticeCategory, language: Language): NoticeMailFigures {
  return {
    organisation: 'Maré',
    category,
    text: { ...sampleTexts[language], link: null },
    cancels: null,
    announcedOn: '2026-11-20',
    effectiveOn: '2027-01-04',
    leadDays: 30,
    legalBasis: category === 'legal' ? ['LGPD Art. 9 § 6'] : [],
    page: 'https://kept.example/notices/sample',
  };
}
