/** The languages the command line speaks. */
export type Language = 'pt-BR' | 'en' | 'es';

/** A text in each of them; `{name}` is filled in. */
export type Words = { readonly [L in Language]: string };

/** A text as the server has it: a policy may leave languages out. */
export type Localised = { readonly [L in Language]?: string | undefined };

/** The language of the usual variables (`LC_ALL`, `LC_MESSAGES`, `LANG`), English where they name another. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  if (/^pt/i.test(locale)) return 'pt-BR';
  if (/^es/i.test(locale)) return 'es';
  return 'en';
}

/** The text in the language, with its figures; numbers are grouped as the language does. */
export function say(language: Language, words: Words, figures: Readonly<Record<string, string | number>> = {}): string {
  return words[language].replaceAll(/\{(\w+)\}/g, (slot, name: string) => {
    const figure = figures[name];
    if (figure === undefined) return slot;
    return typeof figure === 'number' ? count(language, figure) : figure;
  });
}

/** The text in the language, else in the one that is there. */
export function read(text: Localised, language: Language): string {
  return text[language] ?? text.en ?? text['pt-BR'] ?? text.es ?? '';
}

/** `12.408` or `12,408`. */
export function count(language: Language, figure: number): string {
  // Spanish leaves four digits ungrouped; grouped they line up in tables.
  return new Intl.NumberFormat(language, { useGrouping: 'always', maximumFractionDigits: 1 }).format(figure);
}

/** A share, `12 %`. */
export function percent(language: Language, share: number): string {
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

/** `1.2 MB`, powers of 1,000. */
export function bytes(language: Language, size: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const power = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
  const options = { style: 'unit', unit: units[power] ?? 'byte', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language, options).format(size / 1000 ** power);
}
