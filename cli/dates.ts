import { type Context, UsageError } from './command.ts';
import { say } from './wording.ts';

/**
 * What a person wrote as a date, as an instant. A civil date means its end in UTC: all of that day counts.
 * @throws UsageError
 */
export function instantOf(context: Context, text: string): string {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59.999Z` : text);
  if (!Number.isNaN(at.getTime())) return at.toISOString();
  const words = {
    'pt-BR': '“{text}” não é uma data; escreva 2027-01-31.',
    en: '“{text}” is no date; write 2027-01-31.',
    es: '«{text}» no es una fecha; escriba 2027-01-31.',
  };
  throw new UsageError(say(context.language, words, { text }));
}
