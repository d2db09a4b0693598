import type { Finding } from './contract.ts';
import { type DocumentPath, findingOf } from './finding-text.ts';
import { asList, type PolicyDocument } from './language.ts';
import { compareLengths, daysOf } from './law/compare-lengths.ts';
import { type LawFact, type LegalBasis, unconfirmed } from './law/fact.ts';
import { findLawFact, findLegalBasis } from './law/law-packs.ts';
import { lawFindings } from './law-findings.ts';
import { type PromiseRule, rulesOf } from './parse-policy.ts';
import { isZero, monthEndOf, parsePeriod, periodInWords } from './period.ts';
import type { Places } from './read-yaml.ts';
import type { EndRule, KeepFor, KeepWhile } from './rule.ts';
import { placeholderPattern } from './sentence.ts';
import { sameInAll, type Wording, wordingOf } from './wording.ts';

/** Where the promises of a policy stand against the law, and against each other. Nothing here is an error: people judge. */
export function checkLaw(document: PolicyDocument, places: Places, on: string): Finding[] {
  const context: Context = { document, places, on, rules: rulesOf(document) };
  return context.rules.flatMap(({ promise, rule }) => {
    const path = ['promises', promise, rule.verb];
    if (rule.verb === 'keep') {
      if (rule.form === 'for') {
        return [...checkLengths(context, rule, path), ...checkBasis(context, rule, [...path, 'for'])];
      }
      if (rule.form === 'while') {
        return [...checkGrace(context, promise, rule, path), ...checkBasis(context, rule, [...path, 'plus'])];
      }
      if (rule.form === 'set-by') {
        return [report(context, 'no-rule-can-execute', [...path, 'set-by'], { setBy: rule.setBy })];
      }
    }
    if (rule.verb === 'erase') return checkBackups(context, promise, rule.data, path);
    if (rule.verb === 'end' && rule.form === 'account') return checkBackups(context, promise, 'everything', path);
    if (rule.verb === 'protect' && rule.measure === 'space-released') {
      return [report(context, 'vacuum-returns-nothing', path, {})];
    }
    return [];
  });
}

interface Context {
  readonly document: PolicyDocument;
  readonly places: Places;
  readonly on: string;
  readonly rules: readonly PromiseRule[];
}

/** The period of a rule against the laws it cites and those that govern its data. */
function checkLengths(context: Context, rule: KeepFor, path: DocumentPath): Finding[] {
  const cited = factsOf(rule.because, context.on);
  const governing = rule.data.flatMap((category) =>
    factsOf(asList(context.document.data[category]?.['governed-by']), context.on),
  );
  const alongside = [...cited, ...governing].flatMap((fact) => factsOf(fact.alongside, context.on));
  const findings: Finding[] = [];
  for (const fact of new Set([...cited, ...governing, ...alongside])) {
    if (fact.kind === 'floor') findings.push(...checkFloor(context, rule, fact, [...path, 'for']));
  }
  for (const fact of cited) findings.push(...checkCitation(context, rule, fact, [...path, 'because']));
  return findings;
}

/** Whether a rule's period is below what a law asks at least; a law may start its clock later than the rule does. */
function checkFloor(context: Context, rule: KeepFor, fact: LawFact, path: DocumentPath): Finding[] {
  if (fact.length === null) return [];
  const atLawsStart = fact.starts.at === 'event' || fact.starts.clocks.includes(rule.from);
  const start = atLawsStart ? 'event' : fact.starts.at;
  const monthEnd = monthEndOf(context.document.organisation.country);
  const { shortest, longest } = compareLengths(rule.for, { length: fact.length, start }, monthEnd);
  if (longest <= 0) return [];
  const short = shortest === longest || shortest <= 0 || !atLawsStart ? String(longest) : `${shortest}–${longest}`;
  const figures = {
    period: inWords(rule.for),
    floor: inWords(fact.length),
    floorDays: rangeOf(daysOf(fact.length, monthEnd)),
    short,
    event: fact.starts.event,
    from: rule.from,
    law: sameInAll(fact.citation),
  };
  const code = atLawsStart ? 'below-floor' : 'undercuts-start';
  return [report(context, code, path, figures, fact)];
}

/** A law cited for a length that it does not give. */
function checkCitation(context: Context, rule: KeepFor, fact: LawFact, path: DocumentPath): Finding[] {
  if (fact.length === null || (fact.kind !== 'floor' && fact.kind !== 'limitation')) return [];
  const monthEnd = monthEndOf(context.document.organisation.country);
  const { longest } = compareLengths(rule.for, { length: fact.length, start: fact.starts.at }, monthEnd);
  // Positive: the law is longer. Only a rule that outlives the law whatever the day it starts on is beyond it.
  if (longest >= 0) return [];
  const figures = { period: inWords(rule.for), length: inWords(fact.length), law: sameInAll(fact.citation) };
  const code = fact.kind === 'floor' ? 'floor-cited-as-length' : 'law-gives-less';
  return [report(context, code, path, figures, fact)];
}

/** Whether the legal bases of a rule's data carry its length. */
function checkBasis(context: Context, rule: KeepFor | KeepWhile, path: DocumentPath): Finding[] {
  const cited = factsOf(rule.because, context.on).filter(
    (fact) => fact.kind !== 'counting' && fact.kind !== 'deadline',
  );
  if (cited.length > 0) return [];
  const period = rule.form === 'for' ? rule.for : rule.plus;
  return rule.data.flatMap((category) => {
    const bases = basesOf(context, category);
    if (bases.length === 0) return [];
    const figures = { category, bases: sameInAll(bases.map((basis) => basis.citation).join('; ')) };
    if (bases.every((basis) => basis.support === 'law')) {
      return [report(context, 'basis-needs-law', path, figures)];
    }
    if (period === null || isZero(parsePeriod(period))) return [];
    if (bases.every((basis) => basis.support === 'until-withdrawn')) {
      return [report(context, 'consent-ends-earlier', path, { ...figures, period: inWords(period) })];
    }
    const afterContract = rule.form === 'while' || contractClocks.has(rule.from);
    if (afterContract && bases.every((basis) => basis.support === 'contract')) {
      return [report(context, 'basis-ends-with-contract', path, { ...figures, period: inWords(period) })];
    }
    return [];
  });
}

const contractClocks = new Set(['contract-ended', 'account-ended', 'account-cancelled', 'cancelled', 'closed']);

/** 'While the account is active' beside a grace period in which everything is still there. */
function checkGrace(context: Context, promise: string, rule: KeepWhile, path: DocumentPath): Finding[] {
  return context.rules.flatMap((other) => {
    const end = other.rule;
    if (end.verb !== 'end' || end.form !== 'account' || isZero(parsePeriod(end.grace))) return [];
    if (
      rule.plus !== null &&
      compareLengths(rule.plus, { length: end.grace, start: 'event' }, 'last-day').longest <= 0
    ) {
      return [];
    }
    if (rule.data.every((category) => exceptedBy(context, end).has(category))) return [];
    const told = tells(context, promise, `${other.promise}.grace`);
    const figures = { promise, end: other.promise, grace: inWords(end.grace), iso: end.grace };
    return [report(context, told ? 'grace-told' : 'grace-outlives-while', [...path, 'while'], figures)];
  });
}

function exceptedBy(context: Context, end: EndRule): Set<string> {
  const kept = context.rules.filter(({ promise }) => end.except.includes(promise));
  return new Set(kept.flatMap(({ rule }) => (rule.verb === 'keep' && 'data' in rule ? rule.data : [])));
}

/** Erased at once in the store, while backups still hold a copy. */
function checkBackups(
  context: Context,
  promise: string,
  erased: readonly string[] | 'everything',
  path: DocumentPath,
): Finding[] {
  return context.rules.flatMap(({ promise: other, rule }) => {
    if (rule.verb !== 'keep' || rule.form !== 'for') return [];
    const holdsCopy = rule.data.some((category) => {
      const copies = context.document.data[category]?.copies;
      if (copies === undefined) return false;
      return copies === 'everything' || erased === 'everything' || erased.some((name) => copies.includes(name));
    });
    if (!holdsCopy) return [];
    const told = tells(context, promise, `${other}.for`);
    const figures = { promise, other, period: inWords(rule.for) };
    return [report(context, told ? 'backups-told' : 'backups-outlive-erasure', path, figures)];
  });
}

/** Whether the promise's own sentence quotes another promise's number, so that its reader knows. */
function tells(context: Context, promise: string, placeholder: string): boolean {
  const texts = Object.values(context.document.promises[promise]?.says ?? {});
  return texts.some((text) => [...(text?.matchAll(placeholderPattern) ?? [])].some(([, name]) => name === placeholder));
}

function basesOf(context: Context, category: string): LegalBasis[] {
  return Object.values(context.document.purposes)
    .filter(({ data }) => asList(data).includes(category))
    .flatMap(({ basis }) =>
      Object.entries(basis).flatMap(([regime, key]) => findLegalBasis(regime, key, context.on) ?? []),
    );
}

function factsOf(keys: readonly string[], on: string): LawFact[] {
  return keys.flatMap((key) => findLawFact(key, on) ?? []);
}

function inWords(period: string): Wording {
  return wordingOf((language) => periodInWords(parsePeriod(period), language));
}

function rangeOf({ shortest, longest }: { shortest: number; longest: number }): string {
  return shortest === longest ? String(longest) : `${shortest}–${longest}`;
}

function report(
  context: Context,
  code: keyof typeof lawFindings,
  path: DocumentPath,
  figures: Parameters<typeof findingOf>[4],
  fact?: LawFact,
): Finding {
  const text = lawFindings[code];
  const place = context.places.valueAt(path);
  const finding = findingOf(
    code,
    text,
    path,
    place,
    figures,
    fact?.citation ?? ('article' in text ? text.article : null),
  );
  if (fact?.mark !== 'C') return finding;
  const why = wordingOf((language) => `${finding.why[language] ?? ''}${unconfirmed[language]}`);
  return { ...finding, why };
}
