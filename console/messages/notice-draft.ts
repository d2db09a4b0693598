import type { Notice, NoticeDraft, NoticeText } from '../../server/messages/notices-contract.ts';
import { type Language, languages } from '../language/language.ts';

/** What the form holds of one language; wholly empty means that it is left out. */
export interface TextDraft {
  readonly title: string;
  readonly body: string;
  readonly linkLabel: string;
  readonly linkUrl: string;
}

/** The draft of a notice as the form holds it. */
export interface NoticeFields extends Omit<NoticeDraft, 'legalBasis' | 'effectiveOn' | 'texts' | 'audience'> {
  /** One a line. */
  readonly legalBasis: string;
  /** Civil date, or empty. */
  readonly effectiveOn: string;
  readonly audience: string;
  readonly only: readonly string[];
  readonly texts: Readonly<Record<Language, TextDraft>>;
}

const noText: TextDraft = { title: '', body: '', linkLabel: '', linkUrl: '' };
const noTexts = { 'pt-BR': noText, en: noText, es: noText };

export function blankNotice(language: Language): NoticeFields {
  return {
    category: 'legal',
    reason: 'policy-change',
    legalBasis: '',
    audience: 'members',
    only: [],
    channels: ['e-mail'],
    leadDays: 30,
    effectiveOn: '',
    mainLanguage: language,
    texts: noTexts,
  };
}

export function fieldsOf(notice: Notice): NoticeFields {
  const { category, reason, legalBasis, audience, channels, leadDays, effectiveOn, mainLanguage, texts } = notice;
  return {
    category,
    reason,
    legalBasis: legalBasis.join('\n'),
    audience: audience.name,
    only: audience.only,
    channels,
    leadDays,
    effectiveOn: effectiveOn ?? '',
    mainLanguage,
    texts: {
      'pt-BR': textFieldsOf(texts['pt-BR']),
      en: textFieldsOf(texts.en),
      es: textFieldsOf(texts.es),
    },
  };
}

export function noticeDraftOf(fields: NoticeFields): NoticeDraft {
  const { category, reason, channels, leadDays, mainLanguage } = fields;
  return {
    category,
    reason,
    channels: [...channels],
    leadDays,
    mainLanguage,
    legalBasis: fields.legalBasis
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    audience: { name: fields.audience, only: [...fields.only] },
    effectiveOn: fields.effectiveOn === '' ? null : fields.effectiveOn,
    texts: textsOf(fields.texts),
  };
}

/** The languages that are written. */
export function textsOf(drafts: Readonly<Record<Language, TextDraft>>): NoticeDraft['texts'] {
  const texts: NoticeDraft['texts'] = {};
  for (const language of languages) {
    const { title, body, linkLabel, linkUrl } = drafts[language];
    if (title.trim() === '' && body.trim() === '') continue;
    const link = linkUrl.trim() === '' ? null : { label: linkLabel.trim() || linkUrl.trim(), url: linkUrl.trim() };
    texts[language] = { title: title.trim(), body: body.trim(), link };
  }
  return texts;
}

function textFieldsOf(text: NoticeText | undefined): TextDraft {
  if (text === undefined) return noText;
  const { title, body, link } = text;
  return { title, body, linkLabel: link?.label ?? '', linkUrl: link?.url ?? '' };
}
