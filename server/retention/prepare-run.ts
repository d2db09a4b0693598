import { recordEntry } from '../ledger/record-entry.ts';
import { readGone } from './basis.ts';
import { beginContractEnds } from './begin-contract-ends.ts';
import type { Circumstances, GoneAccount } from './disposal-condition.ts';
import type { DisposalRule } from './disposal-rule.ts';
import type { Drive } from './drive.ts';
import { retryErasures } from './erase.ts';
import { erasuresOfRun } from './erasure-store.ts';
import { listHeld } from './hold-store.ts';
import { observeOrganisation } from './observe-accounts.ts';
import { circumstancesOf } from './plan-disposal.ts';
import { approvedAmong, findPlan } from './plan-store.ts';
import { prospectsOf } from './prospect.ts';
import { findRun, insertSteps, listSteps, type NewStep, type StepRecord } from './run-store.ts';

/**
 * Works out, once, what a run is to do: which rules, in which order, up to which cutoff. From then on that is frozen;
 * what changes afterwards is a matter of the next run.
 */
export async function prepareRun(drive: Drive): Promise<void> {
  const { platform, organisationId, run } = drive;
  const known = await platform.db.transaction(organisationId, async (tx) => ({
    steps: await listSteps(tx, run.id),
    startedAt: (await findRun(tx, run.id))?.startedAt ?? tx.at,
  }));
  if (known.steps.length > 0) return;
  if (isGeneral(drive)) {
    await observeOrganisation(platform, organisationId, drive.systems);
    if (!run.isCautious) await beginContractEnds(platform, organisationId, { plan: run.plan, retryHeld: true });
    await retryErasures(platform, organisationId);
  }
  const at = known.startedAt;
  const steps = await newSteps(drive, at);
  await platform.db.transaction(organisationId, async (tx) => {
    if ((await listSteps(tx, run.id)).length > 0) return;
    await insertSteps(tx, run.id, steps);
    await recordEntry(tx, {
      kind: 'disposal.started',
      actor: run.startedBy,
      body: { run: run.id, cause: run.cause, plan: run.plan, cutoff: at.toISOString(), steps: steps.length },
    });
  });
}

/**
 * The steps that are still to be carried out, leaf first. Worked out anew whenever a run is taken up, since a system
 * that did not answer when the run was made could not tell what points at what.
 */
export async function inOrder(drive: Drive, steps: readonly StepRecord[]): Promise<StepRecord[]> {
  const { platform, organisationId, basis, run } = drive;
  const rules = basis.rules.filter((rule) => steps.some((step) => step.ruleHash === rule.ruleHash));
  const holds = await platform.db.transaction(organisationId, listHeld);
  const circumstances = circumstancesOf(basis, [], run.createdAt);
  const prospects = await prospectsOf(basis, rules, circumstances, holds, drive.systems);
  const rank = new Map(prospects.map(({ rule }, index) => [rule.ruleHash, index]));
  return [...steps].sort((one, other) => (rank.get(one.ruleHash) ?? -1) - (rank.get(other.ruleHash) ?? -1));
}

/** Whether the run is about everything, and not about one account's end or one event. */
function isGeneral(drive: Drive): boolean {
  return drive.run.cause !== 'contract-end' && drive.run.cause !== 'event';
}

interface Task {
  readonly rules: readonly DisposalRule[];
  readonly circumstances: Circumstances;
}

async function newSteps(drive: Drive, at: Date): Promise<NewStep[]> {
  const { platform, organisationId, basis } = drive;
  const task = await taskOf(drive, at);
  const { holds, approved, released } = await platform.db.transaction(organisationId, async (tx) => ({
    holds: await listHeld(tx),
    approved: await approvedAmong(
      tx,
      task.rules.map((rule) => rule.ruleHash),
    ),
    released: await releasedRows(drive, tx),
  }));
  const prospects = await prospectsOf(basis, task.rules, task.circumstances, holds, drive.systems);
  return prospects.flatMap(({ rule, aim }): NewStep[] => {
    if (aim === null && rule.obstacle === null) return [];
    const common = {
      kind: rule.kind,
      promise: rule.promise,
      dataset: rule.dataset,
      system: rule.system,
      fate: rule.fate,
      ruleHash: rule.ruleHash,
      condition: aim?.condition ?? { kind: 'all' as const, of: [] },
      cutoffAt: aim?.cutoffAt ?? null,
      releasedRows: released.get(rule.ruleHash) ?? null,
    };
    if (!approved.has(rule.ruleHash))
      return [{ ...common, state: 'skipped', reason: 'The rule waits for a person to approve its plan.' }];
    if (rule.obstacle !== null)
      return [{ ...common, state: 'skipped', reason: `${rule.obstacle.explanation} ${rule.obstacle.remedy}` }];
    return [{ ...common, state: 'waiting', reason: null }];
  });
}

/** Rows that whoever approved the plan saw, by rule: the brake lets them pass. */
async function releasedRows(drive: Drive, tx: Parameters<typeof findPlan>[0]): Promise<Map<string, number>> {
  const plan = drive.run.plan === null ? undefined : await findPlan(tx, drive.run.plan);
  return new Map((plan?.steps ?? []).map((step) => [step.ruleHash, step.rows]));
}

async function taskOf(drive: Drive, at: Date): Promise<Task> {
  const { platform, organisationId, basis, run } = drive;
  const gone = await platform.db.transaction(organisationId, (tx) => readGone(tx, basis));
  if (run.cause === 'contract-end')
    return {
      rules: basis.rules.filter((rule) => rule.kind === 'end'),
      circumstances: circumstancesOf(
        basis,
        gone.filter(({ account }) => account === run.account),
        at,
      ),
    };
  if (run.cause === 'event') {
    const erasures = await platform.db.transaction(organisationId, (tx) => erasuresOfRun(tx, run.id));
    const values = [...new Set(erasures.map(({ value }) => value))];
    return {
      rules: basis.rules.filter(
        (rule) =>
          rule.kind === 'event' &&
          erasures.some(({ promise, dataset }) => promise === rule.promise && dataset === rule.dataset),
      ),
      circumstances: { ...circumstancesOf(basis, [], at), values },
    };
  }
  return {
    rules: basis.rules.filter((rule) => rule.kind !== 'event'),
    // Accounts whose end has a run of its own are left to that, so that its report is complete.
    circumstances: circumstancesOf(basis, gone.filter(isSettled), at),
  };
}

function isSettled(account: GoneAccount): boolean {
  return !account.ending;
}
