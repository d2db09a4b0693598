import type { Localised } from '../../server/policy/contract.ts';
import { textIn, useLanguage } from './language.ts';

/** A published text, marked with its own language where it is not the reader's. */
export function LocalisedText({ text }: { text: Localised | null | undefined }) {
  const found = textIn(text, useLanguage());
  if (found === undefined) return null;
  return found.lang === undefined ? found.text : <span lang={found.lang}>{found.text}</span>;
}
