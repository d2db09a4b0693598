import type { Localised } from './contract.ts';
import type { PolicyDocument, PromiseAsWritten } from './language.ts';
import { ruleOf, verbOf } from './parse-policy.ts';
import { findPeriod, parsePeriod, periodInWords } from './period.ts';
import type { PeriodText } from './rule.ts';
import type { Language } from './wording.ts';

/**
 * Sentences of a policy hold no numbers of their own: `{for}` is filled in from the rule of the same promise and
 * `{contract-end.grace}` from another one's, so that text and rule cannot drift apart.
 */
export const placeholderPattern = /\{([^{}]*)\}/g;

/** The numbers of a promise's rule by the name a sentence calls them: `for`, `within`, `grace`, `plus`. */
export function periodsOf(written: PromiseAsWritten): Readonly<Record<string, PeriodText>> {
  const rule = ruleOf(written);
  if (rule === undefined) return periodsAsWritten(written);
  const { within } = rule;
  if (rule.verb === 'keep') {
    if (rule.form === 'for') return { for: rule.for, within };
    if (rule.form === 'while' && rule.plus !== null) return { plus: rule.plus, within };
  }
  if (rule.verb === 'end' && rule.form === 'account') return { grace: rule.grace, within };
  return { within };
}

/** For verbs whose engine is not in this version: whatever is written as a period. */
function periodsAsWritten(written: PromiseAsWritten): Readonly<Record<string, PeriodText>> {
  const rule = written[verbOf(written)];
  if (rule === undefined) return {};
  const periods: Record<string, PeriodText> = {};
  for (const [name, value] of Object.entries(rule)) {
    if (typeof value === 'string' && findPeriod(value) !== undefined) periods[name] = value;
  }
  return periods;
}

/** The period that a placeholder names, seen from a promise (or from prose, where it must name the promise too). */
export function periodNamed(
  placeholder: string,
  document: PolicyDocument,
  promise: string | null,
): PeriodText | undefined {
  const dot = placeholder.indexOf('.');
  const owner = dot === -1 ? promise : placeholder.slice(0, dot);
  if (owner === null || !Object.hasOwn(document.promises, owner)) return undefined;
  const written = document.promises[owner];
  if (written === undefined) return undefined;
  const periods = periodsOf(written);
  const name = placeholder.slice(dot + 1);
  return Object.hasOwn(periods, name) ? periods[name] : undefined;
}

/** Fills a text's placeholders in words; one that names nothing is left as it is, and is an error of the policy. */
export function fillSentence(
  text: string,
  language: Language,
  document: PolicyDocument,
  promise: string | null,
): string {
  return text.replace(placeholderPattern, (placeholder, name: string) => {
    const period = periodNamed(name, document, promise);
    return period === undefined ? placeholder : periodInWords(parsePeriod(period), language);
  });
}

/** A text in every language the organisation publishes, with its numbers filled in. */
export function fillTexts(text: Localised | undefined, document: PolicyDocument, promise: string | null): Localised {
  const filled: { [L in Language]?: string } = {};
  for (const language of document.organisation.languages) {
    const written = text?.[language];
    if (written !== undefined) filled[language] = fillSentence(written, language, document, promise);
  }
  return filled;
}

/** The published sentence of a promise. */
export function sentenceOf(document: PolicyDocument, promise: string): Localised {
  return fillTexts(document.promises[promise]?.says, document, promise);
}

/** The period a promise is about, in words; null where it has none, or none but its tolerance. */
export function mainPeriodOf(written: PromiseAsWritten): PeriodText | null {
  const { for: period, grace, plus, within } = periodsOf(written);
  const rule = ruleOf(written);
  const own = rule !== undefined && (rule.verb === 'erase' || (rule.verb === 'end' && rule.form === 'confirmation'));
  return period ?? grace ?? plus ?? (own ? (within ?? null) : null);
}
