import { canonicalJson } from './canonical.ts';
import { checkCoverage } from './check-coverage.ts';
import { checkLaw } from './check-law.ts';
import { checkReferences } from './check-references.ts';
import { checkSentences } from './check-sentences.ts';
import type { Finding } from './contract.ts';
import { inOrder } from './finding-text.ts';
import type { PolicyDocument } from './language.ts';
import { parsePolicy } from './parse-policy.ts';
import type { Places } from './read-yaml.ts';

export interface PolicyCheck {
  /** Undefined where the file cannot be read; findings of severity `error` then say why. */
  readonly document: PolicyDocument | undefined;
  /** Canonical JSON of the file as written; its SHA-256 names the version. */
  readonly canonical: string | undefined;
  /** In the order of the file. A policy with errors cannot be published; warnings and notes are for people to judge. */
  readonly findings: Finding[];
  readonly places: Places;
}

/**
 * Everything that can be said about a policy without looking at a store: whether it reads, whether its references
 * meet, whether its sentences say what its rules do, and where it stands against the law.
 * @param on the civil date whose law applies, `2026-11-20`
 */
export function checkPolicy(source: string, on: string): PolicyCheck {
  const { document, written, findings, places } = parsePolicy(source);
  if (document === undefined || written === undefined) {
    return { document: undefined, canonical: undefined, findings, places };
  }
  const all = [
    ...findings,
    ...checkReferences(document, places, on),
    ...checkCoverage(document, places),
    ...checkSentences(document, places),
    ...checkLaw(document, places, on),
  ];
  return { document, canonical: canonicalJson(written), findings: inOrder(all), places };
}

/** Whether anything forbids publishing. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}
