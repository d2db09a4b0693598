import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import { failuresOf, type InputIssue } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { nearestNames } from '../policy/nearest.ts';
import { type Basis, findBasis, readGone } from './basis.ts';
import { brakeReason, defaultLimit } from './brake.ts';
import { type HoldTarget, type Plan, retentionProblems } from './contract.ts';
import { type Circumstances, countedCondition, type GoneAccount } from './disposal-condition.ts';
import type { DisposalRule } from './disposal-rule.ts';
import { listHeld } from './hold-store.ts';
import { looseFiles, volumesOf } from './loose-files.ts';
import { observeOrganisation } from './observe-accounts.ts';
import { approvedAmong, insertPlan, type PlannedStep, supersedePlans } from './plan-store.ts';
import { type Prospect, prospectsOf } from './prospect.ts';
import { readHabit } from './run-store.ts';
import { obstacleFrom, type Systems, troubleOf, withSystems } from './systems.ts';

const fail = failuresOf(retentionProblems);

export interface PlanRequest {
  /** Answers "what would go on date D": the plan is then a draft that cannot be approved. */
  readonly at?: Date;
  /** Only these promises; all when absent. */
  readonly promises?: readonly string[];
  readonly by: Actor;
}

/** A plan, if there is a rule that nobody has approved as it stands. */
export async function planNewRules(
  platform: Platform,
  organisationId: OrganisationId,
  by: Actor,
): Promise<Plan | null> {
  const { basis, steps, at } = await workOut(platform, organisationId, { by });
  if (steps.every((step) => step.approved)) return null;
  return store(platform, organisationId, basis, steps, at, { by });
}

/**
 * Works out what would go, in which order, how and why, by looking at every store. Nothing is touched.
 * @throws Failure `nothing-to-plan`, `plan-refused` (with the nearest names of what does not exist)
 */
export async function planDisposal(
  platform: Platform,
  organisationId: OrganisationId,
  request: PlanRequest,
): Promise<Plan> {
  const { basis, steps, at } = await workOut(platform, organisationId, request);
  return store(platform, organisationId, basis, steps, at, request);
}

async function workOut(
  platform: Platform,
  organisationId: OrganisationId,
  request: PlanRequest,
): Promise<{ readonly basis: Basis; readonly steps: readonly PlannedStep[]; readonly at: Date }> {
  // Who is a customer now decides what goes; where that cannot be read, what was known last counts.
  await observeOrganisation(platform, organisationId);
  const known = await platform.db.transaction(organisationId, async (tx) => {
    const basis = await findBasis(tx);
    if (basis === undefined)
      throw fail('nothing-to-plan', 'Publish a policy and a data map first; a plan follows from both.');
    refuseUnknown(basis, request.promises);
    const rules = wanted(basis, request.promises);
    const approved = await approvedAmong(
      tx,
      rules.map((rule) => rule.ruleHash),
    );
    const habits = new Map<string, number[]>();
    for (const rule of rules) habits.set(rule.ruleHash, await readHabit(tx, rule));
    return { basis, rules, approved, habits, holds: await listHeld(tx), gone: await readGone(tx, basis), at: tx.at };
  });
  const at = request.at ?? known.at;
  const steps = await withSystems(platform, organisationId, known.basis.map, async (systems) => {
    const circumstances = circumstancesOf(known.basis, known.gone, at);
    const prospects = await prospectsOf(known.basis, known.rules, circumstances, known.holds, systems);
    const planned: PlannedStep[] = [];
    for (const prospect of prospects) planned.push(await planStep(known, prospect, planned.length + 1, systems));
    return planned;
  });
  return { basis: known.basis, steps, at };
}

/** What conditions are made from; `values` stays empty, since a plan knows no events. */
export function circumstancesOf(basis: Basis, gone: readonly GoneAccount[], at: Date): Circumstances {
  const grace = basis.end?.rule.grace ?? null;
  return { at, calendar: basis.calendar, map: basis.map, gone, grace, values: [] };
}

function refuseUnknown(basis: Basis, promises: readonly string[] | undefined): void {
  const known = basis.policy.promises.map(({ promise }) => promise);
  const issues: InputIssue[] = [];
  for (const promise of promises ?? [])
    if (!known.includes(promise))
      issues.push({ path: promise, message: `There is no such promise.${nearby(nearestNames(promise, known))}` });
  for (const { promise, data, nearest } of basis.missing)
    if (promises === undefined || promises.includes(promise))
      issues.push({ path: promise, message: `No dataset of the data map holds “${data}”.${nearby(nearest)}` });
  if (issues.length === 0) return;
  const list = issues.map(({ path, message }) => `${path}: ${message}`).join('\n');
  throw fail('plan-refused', list, { issues });
}

function nearby(names: readonly string[]): string {
  return names.length === 0 ? '' : ` Nearest: ${names.join(', ')}.`;
}

function wanted(basis: Basis, promises: readonly string[] | undefined): readonly DisposalRule[] {
  return basis.rules.filter((rule) => promises === undefined || promises.includes(rule.promise));
}

interface Known {
  readonly basis: Basis;
  readonly approved: ReadonlySet<string>;
  readonly habits: ReadonlyMap<string, readonly number[]>;
  readonly holds: readonly HoldTarget[];
}

interface Tally {
  readonly rows: number;
  readonly total: number;
  readonly held: number;
  readonly excepted: number;
  readonly oldestAt: Date | null;
  readonly seconds: number;
  readonly walBytes: number;
}

const nothing: Tally = { rows: 0, total: 0, held: 0, excepted: 0, oldestAt: null, seconds: 0, walBytes: 0 };

async function planStep(known: Known, prospect: Prospect, position: number, systems: Systems): Promise<PlannedStep> {
  const { rule, inspection } = prospect;
  const obstacles = [...prospect.obstacles];
  let tally = nothing;
  if (obstacles.length === 0) {
    try {
      tally = await tallyOf(known.basis, prospect, systems);
    } catch (error) {
      obstacles.push(obstacleFrom(rule.dataset, troubleOf(error)));
    }
  }
  const { rows, total } = tally;
  const habit = known.habits.get(rule.ruleHash) ?? [];
  const reasons = [inspection?.pathReason ?? '', prospect.orderReason, waitsFor(rule)];
  return {
    position,
    kind: rule.kind,
    promise: rule.promise,
    dataset: rule.dataset,
    system: rule.system,
    fate: rule.fate,
    path: rule.kind === 'loose-files' ? 'file' : (inspection?.path ?? null),
    reason: reasons.filter((reason) => reason !== '').join(' '),
    cutoffAt: prospect.aim?.cutoffAt?.toISOString() ?? null,
    rows,
    held: tally.held,
    excepted: tally.excepted,
    oldestAt: tally.oldestAt?.toISOString() ?? null,
    share: total === 0 ? 0 : Math.min(1, rows / total),
    seconds: tally.seconds,
    walBytes: tally.walBytes,
    obstacles: obstacles.map((obstacle) => ({ ...obstacle, nearest: [...obstacle.nearest] })),
    approved: known.approved.has(rule.ruleHash),
    brake: brakeReason({ rows, total, limit: rule.binding.brake ?? defaultLimit, habit }),
    ruleHash: rule.ruleHash,
  };
}

function waitsFor(rule: DisposalRule): string {
  if (rule.kind === 'event') return 'Waits for events; nothing goes by itself.';
  if (rule.kind === 'end') return 'Takes what is left of accounts whose grace is over.';
  if (rule.kind === 'follows') return 'Takes rows before the rows they go with, which are due.';
  if (rule.kind === 'orphans') return 'Takes rows whose owner is not there any more.';
  if (rule.kind === 'loose-files') return 'Takes files that no row names any more.';
  return '';
}

async function tallyOf(basis: Basis, prospect: Prospect, systems: Systems): Promise<Tally> {
  const { rule, aim, target, exclusion } = prospect;
  if (aim === null) return nothing;
  if (rule.kind === 'loose-files') return tallyFiles(basis, prospect, systems);
  const system = await systems.get(rule.system);
  const condition = countedCondition(rule, aim.condition);
  const found = await system.estimate(target, condition, exclusion, aim.clock);
  const excepted = await exceptedOf(prospect, found.matching, systems);
  return {
    rows: found.matching,
    total: found.rows,
    held: found.excluded,
    excepted,
    oldestAt: found.oldestMatchingAt,
    seconds: found.seconds,
    walBytes: found.walBytes,
  };
}

/** Rows past their own period that another promise's statutory period still keeps. */
async function exceptedOf(prospect: Prospect, matching: number, systems: Systems): Promise<number> {
  const { rule, aim, target, exclusion } = prospect;
  if (rule.floors.length === 0 || aim?.cutoffAt === null || aim?.clock == null) return 0;
  const own = countedCondition(rule, { kind: 'older', clock: aim.clock, before: aim.cutoffAt });
  const system = await systems.get(rule.system);
  const found = await system.estimate(target, own, exclusion, aim.clock);
  return Math.max(0, found.matching - matching);
}

async function tallyFiles(basis: Basis, prospect: Prospect, systems: Systems): Promise<Tally> {
  let rows = 0;
  let total = 0;
  let oldestAt: Date | null = null;
  for (const volume of volumesOf(basis, prospect.rule.dataset)) {
    for await (const file of looseFiles(volume, systems, () => (total += 1))) {
      if (prospect.aim?.cutoffAt == null || file.modifiedAt >= prospect.aim.cutoffAt) continue;
      rows += 1;
      if (oldestAt === null || file.modifiedAt < oldestAt) oldestAt = file.modifiedAt;
    }
  }
  return { ...nothing, rows, total, oldestAt, seconds: rows / 1000 };
}

async function store(
  platform: Platform,
  organisationId: OrganisationId,
  basis: Basis,
  steps: readonly PlannedStep[],
  at: Date,
  request: PlanRequest,
): Promise<Plan> {
  const rows = steps.reduce((sum, step) => sum + step.rows, 0);
  const draft = request.at !== undefined;
  return platform.db.transaction(organisationId, async (tx) => {
    const id = newId<'Plan'>(tx.at);
    const entry = await recordEntry(tx, {
      kind: 'disposal.planned',
      actor: request.by,
      body: { plan: id, rows, steps: steps.length, cutoff: at.toISOString(), draft },
    });
    const waits = steps.some((step) => !step.approved);
    const plan: Plan = {
      id,
      state: draft ? 'draft' : waits ? 'awaiting-approval' : 'approved',
      createdAt: tx.at.toISOString(),
      at: at.toISOString(),
      createdBy: request.by,
      decidedBy: null,
      decidedAt: null,
      policyHash: basis.policy.hash,
      dataMapHash: basis.dataMapHash,
      rows,
      steps: [...steps],
      entry,
    };
    if (!draft) await supersedePlans(tx);
    await insertPlan(tx, plan, steps);
    return plan;
  });
}
