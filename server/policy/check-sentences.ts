import type { Finding, Localised } from './contract.ts';
import { type DocumentPath, findingOf } from './finding-text.ts';
import type { PolicyDocument, PromiseAsWritten } from './language.ts';
import { nearestNames } from './nearest.ts';
import { parsePeriod, periodInWords, unitWordsOf } from './period.ts';
import type { Places } from './read-yaml.ts';
import { periodNamed, periodsOf, placeholderPattern } from './sentence.ts';
import { sentenceFindings } from './sentence-findings.ts';
import { type Language, listed, wordingOf } from './wording.ts';

/** What is wrong with the sentences of a policy: missing languages, unknown placeholders, numbers of their own. */
export function checkSentences(document: PolicyDocument, places: Places): Finding[] {
  const findings: Finding[] = [];
  for (const [promise, written] of Object.entries(document.promises)) {
    const path = ['promises', promise, 'says'];
    if (written.says === undefined) {
      const figures = { promise };
      findings.push(report('promise-without-sentence', ['promises', promise], places, figures));
      continue;
    }
    findings.push(...missingLanguages(written.says, path, document, places));
    findings.push(...checkTexts(written.says, path, document, promise, places));
    findings.push(...unsaidNumbers(written, path, places));
  }
  for (const [index, section] of (document.sections ?? []).entries()) {
    const path = ['sections', index];
    findings.push(...missingLanguages(section.title, [...path, 'title'], document, places));
    if (section.text === undefined) continue;
    findings.push(...missingLanguages(section.text, [...path, 'text'], document, places));
    findings.push(...checkTexts(section.text, [...path, 'text'], document, null, places));
  }
  return findings;
}

type Code = keyof typeof sentenceFindings;
type SentenceFigures = Parameters<typeof findingOf>[4];

function report(code: Code, path: DocumentPath, places: Places, figures: SentenceFigures): Finding {
  return findingOf(code, sentenceFindings[code], path, places.keyAt(path), figures);
}

function missingLanguages(texts: Localised, path: DocumentPath, document: PolicyDocument, places: Places): Finding[] {
  const missing = document.organisation.languages.filter((language) => texts[language] === undefined);
  if (missing.length === 0) return [];
  const languages = wordingOf((language) => listed(missing, 'and', language));
  return [report('language-missing', path, places, { languages })];
}

function checkTexts(
  texts: Localised,
  path: DocumentPath,
  document: PolicyDocument,
  promise: string | null,
  places: Places,
): Finding[] {
  const findings: Finding[] = [];
  const written = promise === null ? undefined : document.promises[promise];
  const own = written === undefined ? {} : periodsOf(written);
  for (const language of ['pt-BR', 'en', 'es'] as const) {
    const text = texts[language];
    if (text === undefined) continue;
    const here = [...path, language];
    for (const [whole, name = ''] of text.matchAll(placeholderPattern)) {
      if (periodNamed(name, document, promise) !== undefined) continue;
      const near = nearestNames(name, placeholdersFor(document, own));
      const suggestions = near.length > 0 ? near : Object.keys(own);
      const known = wordingOf((inWords) =>
        suggestions.length > 0
          ? listed(
              suggestions.map((known) => `{${known}}`),
              'or',
              inWords,
            )
          : '{promise.for}',
      );
      findings.push(report('placeholder-unknown', here, places, { placeholder: whole, known }));
    }
    const bare = text.replace(placeholderPattern, '');
    const number = findNumberOfTime(bare, language);
    const numbers = Object.entries(own).filter(([name]) => name !== 'within' || saysTolerance(written));
    if (number !== undefined) {
      const code = promise === null ? 'number-in-prose' : numbers.length > 0 ? 'number-twice' : 'number-without-rule';
      const names = numbers.map(([name]) => `{${name}}`);
      const placeholders = wordingOf((inWords) => listed(names, 'or', inWords));
      findings.push(report(code, here, places, { number, placeholders }));
      continue;
    }
    const repeated = numbers.find(([, period]) => standsAlone(bare, period));
    if (repeated !== undefined) {
      const [name, period] = repeated;
      findings.push(report('number-perhaps-twice', here, places, { number: figuresOf(period).join(', '), name }));
    }
  }
  return findings;
}

/** A tolerance is only worth a placeholder where somebody wrote it. */
function saysTolerance(written: PromiseAsWritten | undefined): boolean {
  const rule = written?.keep ?? written?.erase ?? written?.end ?? written?.protect;
  return rule !== undefined && 'within' in rule && rule.within !== undefined;
}

function placeholdersFor(document: PolicyDocument, own: Readonly<Record<string, string>>): string[] {
  const others = Object.entries(document.promises).flatMap(([promise, written]) =>
    Object.keys(periodsOf(written)).map((name) => `${promise}.${name}`),
  );
  return [...Object.keys(own), ...others];
}

/** A rule's period that no language's sentence says. */
function unsaidNumbers(written: PromiseAsWritten, path: DocumentPath, places: Places): Finding[] {
  const said = new Set<string>();
  for (const text of Object.values(written.says ?? {})) {
    for (const [, name = ''] of text?.matchAll(placeholderPattern) ?? []) said.add(name);
  }
  return Object.entries(periodsOf(written))
    .filter(([name, period]) => name !== 'within' && !said.has(name) && figuresOf(period).some((figure) => figure > 0))
    .map(([name, period]) => {
      const inWords = wordingOf((language) => periodInWords(parsePeriod(period), language));
      return report('number-not-said', path, places, { name, period: inWords });
    });
}

function figuresOf(period: string): number[] {
  return [...period.matchAll(/\d+/g)].map(([figure]) => Number(figure));
}

/** Number words that stand before a unit of time often enough to be looked for. */
const numberWords: Record<Language, string> = {
  'pt-BR':
    'um|uma|dois|duas|três|quatro|cinco|seis|sete|oito|nove|dez|doze|quinze|vinte|vinte e quatro|trinta|quarenta e oito|sessenta|setenta e duas|noventa|cento e oitenta',
  en: 'one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|twenty-four|thirty|forty-eight|sixty|seventy-two|ninety|one hundred and eighty',
  es: 'un|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|veinticuatro|treinta|cuarenta y ocho|sesenta|setenta y dos|noventa|ciento ochenta',
};

/** A number followed by a unit of time: the sentence says a period of its own. */
function findNumberOfTime(text: string, language: Language): string | undefined {
  const units = unitWordsOf(language).join('|');
  const between = String.raw`(?:\s*\([^)]*\))?[\s\u00a0-]*(?:calendar |corridos )?`;
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\d.,/])(?:\d+|${numberWords[language]})${between}(?:${units})(?!\p{L})`,
    'iu',
  );
  return pattern.exec(text)?.[0];
}

/** Whether a number of the rule stands in the sentence by itself, not as part of a citation. */
function standsAlone(text: string, period: string): boolean {
  return figuresOf(period).some((figure) => {
    if (figure < 2) return false;
    const before = String.raw`(?<![\d.,/§–-]|\b(?:art|arts|artigo|artículo|article|lei|ley|law|rule|n\.º|n°|nº|no)\.?\s{0,2})`;
    return new RegExp(String.raw`${before}\b${figure}\b(?![\d.,/º°]\d|[/–-])`, 'iu').test(text);
  });
}
