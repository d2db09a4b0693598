import type { ConnectedSystem, Measure, Obstacle } from '../connectors/connector.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { isBulkOnly } from './basis.ts';
import { brakeReason, defaultLimit, withinRelease } from './brake.ts';
import { countedCondition } from './disposal-condition.ts';
import type { DisposalRule } from './disposal-rule.ts';
import { disposeLooseFiles } from './dispose-loose-files.ts';
import { beginPass, disposePass } from './dispose-step.ts';
import { type Drive, type StepEnd, underHolds, type Work } from './drive.ts';
import { listHeld } from './hold-store.ts';
import { correctDisposed } from './journal-store.ts';
import { looseFiles, volumesOf } from './loose-files.ts';
import { approvedAmong } from './plan-store.ts';
import { clockColumn, guardsOf, inspectRule } from './prospect.ts';
import { system as ourselves } from './queue-run.ts';
import { changeStep, listSteps, readHabit, type StepChange, type StepRecord } from './run-store.ts';

/** A pass that takes nothing more is the last; more than this many mean that rows come as fast as they go. */
const mostPasses = 50;

/**
 * Carries one step on from where it stands until its counting pass, or until it has to rest.
 * @throws SystemUnreachable, StatementRefused, TakenOver, Failure `database-unavailable`
 */
export async function driveStep(drive: Drive, position: number): Promise<StepEnd> {
  const step = await readStep(drive, position);
  const rule = drive.basis.rules.find((candidate) => candidate.ruleHash === step.ruleHash);
  if (rule === undefined) return skip(drive, step, 'The policy or the data map was changed since the run was made.');
  if (!(await isApproved(drive, rule))) return skip(drive, step, 'The rule waits for a person to approve its plan.');

  const system = await drive.systems.get(step.system);
  const inspection = await inspectRule(drive.basis, rule, drive.systems);
  const obstacles = rule.obstacle === null ? inspection.obstacles : [rule.obstacle];
  if (obstacles.length > 0) return { kind: 'blocked', reason: sentence(obstacles) };
  const path = rule.kind === 'loose-files' ? 'file' : inspection.path;
  const work: Work = {
    drive,
    step: { ...step, path: step.path ?? path },
    rule,
    guardedBy: guardsOf(drive.basis, rule, inspection),
    counted: countedCondition(rule, step.condition),
    clock: clockColumn(rule),
  };
  if (step.startedAt === null || step.state === 'braked') {
    const waits = await begin(work);
    if (waits !== null) return waits;
  }
  return carryOn(work, system);
}

async function carryOn(begun: Work, system: ConnectedSystem): Promise<StepEnd> {
  let work = begun;
  for (;;) {
    const step = await readStep(work.drive, work.step.position);
    work = { ...work, step: { ...step, path: step.path ?? work.step.path } };
    // Counted a moment ago and found empty: that is the proof.
    if (step.expected === 0 && step.disposedAtMost === 0)
      return finish(work, { total: step.total, remaining: 0, held: step.held }, untouched);
    const end =
      work.rule.kind === 'loose-files' ? await disposeLooseFiles(work) : await disposePass(work, step.batchSize);
    if (end.kind !== 'ended') return end;
    const reclaimed = await reclaim(work, system);
    const found = await count(work);
    const before = step.remaining ?? step.expected;
    // Rows that an update moved behind the walk, and parents whose children went meanwhile, go in another pass.
    if (found.remaining > 0 && found.remaining < before && step.pass < mostPasses) {
      await beginPass(work, step.pass + 1, found.remaining);
      continue;
    }
    return finish(work, found, reclaimed);
  }
}

/** Counts what is to go and asks the brake. Null where the step may go on. */
async function begin(work: Work): Promise<StepEnd | null> {
  const { drive, step, rule } = work;
  const found = await count(work);
  // Accounts differ in size and grants in tokens: a habit is only had by what comes again every day.
  const hasHabit = drive.run.cause !== 'contract-end' && drive.run.cause !== 'event';
  const habit = hasHabit ? await transaction(drive, (tx) => readHabit(tx, step)) : [];
  const limit = rule.binding.brake ?? defaultLimit;
  const asked =
    drive.run.isCautious && found.remaining > 0
      ? cautious
      : brakeReason({ rows: found.remaining, total: found.total, limit, habit });
  const released = step.releasedRows !== null && withinRelease(found.remaining, step.releasedRows);
  const common: StepChange = {
    path: step.path,
    expected: found.remaining,
    total: found.total,
    held: found.held,
  };
  if (asked !== null && !released) {
    await transaction(drive, async (tx) => {
      await changeStep(tx, drive.run.id, step.position, { ...common, state: 'braked', reason: asked });
      const share = found.total === 0 ? 0 : Math.round((found.remaining / found.total) * 10_000) / 10_000;
      const { promise, dataset } = step;
      const body = { run: drive.run.id, plan: drive.run.plan, promise, dataset, share, rows: found.remaining };
      await recordEntry(tx, { kind: 'disposal.braked', actor: ourselves, body });
    });
    return { kind: 'braked', reason: asked };
  }
  await transaction(drive, (tx) =>
    changeStep(tx, drive.run.id, step.position, { ...common, state: 'running', reason: null, startedAt: tx.at }),
  );
  return null;
}

const cautious =
  'Nobody looked after disposal for days: the server was off, or its clock has jumped ahead. If the clock is right, let it go on.';

interface Count {
  readonly total: number;
  /** Rows that are meant, not held, and pointed at by nothing that has to go first. */
  readonly remaining: number;
  readonly held: number;
}

/** The counting pass: what is left, with row-level security off. */
async function count(work: Work): Promise<Count> {
  const { drive, step } = work;
  const holds = await transaction(drive, listHeld);
  const { target, exclusion } = underHolds(work, holds);
  if (work.rule.kind === 'loose-files') return countLooseFiles(work, exclusion.dataset, exclusion.keys);
  const system = await drive.systems.get(step.system);
  const found: Measure = await system.measure(target, work.counted, exclusion, work.clock);
  const guarded = found.matching === 0 ? 0 : await countGuarded(work, system);
  return { total: found.rows, remaining: found.matching - guarded, held: found.excluded + guarded };
}

/** Rows that stay only because a row that must stay points at them. */
async function countGuarded(work: Work, system: ConnectedSystem): Promise<number> {
  if (work.guardedBy.length === 0 || work.rule.fate === 'anonymise') return 0;
  const holds = await transaction(work.drive, listHeld);
  const { target, exclusion } = underHolds(work, holds);
  const condition = { kind: 'all' as const, of: [work.counted, { kind: 'guarded' as const }] };
  return (await system.measure(target, condition, exclusion, null)).matching;
}

async function countLooseFiles(work: Work, all: boolean, keys: readonly (readonly string[])[]): Promise<Count> {
  const kept = new Set(keys.map(([path]) => path));
  let total = 0;
  let remaining = 0;
  let held = 0;
  const each = (): void => {
    total += 1;
  };
  for (const volume of volumesOf(work.drive.basis, work.step.dataset)) {
    for await (const file of looseFiles(volume, work.drive.systems, each)) {
      if (work.step.cutoffAt === null || file.modifiedAt >= work.step.cutoffAt) continue;
      if (all || kept.has(file.path)) held += 1;
      else remaining += 1;
    }
  }
  return { total, remaining, held };
}

interface Space {
  readonly bytesReusable: number | null;
  readonly bytesReturned: number | null;
}

const untouched: Space = { bytesReusable: null, bytesReturned: null };

async function reclaim(work: Work, system: ConnectedSystem): Promise<Space> {
  const step = await readStep(work.drive, work.step.position);
  if (step.disposedAtMost === 0 && step.batches === 0) return untouched;
  const { target } = underHolds(work, []);
  const { bytesReusable, bytesReturned } = await system.reclaim(target);
  return { bytesReusable, bytesReturned };
}

async function finish(work: Work, found: Count, space: Space): Promise<StepEnd> {
  const { drive, step } = work;
  const reason = leftOver(work, found);
  await transaction(drive, async (tx) => {
    const { position } = step;
    await correctDisposed(tx, { run: drive.run.id, position, disposed: Math.max(0, step.expected - found.remaining) });
    await changeStep(tx, drive.run.id, position, {
      ...space,
      state: 'done',
      reason,
      held: found.held,
      remaining: found.remaining,
      finishedAt: tx.at,
    });
  });
  return { kind: 'done' };
}

/** Why rows are left, where some are. */
function leftOver(work: Work, found: Count): string | null {
  if (found.remaining === 0) return null;
  if (isBulkOnly(work.drive.basis, work.step.dataset))
    return `${found.remaining} rows wait until their whole partition is past its period.`;
  if (work.step.refused > 0 && work.rule.binding.attachments.length > 0)
    return `${found.remaining} rows stay because their files could not be removed.`;
  return `${found.remaining} rows stay; other rows still point at them, or they came while the run was under way.`;
}

function sentence(obstacles: readonly Obstacle[]): string {
  return obstacles.map(({ explanation, remedy }) => `${explanation} ${remedy}`).join(' ');
}

async function isApproved(drive: Drive, rule: DisposalRule): Promise<boolean> {
  return (await transaction(drive, (tx) => approvedAmong(tx, [rule.ruleHash]))).has(rule.ruleHash);
}

async function skip(drive: Drive, step: StepRecord, reason: string): Promise<StepEnd> {
  await transaction(drive, (tx) =>
    changeStep(tx, drive.run.id, step.position, { state: 'skipped', reason, finishedAt: tx.at }),
  );
  return { kind: 'skipped' };
}

async function readStep(drive: Drive, position: number): Promise<StepRecord> {
  const steps = await transaction(drive, (tx) => listSteps(tx, drive.run.id));
  const step = steps.find((candidate) => candidate.position === position);
  if (step === undefined) throw new Error(`the run has no step ${position}`);
  return step;
}

function transaction<T>(drive: Drive, work: Parameters<typeof drive.platform.db.transaction<T>>[1]): Promise<T> {
  return drive.platform.db.transaction(drive.organisationId, work);
}
