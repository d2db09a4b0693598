import type { Finding } from './contract.ts';
import { type DocumentPath, findingOf } from './finding-text.ts';
import { asList, type PolicyDocument } from './language.ts';
import { promisesInOrder, rulesOf } from './parse-policy.ts';
import { policyFindings } from './policy-findings.ts';
import type { Places } from './read-yaml.ts';
import type { EraseRule, KeepFor, KeepRule, Rule } from './rule.ts';

/** What a policy forgets: data without a rule or a purpose, promises nobody reads, rules that contradict each other. */
export function checkCoverage(document: PolicyDocument, places: Places): Finding[] {
  const findings: Finding[] = [];
  const report = (code: keyof typeof policyFindings, path: DocumentPath, figures: Record<string, string>) => {
    findings.push(findingOf(code, policyFindings[code], path, places.keyAt(path), figures));
  };
  const rules = rulesOf(document);
  const timed = new Set(rules.flatMap(({ rule }) => (saysHowLong(rule) ? rule.data : [])));
  const used = new Set(Object.values(document.purposes).flatMap(({ data }) => asList(data)));
  for (const category of Object.keys(document.data)) {
    if (!timed.has(category)) report('data-without-rule', ['data', category], { category });
    if (!used.has(category)) report('data-without-purpose', ['data', category], { category });
  }

  const periods = new Map<string, { promise: string; rule: KeepFor }>();
  for (const { promise, rule } of rules) {
    if (rule.verb !== 'keep' || rule.form !== 'for') continue;
    for (const category of rule.data) {
      const earlier = periods.get(category);
      if (earlier === undefined) periods.set(category, { promise, rule });
      else if (earlier.rule.from === rule.from && earlier.rule.for !== rule.for) {
        const figures = { category, promise, other: earlier.promise };
        report('rules-disagree', ['promises', promise, 'keep', 'for'], figures);
      }
    }
  }

  const sections = document.sections;
  if (sections !== undefined) {
    const placed = new Map<string, string>();
    for (const [index, section] of sections.entries()) {
      for (const [at, promise] of (section.promises ?? []).entries()) {
        const path = ['sections', index, 'promises', at];
        const earlier = placed.get(promise);
        if (earlier !== undefined) report('promise-in-two-sections', path, { promise, section: earlier });
        placed.set(promise, section.key);
      }
    }
    for (const promise of promisesInOrder(document)) {
      if (!placed.has(promise)) report('promise-in-no-section', ['promises', promise], { promise });
    }
    const keys = sections.map((section) => section.key);
    for (const [index, key] of keys.entries()) {
      if (keys.indexOf(key) < index) report('section-twice', ['sections', index, 'key'], { section: key });
    }
  }
  return findings;
}

/** An account stays until its person deletes it: that is its period. */
function saysHowLong(rule: Rule): rule is Extract<KeepRule, { data: unknown }> | EraseRule {
  return (rule.verb === 'keep' && 'data' in rule) || (rule.verb === 'erase' && rule.on === 'account-deleted');
}
