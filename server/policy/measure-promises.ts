import { StatementRefused, SystemUnreachable } from '../connectors/connector.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import { Failure, failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { type Measurement, policyProblems } from './contract.ts';
import { findPolicyInForce, type PolicyInForce } from './find-policy.ts';
import { nearestNames } from './nearest.ts';
import type { PromiseRule } from './parse-policy.ts';
import { type Provers, unproven } from './prover.ts';
import { reason } from './reasons.ts';
import { ruleHash } from './rule-hash.ts';
import { insertProof } from './store.ts';

const fail = failuresOf(policyProblems);
const kept: Actor = { kind: 'system', id: 'kept' };

/**
 * Measures promises of the policy in force in the real stores and keeps each proof with a ledger entry of its own. Two
 * measurements of one organisation follow each other, so that the later proof is the later look.
 * @param promises keys; all of the policy where absent. Promises whose verb no engine keeps yet are passed over.
 * @throws Failure `no-policy`, `promise-not-found`
 */
export async function measurePromises(
  platform: Platform,
  provers: Provers,
  organisationId: OrganisationId,
  promises?: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const lock = await platform.db.lock(`policy.measure.${organisationId}`, 'exclusive');
  try {
    const policy = await platform.db.transaction(organisationId, findPolicyInForce);
    if (policy === undefined) throw fail('no-policy', 'Publish a policy first.');
    for (const promise of chosen(policy, promises)) {
      signal?.throwIfAborted();
      const at = platform.clock.now();
      const measured = await look(platform, provers, organisationId, promise, at);
      await keepProof(platform, organisationId, policy, promise, { ...measured, measuredAt: at.toISOString() });
    }
  } finally {
    await lock.release();
  }
}

function chosen(policy: PolicyInForce, promises: readonly string[] | undefined): readonly PromiseRule[] {
  if (promises === undefined) return policy.promises;
  const known = Object.keys(policy.document.promises);
  for (const promise of promises) {
    if (known.includes(promise)) continue;
    const near = nearestNames(promise, known);
    const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
    throw fail('promise-not-found', `The policy has no promise ${promise}.${hint}`);
  }
  return policy.promises.filter(({ promise }) => promises.includes(promise));
}

/** One look. What goes wrong on the way is the reason why the promise is unproven, and never a reason to call it kept. */
async function look(
  platform: Platform,
  provers: Provers,
  organisationId: OrganisationId,
  { promise, rule }: PromiseRule,
  at: Date,
): Promise<Omit<Measurement, 'measuredAt'>> {
  const prover = provers.proverOf(rule);
  if (prover === undefined) {
    if (rule.verb === 'keep' && rule.form === 'set-by') {
      return unproven(reason('no-rule-can-execute', { setBy: rule.setBy }));
    }
    return unproven(reason('no-prover', { verb: rule.verb }));
  }
  try {
    return await prover.prove(platform, organisationId, { promise, rule }, at);
  } catch (error) {
    if (error instanceof SystemUnreachable) {
      return unproven(reason('system-unreachable', { explanation: error.message, remedy: error.remedy }));
    }
    if (error instanceof StatementRefused) {
      return unproven(reason('system-refused', { explanation: error.message, remedy: error.remedy }));
    }
    if (error instanceof Failure) {
      return unproven(reason('measurement-failed', { code: error.code, detail: error.message }));
    }
    // A mistake of ours in one prover must not hide the others' results: it is logged, and the promise is unproven.
    platform.log.error({ err: error, prover: prover.name, promise }, 'a measurement stopped with an error');
    return unproven(reason('measurement-crashed'));
  }
}

async function keepProof(
  platform: Platform,
  organisationId: OrganisationId,
  policy: PolicyInForce,
  { promise, rule }: PromiseRule,
  measurement: Measurement,
): Promise<void> {
  const { status, measuredAt, places } = measurement;
  const sum = (figure: 'rows' | 'due' | 'broken' | 'held' | 'excepted') =>
    places.reduce((total, place) => total + place[figure], 0);
  await platform.db.transaction(organisationId, async (tx) => {
    const entry = await recordEntry(tx, {
      kind: 'promise.measured',
      actor: kept,
      body: {
        promise,
        version: policy.hash,
        status,
        reason: measurement.reason?.code ?? null,
        measuredAt,
        counts: {
          rows: sum('rows'),
          due: sum('due'),
          broken: sum('broken'),
          held: sum('held'),
          excepted: sum('excepted'),
        },
      },
    });
    await insertProof(tx, { promise, ruleHash: ruleHash(rule), versionHash: policy.hash, measurement, entry });
  });
}
