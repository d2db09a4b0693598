import { createContext, useContext } from 'react';
import type { Localised } from '../../server/policy/contract.ts';

/** The console's languages, in the order they are offered. */
export const languages = ['pt-BR', 'en', 'es'] as const;
export type Language = (typeof languages)[number];

/** Each language named in itself. */
export const languageNames: Readonly<Record<Language, string>> = {
  'pt-BR': 'Português',
  en: 'English',
  es: 'Español',
};

/** The words of one area of the console; a language that lacks one does not compile. */
export type Words<Area> = Readonly<Record<Language, Area>>;

export interface LanguageChoice {
  readonly language: Language;
  /** Changes the language; remembered in this browser unless told otherwise. */
  readonly choose: (language: Language, options?: { remember: boolean }) => void;
}

export const LanguageContext = createContext<LanguageChoice>({ language: 'en', choose: () => {} });

export function useLanguage(): Language {
  return useContext(LanguageContext).language;
}

/** The words of an area in the reader's language. */
export function useWords<Area>(words: Words<Area>): Area {
  return words[useLanguage()];
}

/**
 * A published text in the reader's language, else in the first language it has; undefined where it has none.
 * `lang` is set where it differs from the reader's, so that it is read out and hyphenated rightly.
 */
export function textIn(
  text: Localised | null | undefined,
  language: Language,
): { readonly text: string; readonly lang: Language | undefined } | undefined {
  if (text === null || text === undefined) return undefined;
  const own = text[language];
  if (own !== undefined) return { text: own, lang: undefined };
  for (const other of languages) {
    const found = text[other];
    if (found !== undefined) return { text: found, lang: other };
  }
  return undefined;
}

const stored = 'kept.language';

/** The language chosen before, else the session's, else the browser's. */
export function firstLanguage(session?: string): Language {
  const wanted = [localStorage.getItem(stored), session, ...navigator.languages];
  for (const tag of wanted) {
    const match = languages.find((language) => language === tag || language.slice(0, 2) === tag?.slice(0, 2));
    if (match !== undefined) return match;
  }
  return 'en';
}

export function hasChosenLanguage(): boolean {
  return localStorage.getItem(stored) !== null;
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(stored, language);
}
