import type { Localised } from './contract.ts';

/** The languages Kept speaks; a policy publishes in those of them its organisation names. */
export const languages = ['pt-BR', 'en', 'es'] as const;
export type Language = (typeof languages)[number];

/** A text that exists in every language of the product. */
export type Wording = { readonly [L in Language]: string };

/** Something said the same way in every language: a name, a citation, a period in ISO 8601. */
export function sameInAll(text: string): Wording {
  return { 'pt-BR': text, en: text, es: text };
}

/** Builds a wording from one function of the language. */
export function wordingOf(say: (language: Language) => string): Wording {
  return { 'pt-BR': say('pt-BR'), en: say('en'), es: say('es') };
}

/** The text in the language asked for, else English, else whichever there is; empty where there is none. */
export function inLanguage(text: Localised, language: Language): string {
  return text[language] ?? text.en ?? text['pt-BR'] ?? text.es ?? '';
}

const listWords: Record<'and' | 'or', Wording> = {
  and: { 'pt-BR': ' e ', en: ' and ', es: ' y ' },
  or: { 'pt-BR': ' ou ', en: ' or ', es: ' o ' },
};

/** `a, b and c`. */
export function listed(items: readonly string[], word: 'and' | 'or', language: Language): string {
  const last = items.at(-1);
  if (last === undefined) return '';
  if (items.length === 1) return last;
  return `${items.slice(0, -1).join(', ')}${listWords[word][language]}${last}`;
}
