import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import type { Rule } from './rule.ts';

/** Names a rule by what it says, so that the proof of one rule is never taken for the proof of another. */
export function ruleHash(rule: Rule): string {
  return createHash('sha256')
    .update(canonicalJson({ ...rule }))
    .digest('hex');
}
