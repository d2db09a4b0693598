import type { Json } from '../platform/contract.ts';
import type { Finding } from './contract.ts';
import { type DocumentPath, findingOf, inOrder } from './finding-text.ts';
import { asList, type PolicyDocument, type PromiseAsWritten, policySchema } from './language.ts';
import { policyFindings } from './policy-findings.ts';
import { readDocument } from './read-document.ts';
import type { Places } from './read-yaml.ts';
import type { EndConfirmationRule, EndRule, KeepRule, PeriodText, RecordRule, Rule, Verb } from './rule.ts';
import { verbs } from './rule.ts';

export interface PolicyReading {
  /** Undefined where the file cannot be read as a policy; `findings` says why. */
  readonly document: PolicyDocument | undefined;
  /** The file as plain data, exactly as written; what a version's hash is taken of. */
  readonly written: Json | undefined;
  /** Of reading only; what is wrong with a policy that reads well is `checkPolicy`'s. */
  readonly findings: Finding[];
  readonly places: Places;
}

/** How late a promise may be before it is broken, so that a daily run can keep it. */
export const defaultTolerance: PeriodText = 'P1D';

/** Reads a policy file. */
export function parsePolicy(source: string): PolicyReading {
  const { value, written, findings, places } = readDocument(source, policySchema);
  if (value === undefined) return { document: undefined, written, findings, places };
  const misread = Object.entries(value.promises).flatMap(([promise, written]) => {
    const said = verbsOf(written);
    if (said.length === 1) return [];
    const path: DocumentPath = ['promises', promise];
    const code = said.length === 0 ? 'promise-without-verb' : 'promise-with-several-verbs';
    const figures = { promise, verbs: said.length === 0 ? verbs.join(', ') : said.join(', ') };
    return [findingOf(code, policyFindings[code], path, places.keyAt(path), figures)];
  });
  if (misread.length > 0) return { document: undefined, written, findings: inOrder(misread), places };
  return { document: value, written, findings, places };
}

/** The verb of a promise that was read. @throws Error where it has none, which parsePolicy refuses. */
export function verbOf(written: PromiseAsWritten): Verb {
  const [verb] = verbsOf(written);
  if (verb === undefined) throw new Error('a promise without a verb was let through');
  return verb;
}

function verbsOf(written: PromiseAsWritten): Verb[] {
  return verbs.filter((verb) => written[verb] !== undefined);
}

/** A promise with the rule that carries it out. */
export interface PromiseRule {
  readonly promise: string;
  readonly refs: readonly string[];
  readonly rule: Rule;
}

/** The rules of every promise this version can keep, in the order of the document. */
export function rulesOf(document: PolicyDocument): PromiseRule[] {
  return promisesInOrder(document).flatMap((promise) => {
    const written = document.promises[promise];
    const rule = written === undefined ? undefined : ruleOf(written);
    return written === undefined || rule === undefined ? [] : [{ promise, refs: asList(written.ref), rule }];
  });
}

/** Keys of the promises as the document presents them: section by section, then those in no section as they are written. */
export function promisesInOrder(document: PolicyDocument): string[] {
  const placed = (document.sections ?? []).flatMap((section) => section.promises ?? []);
  const known = placed.filter((promise) => Object.hasOwn(document.promises, promise));
  return [...new Set([...known, ...Object.keys(document.promises)])];
}

/** The normalised rule of a promise; undefined for a verb whose engine is not in this version. */
export function ruleOf(written: PromiseAsWritten): Rule | undefined {
  const { keep, erase, end, protect, record } = written;
  if (keep !== undefined) return keepRule(keep);
  if (erase !== undefined) return { verb: 'erase', data: asList(erase.data), on: erase.on, within: erase.within };
  if (end !== undefined) return endRule(end);
  if (protect !== undefined) {
    const within = protect.within ?? defaultTolerance;
    return { verb: 'protect', measure: protect.measure, data: asList(protect.data), within };
  }
  if (record !== undefined) return recordRule(record);
  return undefined;
}

function keepRule(keep: NonNullable<PromiseAsWritten['keep']>): KeepRule {
  const kept = {
    verb: 'keep' as const,
    within: ('within' in keep ? keep.within : undefined) ?? defaultTolerance,
    because: 'because' in keep ? asList(keep.because) : [],
  };
  if ('for' in keep) {
    const { data, for: period, from, then } = keep;
    return { ...kept, form: 'for', data: asList(data), for: period, from, then, inBulk: keep['in-bulk'] ?? false };
  }
  if ('while' in keep) {
    return {
      ...kept,
      form: 'while',
      data: asList(keep.data),
      while: keep.while,
      plus: keep.plus ?? null,
      then: keep.then,
    };
  }
  if ('with' in keep) return { ...kept, form: 'with', data: asList(keep.data), with: keep.with, then: keep.then };
  if ('every' in keep) return { ...kept, form: 'every' };
  if ('rest-of' in keep) return { ...kept, form: 'rest-of', promise: keep['rest-of'] };
  return { ...kept, form: 'set-by', data: asList(keep.data), setBy: keep['set-by'] };
}

function recordRule(record: NonNullable<PromiseAsWritten['record']>): RecordRule {
  const { data, facts = [], never = [], each = null, within = defaultTolerance } = record;
  return { verb: 'record', data: asList(data), facts, never, each, within };
}

function endRule(end: NonNullable<PromiseAsWritten['end']>): EndRule | EndConfirmationRule {
  const within = end.within ?? defaultTolerance;
  if ('grace' in end) return { verb: 'end', form: 'account', grace: end.grace, within, except: end.except ?? [] };
  return { verb: 'end', form: 'confirmation', confirms: end.confirms, to: end.to, within };
}
