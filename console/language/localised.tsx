import type { Localised } from '../../server/policy/contract.ts';
import { textIn, useLanguage } from './language.ts';

/** A text that names code between backticks, as findings and remedies do. */
export function WithCode({ text }: { text: string }) {
  return text.split('`').map((part, at) => {
    const key = `${at} ${part}`;
    return at % 2 === 1 ? <code key={key}>{part}</code> : <span key={key}>{part}</span>;
  });
}

/** A published text, marked with its own language where it is not the reader's. */
export function LocalisedText({ text }: { text: Localised | null | undefined }) {
  const found = textIn(text, useLanguage());
  if (found === undefined) return null;
  const content = found.text.includes('`') ? <WithCode text={found.text} /> : found.text;
  return found.lang === undefined ? content : <span lang={found.lang}>{content}</span>;
}
