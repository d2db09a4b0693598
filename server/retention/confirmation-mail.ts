import { z } from 'zod';
import { composeMail, type MailBlock } from '../messages/compose-mail.ts';
import type { MailTemplate } from '../messages/templates.ts';
import type { Json } from '../platform/contract.ts';
import type { Localised } from '../policy/contract.ts';
import { findLawFact } from '../policy/law/law-packs.ts';
import { inLanguage, type Language, languages } from '../policy/wording.ts';
import type { Basis } from './basis.ts';
import type { DisposedPart, KeptPart } from './end-store.ts';

const localised = z.object({ 'pt-BR': z.string().optional(), en: z.string().optional(), es: z.string().optional() });
const figuresSchema = z.object({
  organisation: z.string(),
  contact: z.string(),
  /** Languages of the organisation, the message's own first. */
  languages: z.array(z.enum(languages)).min(1),
  timeZone: z.string(),
  erasedAt: z.string(),
  disposed: z.array(z.object({ data: localised, rows: z.number() })),
  kept: z.array(z.object({ data: localised, rows: z.number(), until: z.string().nullable(), why: localised })),
});
type Figures = z.infer<typeof figuresSchema>;

/** Tells the owner of an account that its contract's end is carried out; in every language of the organisation. */
export const confirmationTemplate: MailTemplate = {
  name: 'contract-end-confirmation',
  category: 'legal',
  sample: (language) => sampleFigures(language),
  render(language, figures) {
    const parsed = figuresSchema.parse(figures);
    const others = parsed.languages.filter((other) => other !== language);
    return composeMail(language, {
      subject: words[language].subject(parsed.organisation),
      blocks: [language, ...others].flatMap((each) => inOneLanguage(each, parsed, each !== language)),
      footer: [language, ...others].map((each) => words[each].footer(parsed.organisation, parsed.contact)).join(' — '),
    });
  },
};

function sampleFigures(language: Language): Json {
  const figures: Figures = {
    organisation: 'Maré',
    contact: 'privacy@mare.example',
    languages: [language],
    timeZone: 'America/Sao_Paulo',
    erasedAt: '2026-11-20T14:02:11.000Z',
    disposed: [
      { data: { 'pt-BR': 'contatos', en: 'contacts', es: 'contactos' }, rows: 18_233 },
      { data: { 'pt-BR': 'mensagens', en: 'messages', es: 'mensajes' }, rows: 402_117 },
    ],
    kept: [
      {
        data: { 'pt-BR': 'notas fiscais', en: 'invoices', es: 'facturas' },
        rows: 14,
        until: '2031-10-05T03:00:00.000Z',
        why: { 'pt-BR': 'Lei 5.474/1968', en: 'Lei 5.474/1968 (Brazil)', es: 'Ley 5.474/1968 (Brasil)' },
      },
    ],
  };
  return figures;
}

/** What the message says, without anything of the person who reads it. */
export function confirmationFigures(
  basis: Pick<Basis, 'policy' | 'map'>,
  end: { readonly disposed: readonly DisposedPart[]; readonly kept: readonly KeptPart[]; readonly erasedAt: Date },
): Json {
  const { policy } = basis;
  const on = end.erasedAt.toISOString().slice(0, 10);
  const figures: Figures = {
    organisation: policy.document.organisation.name,
    contact: policy.document.organisation.contact,
    languages: [...policy.languages],
    timeZone: policy.timeZone,
    erasedAt: end.erasedAt.toISOString(),
    disposed: end.disposed.map(({ dataset, rows }) => ({ data: nameOf(basis, dataset), rows })),
    kept: keptTogether(end.kept).map(({ dataset, promise, rows, until }) => ({
      data: nameOf(basis, dataset),
      rows,
      until: until.toISOString(),
      why: whyKept(basis, promise, on),
    })),
  };
  return figures;
}

/** One line for each dataset and promise: how many rows there are now, and when the last of them goes. */
export function keptTogether(
  parts: readonly KeptPart[],
): readonly { dataset: string; promise: string; rows: number; until: Date }[] {
  const together = new Map<string, { dataset: string; promise: string; rows: number; until: Date }>();
  for (const { dataset, promise, rows, untilAt } of parts) {
    const key = `${dataset}\n${promise}`;
    const known = together.get(key) ?? { dataset, promise, rows: 0, until: untilAt };
    together.set(key, {
      ...known,
      rows: Math.max(known.rows, rows),
      until: new Date(Math.max(untilAt.getTime(), known.until.getTime())),
    });
  }
  return [...together.values()];
}

/** A dataset in the words of the policy: the titles of the categories it holds. */
function nameOf(basis: Pick<Basis, 'policy' | 'map'>, dataset: string): Localised {
  const { data } = basis.policy.document;
  const covers = basis.map.datasets[dataset]?.covers ?? [];
  const name: { [L in keyof Localised]: string } = {};
  for (const language of languages) {
    const titles = covers.map((category) => inLanguage(data[category]?.title ?? {}, language) || category);
    name[language] = titles.length === 0 ? dataset : titles.join(', ');
  }
  return name;
}

function whyKept(basis: Pick<Basis, 'policy'>, promise: string, on: string): Localised {
  const rule = basis.policy.promises.find((candidate) => candidate.promise === promise)?.rule;
  const laws = rule?.verb === 'keep' ? rule.because.flatMap((key) => findLawFact(key, on) ?? []) : [];
  const why: { [L in keyof Localised]: string } = {};
  for (const language of languages)
    why[language] =
      laws.length === 0
        ? words[language].pointedAt
        : laws.map((law) => `${law.citation} (${inLanguage(law.title, language)})`).join('; ');
  return why;
}

interface Words {
  readonly name: string;
  subject(organisation: string): string;
  opening(organisation: string, on: string): string;
  readonly disposed: string;
  readonly kept: string;
  readonly keptNothing: string;
  readonly head: readonly [data: string, rows: string];
  readonly keptHead: readonly [data: string, rows: string, until: string, why: string];
  readonly afterwards: string;
  readonly pointedAt: string;
  footer(organisation: string, contact: string): string;
}

const words: Record<Language, Words> = {
  'pt-BR': {
    name: 'Português',
    subject: (organisation) => `${organisation}: os dados da sua conta foram apagados`,
    opening: (organisation, on) =>
      `O contrato da sua conta com ${organisation} terminou e o prazo de carência passou. Em ${on} apagamos os dados da conta.`,
    disposed: 'O que apagamos',
    kept: 'O que a lei nos obriga a guardar',
    keptNothing: 'Não guardamos nada.',
    head: ['Dados', 'Registros'],
    keptHead: ['Dados', 'Registros', 'Até, no máximo', 'Por quê'],
    afterwards: 'O que guardamos é apagado quando o prazo de cada registro termina, sem que você precise pedir.',
    pointedAt: 'Identifica a conta a que pertence o que a lei manda guardar, e vai junto',
    footer: (organisation, contact) =>
      `${organisation} enviou esta mensagem porque você era titular da conta. Depois dela, seu endereço também é esquecido. Dúvidas: ${contact}.`,
  },
  en: {
    name: 'English',
    subject: (organisation) => `${organisation}: the data of your account has been erased`,
    opening: (organisation, on) =>
      `The contract of your account with ${organisation} has ended and its period of grace is over. On ${on} we erased the account’s data.`,
    disposed: 'What we erased',
    kept: 'What the law obliges us to keep',
    keptNothing: 'We keep nothing.',
    head: ['Data', 'Records'],
    keptHead: ['Data', 'Records', 'Until, at the latest', 'Why'],
    afterwards: 'What we keep is erased when the period of each record is over, without your having to ask.',
    pointedAt: 'It says to which account the records belong that the law makes us keep, and goes with them',
    footer: (organisation, contact) =>
      `${organisation} sent this message because you owned the account. After it, your address is forgotten, too. Questions: ${contact}.`,
  },
  es: {
    name: 'Español',
    subject: (organisation) => `${organisation}: los datos de su cuenta se han eliminado`,
    opening: (organisation, on) =>
      `El contrato de su cuenta con ${organisation} terminó y su período de gracia pasó. El ${on} eliminamos los datos de la cuenta.`,
    disposed: 'Lo que eliminamos',
    kept: 'Lo que la ley nos obliga a conservar',
    keptNothing: 'No conservamos nada.',
    head: ['Datos', 'Registros'],
    keptHead: ['Datos', 'Registros', 'Hasta, como máximo', 'Por qué'],
    afterwards: 'Lo que conservamos se elimina cuando termina el plazo de cada registro, sin que usted deba pedirlo.',
    pointedAt: 'Indica a qué cuenta pertenece lo que la ley manda conservar, y se elimina con ello',
    footer: (organisation, contact) =>
      `${organisation} envió este mensaje porque usted era titular de la cuenta. Después de él, también se olvida su dirección. Preguntas: ${contact}.`,
  },
};

function inOneLanguage(language: Language, figures: Figures, titled: boolean): MailBlock[] {
  const say = words[language];
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: figures.timeZone });
  const number = new Intl.NumberFormat(language);
  const on = (instant: string): string => day.format(new Date(instant));
  const pieces: MailBlock[] = [
    ...(titled ? [{ kind: 'heading' as const, text: say.name }] : []),
    { kind: 'paragraph', text: say.opening(figures.organisation, on(figures.erasedAt)) },
    {
      kind: 'table',
      caption: say.disposed,
      head: say.head,
      rows: figures.disposed.map(({ data, rows }) => [inLanguage(data, language), number.format(rows)]),
    },
    figures.kept.length === 0
      ? { kind: 'paragraph', text: say.keptNothing }
      : {
          kind: 'table',
          caption: say.kept,
          head: say.keptHead,
          rows: figures.kept.map(({ data, rows, until, why }) => [
            inLanguage(data, language),
            number.format(rows),
            until === null ? '–' : on(until),
            inLanguage(why, language),
          ]),
        },
    ...(figures.kept.length === 0 ? [] : [{ kind: 'paragraph' as const, text: say.afterwards }]),
  ];
  return pieces.map((piece) => ({ ...piece, language }));
}
