import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { type Prover, type Provers, unproven } from '../policy/prover.ts';
import { reason } from '../policy/reasons.ts';
import type { Rule } from '../policy/rule.ts';
import { type Look, withLook } from './look.ts';
import { proveConfirmation, proveContractEnd } from './prove-contract-end.ts';
import { proveErasure } from './prove-erasure.ts';
import { proveEvery } from './prove-every.ts';
import { proveKeep } from './prove-keep.ts';
import { proveRest } from './prove-rest.ts';
import type { Proved } from './verdict.ts';

/** Registers who proves `keep`, `erase` and `end`: always by counting in the store itself. */
export function registerRetentionProvers(provers: Provers): void {
  for (const prover of [keepProver, eraseProver, endProver]) provers.registerProver(prover);
}

const keepProver: Prover = {
  name: 'keep',
  // A period that somebody else sets can be neither carried out nor measured here.
  proves: (rule) => rule.verb === 'keep' && rule.form !== 'set-by',
  prove: (platform, organisationId, { promise, rule }, at) =>
    looking(platform, organisationId, rule, at, (look) => proveKeeping(look, promise, rule)),
};

const eraseProver: Prover = {
  name: 'erase',
  // What people delete of their own at Kept is measured by whoever knows who they were.
  proves: (rule) => rule.verb === 'erase' && rule.on !== 'account-deleted',
  prove: (platform, organisationId, { promise, rule }, at) =>
    looking(platform, organisationId, rule, at, (look) => {
      if (rule.verb !== 'erase') throw new Error(`the prover of erase was asked about ${rule.verb}`);
      return proveErasure(look, promise, rule);
    }),
};

const endProver: Prover = {
  name: 'end',
  proves: (rule) => rule.verb === 'end',
  prove: (platform, organisationId, { promise, rule }, at) =>
    looking(platform, organisationId, rule, at, (look) => {
      if (rule.verb !== 'end') throw new Error(`the prover of end was asked about ${rule.verb}`);
      return rule.form === 'account' ? proveContractEnd(look, promise) : proveConfirmation(look, rule);
    }),
};

async function looking(
  platform: Platform,
  organisationId: OrganisationId,
  rule: Rule,
  at: Date,
  prove: (look: Look) => Promise<Proved>,
): Promise<Proved> {
  const proved = await withLook(platform, organisationId, at, followsAccounts(rule), prove);
  return proved ?? unproven(reason('no-data-map'));
}

/** Whether the promise depends on which accounts are active. */
function followsAccounts(rule: Rule): boolean {
  if (rule.verb === 'keep') return rule.form === 'while' || rule.form === 'every';
  return rule.verb === 'end' && rule.form === 'account';
}

/** One `keep` promise by its form. */
export async function proveKeeping(look: Look, promise: string, rule: Rule): Promise<Proved> {
  if (rule.verb !== 'keep') throw new Error(`the prover of keep was asked about ${rule.verb}`);
  switch (rule.form) {
    case 'for':
    case 'while':
    case 'with':
      return proveKeep(look, promise, rule);
    case 'every':
      return proveEvery(look, promise, proveKeeping);
    case 'rest-of':
      return proveRest(look, rule);
    case 'set-by':
      return unproven(reason('no-rule-can-execute', { setBy: rule.setBy }));
  }
}
