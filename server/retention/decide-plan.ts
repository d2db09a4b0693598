import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { type Plan, retentionProblems } from './contract.ts';
import { approveRules, decidePlan, findPlan, lockPlan } from './plan-store.ts';
import { queueRun } from './queue-run.ts';

const fail = failuresOf(retentionProblems);

/**
 * Approves a plan: its rules may run from now on, and it runs once, now.
 * @param rows the number the approver saw, so that nobody approves another plan than they read
 * @throws Failure `plan-not-found`, `plan-not-awaiting`, `plan-has-obstacles`, `plan-rows-differ`
 */
export async function approvePlan(platform: Platform, tx: Tx, id: Id<'Plan'>, rows: number, by: Actor): Promise<Plan> {
  const plan = await awaiting(tx, id);
  if (plan.rows !== rows)
    throw fail('plan-rows-differ', `The plan takes ${plan.rows} rows, not ${rows}. Read it again before approving it.`);
  const blocked = plan.steps.filter((step) => step.obstacles.length > 0);
  if (blocked.length > 0)
    throw fail('plan-has-obstacles', 'Clear the obstacles and plan again, or plan fewer promises.', {
      issues: blocked.flatMap((step) =>
        step.obstacles.map((obstacle) => ({
          path: `${step.promise}/${step.dataset}`,
          message: `${obstacle.explanation} ${obstacle.remedy}`,
        })),
      ),
    });
  await decidePlan(tx, id, 'approved', by, null);
  await approveRules(tx, plan, by);
  await recordEntry(tx, { kind: 'disposal.approved', actor: by, body: { plan: id, rows } });
  await queueRun(platform, tx, { cause: 'person', by, plan: id });
  return decided(tx, id);
}

/** @throws Failure `plan-not-found`, `plan-not-awaiting` */
export async function rejectPlan(tx: Tx, id: Id<'Plan'>, reason: string, by: Actor): Promise<Plan> {
  await awaiting(tx, id);
  await decidePlan(tx, id, 'rejected', by, reason);
  await recordEntry(tx, { kind: 'disposal.rejected', actor: by, body: { plan: id } });
  return decided(tx, id);
}

async function awaiting(tx: Tx, id: Id<'Plan'>): Promise<Plan> {
  const plan = await lockPlan(tx, id);
  if (plan === undefined) throw fail('plan-not-found', `There is no plan ${id}.`);
  if (plan.state !== 'awaiting-approval') throw fail('plan-not-awaiting', `The plan is ${plan.state}.`);
  return plan;
}

async function decided(tx: Tx, id: Id<'Plan'>): Promise<Plan> {
  const plan = await findPlan(tx, id);
  if (plan === undefined) throw new Error('a plan that was just decided is not there');
  return plan;
}
