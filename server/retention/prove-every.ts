import type { PlaceMeasure, Reason, Status } from '../policy/contract.ts';
import { reason } from '../policy/reasons.ts';
import type { Rule } from '../policy/rule.ts';
import type { Look } from './look.ts';
import { ageless, type Proved, worstOf } from './verdict.ts';

/**
 * Everything the policy names has a rule, and every such rule holds: all of them are measured anew, since the last proof
 * of another promise says how things were then. A period that another company sets is a finding of its own and counts
 * as a rule.
 */
export async function proveEvery(
  look: Look,
  promise: string,
  proveKeeping: (look: Look, promise: string, rule: Rule) => Promise<Proved>,
): Promise<Proved> {
  const { policy } = look.basis;
  const covered = new Set<string>();
  const places: PlaceMeasure[] = [];
  const verdicts: { readonly status: Status; readonly reason: Reason | null }[] = [];
  for (const { promise: other, rule } of policy.promises) {
    if (rule.verb !== 'keep' || other === promise || rule.form === 'every') continue;
    if ('data' in rule) for (const data of rule.data) covered.add(data);
    if (rule.form === 'set-by') continue;
    const proved = await proveKeeping(look, other, rule);
    verdicts.push(proved);
    places.push(...proved.places);
  }
  const bare = Object.keys(policy.document.data).find((data) => !covered.has(data));
  if (bare !== undefined) verdicts.push({ status: 'broken', reason: reason('category-without-rule', { data: bare }) });
  const status = worstOf(verdicts.map((verdict) => verdict.status));
  const worst = verdicts.find((verdict) => verdict.status === status);
  return { ...ageless(places, worst?.reason ?? null), status };
}
