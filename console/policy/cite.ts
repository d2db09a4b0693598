import type { Language } from '../language/language.ts';

/**
 * Writes a legal basis as lawyers cite it: `lgpd: 7-V` is 'LGPD, art. 7, V', `gdpr: 6-1-b` is 'GDPR, Art. 6(1)(b)'.
 * A regime that is not known here is shown as it is written.
 */
export function citeBasis(regime: string, basis: string, language: Language): string {
  const [article = basis, ...parts] = basis.split('-');
  if (regime === 'lgpd') return `LGPD, ${language === 'en' ? 'Art.' : 'art.'} ${[article, ...parts].join(', ')}`;
  if (regime === 'gdpr') {
    const name = language === 'en' ? 'GDPR, Art.' : 'RGPD, art.';
    return `${name} ${article}${parts.map((part) => `(${part})`).join('')}`;
  }
  return `${regime.toUpperCase()} ${basis}`;
}
