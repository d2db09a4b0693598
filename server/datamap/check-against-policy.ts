import type { PolicyDocument } from '../policy/language.ts';
import { type PromiseRule, rulesOf } from '../policy/parse-policy.ts';
import { type Fate, type ProtectiveMeasure, type RecordRule, receivedEvents } from '../policy/rule.ts';
import type { DataMap, Dataset } from './contract.ts';
import { type Report, suggestionFor } from './finding-report.ts';
import { datasetsCovering } from './target-of.ts';

/** Whether every promise finds in the map what it needs: a dataset, its clock, its account, its fields. */
export function checkAgainstPolicy(map: DataMap, policy: PolicyDocument, report: Report): void {
  const rules = rulesOf(policy);
  for (const promise of rules) checkPromise(map, promise, report);
  const reached = new Set(
    rules.flatMap(({ rule }) => ('data' in rule && rule.verb !== 'protect' && rule.verb !== 'record' ? rule.data : [])),
  );
  for (const [dataset, bound] of Object.entries(map.datasets)) {
    for (const [index, category] of bound.covers.entries()) {
      if (reached.has(category) || !Object.hasOwn(policy.data, category)) continue;
      report('not-covered-by-rule', ['datasets', dataset, 'covers', index], { dataset, category });
    }
  }
}

function checkPromise(map: DataMap, { promise, rule }: PromiseRule, report: Report): void {
  if (rule.verb === 'end') {
    if (map.accounts === undefined) report('accounts-missing', [], { promise });
    else if (rule.form === 'confirmation' && map.accounts['owner-email'] === undefined) {
      report('owner-email-missing', ['accounts'], { promise });
    }
    return;
  }
  if (!('data' in rule) || (rule.verb === 'keep' && rule.form === 'set-by')) return;
  for (const category of rule.data) {
    const datasets = boundTo(map, category);
    if (datasets.length === 0) {
      const known = Object.entries(map.datasets).flatMap(([name, bound]) => [name, ...bound.covers]);
      const suggestion = suggestionFor(category, [...new Set(known)]);
      report('category-without-dataset', ['datasets'], { promise, category, suggestion });
      continue;
    }
    if (rule.verb === 'keep') {
      for (const [dataset, bound] of datasets) {
        if (rule.form === 'for') checkClock(promise, rule.from, dataset, bound, map, report);
        if (rule.form === 'while') checkAccount(promise, dataset, bound, map, report);
        checkFate(promise, rule.then, dataset, bound, map, report);
      }
    }
    if (rule.verb === 'erase' && receivedEvents.has(rule.on)) {
      for (const [dataset, bound] of datasets) {
        if (Object.hasOwn(bound.events, rule.on)) continue;
        report('event-missing', ['datasets', dataset], { promise, event: rule.on, dataset });
      }
    }
    if (rule.verb === 'protect') {
      for (const [dataset, bound] of datasets) checkField(promise, rule.measure, dataset, bound, report);
    }
    if (rule.verb === 'record')
      for (const [dataset, bound] of datasets) checkFacts(promise, rule, dataset, bound, report);
  }
  if (rule.verb === 'keep' && rule.form === 'while' && map.accounts === undefined) {
    report('accounts-missing', [], { promise });
  }
}

function boundTo(map: DataMap, category: string): [string, Dataset][] {
  return datasetsCovering(map, category).flatMap((name): [string, Dataset][] => {
    const bound = map.datasets[name];
    return bound === undefined ? [] : [[name, bound]];
  });
}

function checkClock(
  promise: string,
  clock: string,
  dataset: string,
  bound: Dataset,
  map: DataMap,
  report: Report,
): void {
  // A file's clock is its own: the time it was written, or the date in its name.
  if (holdsFiles(map, bound) || Object.hasOwn(bound.clocks, clock)) return;
  const suggestion = suggestionFor(clock, Object.keys(bound.clocks));
  report('clock-missing', ['datasets', dataset, 'clocks'], { promise, clock, dataset, suggestion });
}

/** Whether a dataset is files, in a folder or a bucket, which know their age and nothing else. */
function holdsFiles(map: DataMap, bound: Dataset): boolean {
  const kind = map.systems[bound.system]?.kind;
  return kind === 'folder' || kind === 's3';
}

function checkAccount(promise: string, dataset: string, bound: Dataset, map: DataMap, report: Report): void {
  if (bound.account !== undefined || holdsFiles(map, bound)) return;
  report('account-missing', ['datasets', dataset], { promise, dataset });
}

function checkFate(promise: string, fate: Fate, dataset: string, bound: Dataset, map: DataMap, report: Report): void {
  const kind = map.systems[bound.system]?.kind;
  if (kind === undefined) return;
  const fits = kind === 'postgres' ? fate !== 'expire' : fate !== 'anonymise';
  if (!fits) report('fate-does-not-fit', ['datasets', dataset, 'system'], { promise, fate, dataset, kind });
  if (kind === 'postgres' && fate === 'anonymise' && Object.keys(bound.anonymise).length === 0) {
    report('anonymise-missing', ['datasets', dataset], { promise, dataset });
  }
}

function checkFacts(promise: string, rule: RecordRule, dataset: string, bound: Dataset, report: Report): void {
  for (const fact of rule.facts) {
    if (Object.hasOwn(bound.facts ?? {}, fact)) continue;
    const suggestion = suggestionFor(fact, Object.keys(bound.facts ?? {}));
    report('fact-missing', ['datasets', dataset], { promise, fact, dataset, suggestion });
  }
  if (rule.never.length > 0 && bound.fields.text === undefined) {
    report('field-missing', ['datasets', dataset], { promise, measure: 'never', dataset, field: 'text' });
  }
}

/** What a probe needs to be told of a dataset. */
const fieldOf: Readonly<Record<ProtectiveMeasure, keyof Dataset['fields'] | null>> = {
  'encrypted-field': 'secret',
  'keys-present': 'key-reference',
  'anonymised-ip': 'ip',
  'no-identifiers': 'text',
  'space-released': null,
  'hashed-secrets': 'hash',
  'second-factor': null,
  'least-privilege': null,
  'sign-in-limits': null,
  'encrypted-in-transit': null,
  'session-cookies': null,
  'sealed-secrets': null,
  'opt-outs-honoured': null,
  'mail-purposes': null,
  'dpo-channel': null,
  'signed-webhooks': null,
};

function checkField(
  promise: string,
  measure: ProtectiveMeasure,
  dataset: string,
  bound: Dataset,
  report: Report,
): void {
  const field = fieldOf[measure];
  if (field === null || bound.fields[field] !== undefined) return;
  report('field-missing', ['datasets', dataset], { promise, measure, dataset, field });
}
