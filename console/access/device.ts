import { useLanguage } from '../language/language.ts';

const on = { en: 'on', 'pt-BR': 'no', es: 'en' } as const;

/** 'Firefox on Linux', as the server says it, in the reader's language. */
export function useDevice(): (device: string) => string {
  const language = useLanguage();
  return (device) => device.replace(' on ', ` ${on[language]} `);
}

/** Names countries by their ISO 3166-1 code. */
export function useCountry(): (code: string) => string {
  const language = useLanguage();
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'code' });
  return (code) => (/^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code);
}
