import { sha256Hex } from '../server/policy/canonical.ts';
import { checkPolicy } from '../server/policy/check-policy.ts';
import type { Finding } from '../server/policy/contract.ts';
import { formatPolicy } from '../server/policy/format-policy.ts';
import type { PolicyDocument } from '../server/policy/language.ts';
import { nearestNames as nearest } from '../server/policy/nearest.ts';
import { parsePolicy } from '../server/policy/parse-policy.ts';

/**
 * Reads and checks policy files offline, in Node and in browsers.
 *
 * ```ts
 * import { checkPolicySource } from '@kept/sdk/policy';
 * const { findings } = await checkPolicySource(await readFile('policy.yaml', 'utf8'));
 * ```
 */
export interface CheckedPolicy {
  /** The hash that would name the version, null where the file cannot be read as a policy. */
  readonly hash: string | null;
  /** In the order of the file; with one of severity `error` it cannot be published. */
  readonly findings: Finding[];
}

/**
 * What is wrong with a policy, with line, why, article and remedy.
 * @param on the civil date whose law applies, `2026-11-20`; today in UTC when left out
 */
export async function checkPolicySource(
  source: string,
  on = new Date().toISOString().slice(0, 10),
): Promise<CheckedPolicy> {
  const { canonical, findings } = checkPolicy(source, on);
  return { hash: canonical === undefined ? null : await sha256Hex(canonical), findings };
}

/** The policy as data; undefined where it cannot be read, and `checkPolicySource` says why. */
export function readPolicySource(source: string): PolicyDocument | undefined {
  return parsePolicy(source).document;
}

/** The policy in its canonical form; undefined with findings where the text is no YAML that Kept accepts. */
export function formatPolicySource(source: string): { text: string | undefined; findings: Finding[] } {
  return formatPolicy(source);
}

/** Known names near an unknown one, best first. */
export function nearestNames(name: string, known: Iterable<string>): string[] {
  return nearest(name, known);
}
