import type { Language } from '../access/contract.ts';
import type { NoticeCategory, NoticeReason, NoticeState } from './notices-contract.ts';

/** What is said around a notice, in its page and its mail. */
export interface NoticeWords {
  readonly languageName: string;
  readonly languages: string;
  readonly by: string;
  readonly announcedOn: string;
  readonly effectiveOn: string;
  readonly notBefore: string;
  readonly inForceSince: string;
  readonly cancelledOn: string;
  readonly leadTime: string;
  readonly days: (count: number) => string;
  readonly legalBasis: string;
  readonly about: string;
  readonly facts: string;
  readonly readHere: string;
  readonly cancelledTitle: (title: string) => string;
  readonly cancelledNote: string;
  readonly earlierText: string;
  readonly footer: Readonly<Record<NoticeCategory, (organisation: string) => string>>;
  readonly reasons: Readonly<Record<NoticeReason, string>>;
  readonly states: Readonly<Record<Exclude<NoticeState, 'draft'>, string>>;
  readonly notFound: { readonly title: string; readonly text: string };
}

export const noticeWords: Readonly<Record<Language, NoticeWords>> = {
  en: {
    languageName: 'English',
    languages: 'Languages',
    by: 'From',
    announcedOn: 'Announced on',
    effectiveOn: 'Takes effect on',
    notBefore: 'Not before',
    inForceSince: 'In force since',
    cancelledOn: 'Cancelled on',
    leadTime: 'Lead time',
    days: (count) => (count === 1 ? '1 day' : `${count} days`),
    legalBasis: 'Legal basis',
    about: 'About',
    facts: 'Dates and lead time',
    readHere: 'This notice on the web',
    cancelledTitle: (title) => `Cancelled: ${title}`,
    cancelledNote: 'This notice was cancelled. What it announced does not take effect.',
    earlierText: 'What had been announced',
    footer: {
      legal: (organisation) => `${organisation} owes you this notice, so it reaches you whatever else you declined.`,
      announcement: (organisation) => `An announcement of ${organisation}.`,
    },
    reasons: {
      'policy-change': 'Change of the privacy policy',
      'terms-change': 'Change of the terms',
      'recipient-change': 'Change of who receives data',
      'purpose-change': 'Change of what data is used for',
      'price-change': 'Change of prices',
      'service-change': 'Change of the service',
      incident: 'Incident',
      other: 'Information',
    },
    states: { announced: 'Announced', 'in-force': 'In force', cancelled: 'Cancelled' },
    notFound: {
      title: 'There is no such notice',
      text: 'The address may have been cut off on its way. Copy it whole from where you found it.',
    },
  },
  'pt-BR': {
    languageName: 'Português',
    languages: 'Idiomas',
    by: 'De',
    announcedOn: 'Anunciado em',
    effectiveOn: 'Passa a valer em',
    notBefore: 'Não antes de',
    inForceSince: 'Em vigor desde',
    cancelledOn: 'Cancelado em',
    leadTime: 'Antecedência',
    days: (count) => (count === 1 ? '1 dia' : `${count} dias`),
    legalBasis: 'Base legal',
    about: 'Assunto',
    facts: 'Datas e antecedência',
    readHere: 'Este aviso na web',
    cancelledTitle: (title) => `Cancelado: ${title}`,
    cancelledNote: 'Este aviso foi cancelado. O que ele anunciava não passa a valer.',
    earlierText: 'O que havia sido anunciado',
    footer: {
      legal: (organisation) =>
        `${organisation} deve este aviso a você; por isso ele chega mesmo a quem recusou outras mensagens.`,
      announcement: (organisation) => `Um anúncio de ${organisation}.`,
    },
    reasons: {
      'policy-change': 'Mudança na política de privacidade',
      'terms-change': 'Mudança nos termos',
      'recipient-change': 'Mudança em quem recebe dados',
      'purpose-change': 'Mudança no uso dos dados',
      'price-change': 'Mudança de preços',
      'service-change': 'Mudança no serviço',
      incident: 'Incidente',
      other: 'Informação',
    },
    states: { announced: 'Anunciado', 'in-force': 'Em vigor', cancelled: 'Cancelado' },
    notFound: {
      title: 'Este aviso não existe',
      text: 'O endereço pode ter sido cortado no caminho. Copie-o inteiro de onde o encontrou.',
    },
  },
  es: {
    languageName: 'Español',
    languages: 'Idiomas',
    by: 'De',
    announcedOn: 'Anunciado el',
    effectiveOn: 'Entra en vigor el',
    notBefore: 'No antes del',
    inForceSince: 'En vigor desde el',
    cancelledOn: 'Cancelado el',
    leadTime: 'Antelación',
    days: (count) => (count === 1 ? '1 día' : `${count} días`),
    legalBasis: 'Base jurídica',
    about: 'Asunto',
    facts: 'Fechas y antelación',
    readHere: 'Este aviso en la web',
    cancelledTitle: (title) => `Cancelado: ${title}`,
    cancelledNote: 'Este aviso fue cancelado. Lo que anunciaba no entra en vigor.',
    earlierText: 'Lo que se había anunciado',
    footer: {
      legal: (organisation) =>
        `${organisation} le debe este aviso; por eso llega también a quien rechazó otros mensajes.`,
      announcement: (organisation) => `Un anuncio de ${organisation}.`,
    },
    reasons: {
      'policy-change': 'Cambio de la política de privacidad',
      'terms-change': 'Cambio de las condiciones',
      'recipient-change': 'Cambio de quien recibe datos',
      'purpose-change': 'Cambio del uso de los datos',
      'price-change': 'Cambio de precios',
      'service-change': 'Cambio del servicio',
      incident: 'Incidente',
      other: 'Información',
    },
    states: { announced: 'Anunciado', 'in-force': 'En vigor', cancelled: 'Cancelado' },
    notFound: {
      title: 'No existe tal aviso',
      text: 'La dirección puede haberse cortado en el camino. Cópiela entera de donde la encontró.',
    },
  },
};

/** A civil date in words: `20 November 2026`. */
export function dayInWords(date: string, language: Language): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  // A civil date has no zone: read and written as one of UTC it stays what it is.
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeZone: 'UTC' }).format(
    Date.UTC(year, month - 1, day),
  );
}
