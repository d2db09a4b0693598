import { z } from 'zod';
import type { Actor, Id } from '../platform/contract.ts';
import { actorSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import { obstacleSchema, type Plan, type PlanStep } from './contract.ts';
import type { StepKind } from './disposal-rule.ts';

/** A step as it is stored: what the contract shows, and how the rule reaches the dataset. */
export interface PlannedStep extends PlanStep {
  readonly kind: StepKind;
}

export async function insertPlan(tx: Tx, plan: Plan, steps: readonly PlannedStep[]): Promise<void> {
  await tx.db
    .insertInto('retention.plan')
    .values({
      organisation_id: tx.organisationId,
      id: plan.id,
      state: plan.state,
      created_at: plan.createdAt,
      planned_for_at: plan.at,
      created_by: JSON.stringify(plan.createdBy),
      decided_by: plan.decidedBy === null ? null : JSON.stringify(plan.decidedBy),
      decided_at: plan.decidedAt,
      policy_hash: plan.policyHash,
      data_map_hash: plan.dataMapHash,
      row_count: plan.rows,
      entry_id: plan.entry,
    })
    .execute();
  if (steps.length === 0) return;
  await tx.db
    .insertInto('retention.plan_step')
    .values(
      steps.map((step) => ({
        organisation_id: tx.organisationId,
        plan_id: plan.id,
        position: step.position,
        kind: step.kind,
        promise: step.promise,
        dataset: step.dataset,
        system: step.system,
        fate: step.fate,
        path: step.path,
        reason: step.reason,
        cutoff_at: step.cutoffAt,
        row_count: step.rows,
        held: step.held,
        excepted: step.excepted,
        oldest_at: step.oldestAt,
        share: step.share,
        seconds: step.seconds,
        wal_bytes: step.walBytes,
        obstacles: JSON.stringify(step.obstacles),
        approved: step.approved,
        brake: step.brake,
        rule_hash: step.ruleHash,
      })),
    )
    .execute();
}

export async function findPlan(tx: Tx, id: Id<'Plan'>): Promise<Plan | undefined> {
  const [plan] = await plansFrom(tx, { id });
  return plan;
}

/** Locks the plan, so that it is decided once. */
export async function lockPlan(tx: Tx, id: Id<'Plan'>): Promise<Plan | undefined> {
  await tx.db
    .selectFrom('retention.plan')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .forUpdate()
    .execute();
  return findPlan(tx, id);
}

export function listPlans(tx: Tx, after: string | undefined, limit: number): Promise<Plan[]> {
  return plansFrom(tx, { after, limit });
}

async function plansFrom(
  tx: Tx,
  which: { readonly id?: string; readonly after?: string | undefined; readonly limit?: number },
): Promise<Plan[]> {
  let query = tx.db.selectFrom('retention.plan').selectAll().where('organisation_id', '=', tx.organisationId);
  if (which.id !== undefined) query = query.where('id', '=', which.id);
  if (which.after !== undefined) query = query.where('id', '<', which.after);
  const rows = await query
    .orderBy('id', 'desc')
    .limit(which.limit ?? 1)
    .execute();
  if (rows.length === 0) return [];
  const steps = await stepsOf(
    tx,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    id: brand<'Plan'>(row.id),
    state: row.state,
    createdAt: row.created_at.toISOString(),
    at: row.planned_for_at.toISOString(),
    createdBy: actorSchema.parse(row.created_by),
    decidedBy: row.decided_by === null ? null : actorSchema.parse(row.decided_by),
    decidedAt: row.decided_at?.toISOString() ?? null,
    policyHash: row.policy_hash,
    dataMapHash: row.data_map_hash,
    rows: Number(row.row_count),
    steps: steps.get(row.id) ?? [],
    entry: row.entry_id === null ? null : brand<'Entry'>(row.entry_id),
  }));
}

async function stepsOf(tx: Tx, plans: readonly string[]): Promise<Map<string, PlannedStep[]>> {
  const rows = await tx.db
    .selectFrom('retention.plan_step')
    .selectAll()
    .where('organisation_id', '=', tx.organisationId)
    .where('plan_id', 'in', plans)
    .orderBy('plan_id')
    .orderBy('position')
    .execute();
  const steps = new Map<string, PlannedStep[]>();
  for (const row of rows) {
    const mine = steps.get(row.plan_id) ?? [];
    steps.set(row.plan_id, mine);
    mine.push({
      position: row.position,
      kind: row.kind,
      promise: row.promise,
      dataset: row.dataset,
      system: row.system,
      fate: row.fate,
      path: row.path,
      reason: row.reason,
      cutoffAt: row.cutoff_at?.toISOString() ?? null,
      rows: Number(row.row_count),
      held: Number(row.held),
      excepted: Number(row.excepted),
      oldestAt: row.oldest_at?.toISOString() ?? null,
      share: row.share,
      seconds: row.seconds,
      walBytes: row.wal_bytes,
      obstacles: z.array(obstacleSchema).parse(row.obstacles),
      approved: row.approved,
      brake: row.brake,
      ruleHash: row.rule_hash,
    });
  }
  return steps;
}

/** Plans that wait give way to a newer one. */
export async function supersedePlans(tx: Tx): Promise<void> {
  await tx.db
    .updateTable('retention.plan')
    .set({ state: 'superseded' })
    .where('organisation_id', '=', tx.organisationId)
    .where('state', '=', 'awaiting-approval')
    .execute();
}

export async function decidePlan(
  tx: Tx,
  id: Id<'Plan'>,
  state: 'approved' | 'rejected',
  by: Actor,
  reason: string | null,
): Promise<void> {
  await tx.db
    .updateTable('retention.plan')
    .set({ state, decided_by: JSON.stringify(by), decided_at: tx.at, decision_reason: reason })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
  if (state === 'approved')
    await tx.db
      .updateTable('retention.plan_step')
      .set({ approved: true })
      .where('organisation_id', '=', tx.organisationId)
      .where('plan_id', '=', id)
      .execute();
}

/** Which of these rules a person has approved as they stand. */
export async function approvedAmong(tx: Tx, ruleHashes: readonly string[]): Promise<Set<string>> {
  if (ruleHashes.length === 0) return new Set();
  const rows = await tx.db
    .selectFrom('retention.approval')
    .select('rule_hash')
    .where('organisation_id', '=', tx.organisationId)
    .where('rule_hash', 'in', ruleHashes)
    .execute();
  return new Set(rows.map((row) => row.rule_hash));
}

export async function approveRules(tx: Tx, plan: Plan, by: Actor): Promise<void> {
  if (plan.steps.length === 0) return;
  await tx.db
    .insertInto('retention.approval')
    .values(
      plan.steps.map((step) => ({
        organisation_id: tx.organisationId,
        rule_hash: step.ruleHash,
        promise: step.promise,
        dataset: step.dataset,
        plan_id: plan.id,
        approved_at: tx.at,
        approved_by: JSON.stringify(by),
      })),
    )
    .onConflict((conflict) => conflict.columns(['organisation_id', 'rule_hash']).doNothing())
    .execute();
}
