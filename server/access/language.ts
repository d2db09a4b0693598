import type { Language } from './contract.ts';

const known: Readonly<Record<string, Language>> = { pt: 'pt-BR', en: 'en', es: 'es' };

/** The language a browser asks for first among those Kept speaks (RFC 9110, 12.5.4), English otherwise. */
export function pickLanguage(header: string | undefined): Language {
  const wishes = (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((text) => /^\s*q=([\d.]+)$/.exec(text)?.[1]).find((text) => text !== undefined);
      return { primary: tag.split('-')[0]?.toLowerCase() ?? '', quality: Number(quality ?? 1) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  for (const { primary } of wishes) {
    const language = known[primary];
    if (language !== undefined) return language;
  }
  return 'en';
}
