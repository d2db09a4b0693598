import type { Finding } from './contract.ts';
import { type DocumentPath, findingOf } from './finding-text.ts';
import { asList, type PolicyDocument, type PromiseAsWritten } from './language.ts';
import { inForceOn } from './law/fact.ts';
import { lawFacts, legalBases } from './law/law-packs.ts';
import { nearestNames } from './nearest.ts';
import { ruleOf, verbOf } from './parse-policy.ts';
import { policyFindings } from './policy-findings.ts';
import type { Places } from './read-yaml.ts';
import { measuresWithoutData } from './rule.ts';
import { sameInAll, type Wording } from './wording.ts';

/** References of a policy that lead nowhere, or to something of another kind. */
export function checkReferences(document: PolicyDocument, places: Places, on: string): Finding[] {
  const known = namesOf(document, on);
  const findings: Finding[] = [];
  const check = (kind: keyof typeof kinds, name: string, path: DocumentPath) => {
    if (known[kind].has(name)) return;
    const near = nearestNames(name, known[kind]);
    const suggestion = suggest(near.length > 0 ? near : [...known[kind]].slice(0, 12), near.length > 0);
    findings.push(report('unknown-reference', path, places, { name, kind: kinds[kind], suggestion }));
  };

  for (const [category, data] of Object.entries(document.data)) {
    const path = ['data', category];
    check('subject', data.of, [...path, 'of']);
    for (const law of asList(data['governed-by'])) check('law', law, [...path, 'governed-by']);
    if (data.copies !== undefined && data.copies !== 'everything') {
      for (const [index, copied] of data.copies.entries()) check('data', copied, [...path, 'copies', index]);
    }
  }
  for (const [purpose, { basis, data }] of Object.entries(document.purposes)) {
    const path = ['purposes', purpose];
    for (const category of asList(data)) check('data', category, [...path, 'data']);
    findings.push(...checkBases(basis, path, document, places, on));
  }
  for (const [index, section] of (document.sections ?? []).entries()) {
    for (const [at, promise] of (section.promises ?? []).entries()) {
      check('promise', promise, ['sections', index, 'promises', at]);
    }
  }
  for (const [promise, written] of Object.entries(document.promises)) {
    checkPromise(document, promise, written, places, check, findings);
  }
  return findings;
}

type Check = (kind: keyof typeof kinds, name: string, path: DocumentPath) => void;

function checkPromise(
  document: PolicyDocument,
  promise: string,
  written: PromiseAsWritten,
  places: Places,
  check: Check,
  findings: Finding[],
): void {
  const path = ['promises', promise, verbOf(written)];
  const rule = ruleOf(written);
  if (rule === undefined) {
    findings.push(report('verb-later', path, places, { verb: verbOf(written) }));
    return;
  }
  if ('data' in rule) for (const category of rule.data) check('data', category, [...path, 'data']);
  if (rule.verb === 'keep') {
    for (const law of rule.because) check('law', law, [...path, 'because']);
    if (rule.form === 'with') check('data', rule.with, [...path, 'with']);
    if (rule.form === 'rest-of') {
      check('promise', rule.promise, [...path, 'rest-of']);
      requireEnd(document, rule.promise, [...path, 'rest-of'], places, findings);
    }
  }
  if (rule.verb === 'end' && rule.form === 'confirmation') {
    check('promise', rule.confirms, [...path, 'confirms']);
    requireEnd(document, rule.confirms, [...path, 'confirms'], places, findings);
  }
  if (rule.verb === 'end' && rule.form === 'account') {
    for (const [index, exception] of rule.except.entries()) {
      const here = [...path, 'except', index];
      check('promise', exception, here);
      const target = document.promises[exception];
      const kept = target === undefined ? undefined : ruleOf(target);
      if (target !== undefined && !(kept?.verb === 'keep' && kept.form === 'for')) {
        findings.push(report('exception-without-period', here, places, { promise: exception }));
      }
    }
  }
  if (rule.verb === 'protect' && rule.data.length === 0 && !measuresWithoutData.has(rule.measure)) {
    findings.push(report('measure-without-data', path, places, { measure: rule.measure }));
  }
  if (rule.verb === 'record' && rule.facts.length === 0 && rule.never.length === 0) {
    findings.push(report('record-of-nothing', path, places, { promise }));
  }
}

function requireEnd(
  document: PolicyDocument,
  promise: string,
  path: DocumentPath,
  places: Places,
  findings: Finding[],
): void {
  const target = Object.hasOwn(document.promises, promise) ? document.promises[promise] : undefined;
  if (target === undefined) return;
  const rule = ruleOf(target);
  if (rule?.verb === 'end' && rule.form === 'account') return;
  findings.push(report('not-a-contract-end', path, places, { promise }));
}

function checkBases(
  basis: PolicyDocument['purposes'][string]['basis'],
  path: DocumentPath,
  document: PolicyDocument,
  places: Places,
  on: string,
): Finding[] {
  const findings: Finding[] = [];
  for (const [regime, key] of Object.entries(basis)) {
    const here = [...path, 'basis', regime];
    if (!document.organisation.regimes.some((named) => named === regime)) {
      findings.push(report('regime-not-named', here, places, { regime }));
    }
    const known = legalBases
      .filter((entry) => entry.regime === regime && inForceOn(entry, on))
      .map((entry) => entry.key);
    if (known.includes(key)) continue;
    const near = nearestNames(key, known);
    const suggestion = suggest(near.length > 0 ? near : known, near.length > 0);
    findings.push(report('unknown-basis', here, places, { name: key, regime, suggestion }));
  }
  for (const regime of document.organisation.regimes) {
    if (basis[regime] === undefined) findings.push(report('basis-missing', [...path, 'basis'], places, { regime }));
  }
  return findings;
}

const kinds = {
  subject: { 'pt-BR': 'titular em `subjects`', en: 'subject in `subjects`', es: 'titular en `subjects`' },
  data: { 'pt-BR': 'categoria em `data`', en: 'category in `data`', es: 'categoría en `data`' },
  promise: { 'pt-BR': 'promessa em `promises`', en: 'promise in `promises`', es: 'promesa en `promises`' },
  law: { 'pt-BR': 'lei nos pacotes de leis', en: 'law in the law packs', es: 'ley en los paquetes de leyes' },
} as const satisfies Record<string, Wording>;

function namesOf(document: PolicyDocument, on: string): Record<keyof typeof kinds, Set<string>> {
  return {
    subject: new Set(Object.keys(document.subjects)),
    data: new Set(Object.keys(document.data)),
    promise: new Set(Object.keys(document.promises)),
    law: new Set(lawFacts.filter((fact) => inForceOn(fact, on)).map((fact) => fact.key)),
  };
}

function suggest(names: readonly string[], near: boolean): Wording {
  if (names.length === 0) return { 'pt-BR': 'Declare-o antes.', en: 'Declare it first.', es: 'Declárelo antes.' };
  const list = sameInAll(names.join(', '));
  return near
    ? { 'pt-BR': `Você quis dizer ${list.en}?`, en: `Did you mean ${list.en}?`, es: `¿Quiso decir ${list.en}?` }
    : { 'pt-BR': `Existem: ${list.en}.`, en: `There are: ${list.en}.`, es: `Existen: ${list.en}.` };
}

function report(
  code: keyof typeof policyFindings,
  path: DocumentPath,
  places: Places,
  figures: Parameters<typeof findingOf>[4],
): Finding {
  return findingOf(code, policyFindings[code], path, places.valueAt(path), figures);
}
