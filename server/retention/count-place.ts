import { type Condition, type Measure, StatementRefused } from '../connectors/connector.ts';
import { aimOf, countedCondition } from './disposal-condition.ts';
import type { DisposalRule } from './disposal-rule.ts';
import { circumstancesAt, type Look, lateAt, seenUnderHolds } from './look.ts';
import { looseFiles, volumesOf } from './loose-files.ts';
import { guardsOf, inspectRule } from './prospect.ts';
import type { Seen } from './verdict.ts';

/** What was found of one rule on one dataset, and how many rows no age can reach. */
export interface Counted extends Seen {
  readonly withoutClock: number;
}

const everything: Condition = { kind: 'all', of: [] };

/** Counts in the store what a rule says should not be there. @throws SystemUnreachable, StatementRefused */
export async function countPlace(look: Look, rule: DisposalRule): Promise<Counted> {
  if (rule.obstacle !== null)
    throw new StatementRefused(rule.obstacle.code, rule.obstacle.explanation, rule.obstacle.remedy);
  if (rule.kind === 'loose-files') return countVolume(look, rule);
  const system = await look.systems.get(rule.system);
  const { target, exclusion } = seenUnderHolds(look, rule.dataset);
  const measure = (condition: Condition, clock: string | null): Promise<Measure> =>
    system.measure(target, countedCondition(rule, condition), exclusion, clock);

  const aim = aimOf(rule, circumstancesAt(look, look.at));
  const found = await measure(aim?.condition ?? { kind: 'of-accounts', accounts: [] }, aim?.clock ?? null);
  const guarded = found.matching === 0 ? 0 : await countGuarded(look, rule, aim?.condition ?? everything);
  const past = found.matching - guarded;
  const broken = past === 0 ? 0 : Math.min(past, await countLate(look, rule, measure));
  const excepted = rule.kind === 'end' || rule.kind === 'state' ? guarded : await exceptedOf(rule, found, measure, aim);
  const oldestAt = await oldestOf(rule, found, measure, aim?.clock ?? null);
  return {
    place: {
      dataset: rule.dataset,
      system: rule.system,
      rows: found.rows,
      due: past - broken,
      broken,
      held: found.excluded + (rule.kind === 'end' || rule.kind === 'state' ? 0 : guarded),
      excepted,
      oldestAt: oldestAt?.toISOString() ?? null,
    },
    oldestAt,
    withoutClock: found.withoutClock,
  };
}

type Measuring = (condition: Condition, clock: string | null) => Promise<Measure>;

/** Rows that were due so long ago that the tolerance is over, too. */
async function countLate(look: Look, rule: DisposalRule, measure: Measuring): Promise<number> {
  const before = lateAt(look, rule.rule.within);
  const aim = aimOf(rule, circumstancesAt(look, before));
  if (aim === null) return 0;
  const found = await measure(aim.condition, null);
  const guarded = found.matching === 0 ? 0 : await countGuarded(look, rule, aim.condition);
  return found.matching - guarded;
}

/** Rows that stay because a row that must stay points at them; see `Target.guardedBy`. */
async function countGuarded(look: Look, rule: DisposalRule, condition: Condition): Promise<number> {
  if (rule.binding.table === undefined || rule.fate === 'anonymise') return 0;
  const guardedBy = guardsOf(look.basis, rule, await inspectRule(look.basis, rule, look.systems));
  if (guardedBy.length === 0) return 0;
  const system = await look.systems.get(rule.system);
  const { target, exclusion } = seenUnderHolds(look, rule.dataset, guardedBy);
  const guarded: Condition = { kind: 'all', of: [condition, { kind: 'guarded' }] };
  return (await system.measure(target, guarded, exclusion, null)).matching;
}

/** Rows past their own period that another, statutory period keeps. */
async function exceptedOf(
  rule: DisposalRule,
  found: Measure,
  measure: Measuring,
  aim: ReturnType<typeof aimOf>,
): Promise<number> {
  if (rule.floors.length === 0 || aim?.clock == null || aim.cutoffAt === null) return 0;
  const own = await measure({ kind: 'older', clock: aim.clock, before: aim.cutoffAt }, null);
  return Math.max(0, own.matching - found.matching);
}

/** The oldest row that counts: what is held or excepted, or was anonymised, does not. */
async function oldestOf(
  rule: DisposalRule,
  found: Measure,
  measure: Measuring,
  clock: string | null,
): Promise<Date | null> {
  if (clock === null) return null;
  if (rule.floors.length > 0) return found.oldestMatchingAt;
  if (found.excluded === 0 && rule.fate !== 'anonymise') return found.oldestAt;
  return (await measure(everything, clock)).oldestMatchingAt;
}

async function countVolume(look: Look, rule: DisposalRule): Promise<Counted> {
  const { exclusion } = seenUnderHolds(look, rule.dataset);
  const held = new Set(exclusion.keys.map(([path]) => path));
  const late = lateAt(look, rule.rule.within);
  const counts = { rows: 0, due: 0, broken: 0, held: 0 };
  const each = (): void => {
    counts.rows += 1;
  };
  for (const volume of volumesOf(look.basis, rule.dataset)) {
    for await (const file of looseFiles(volume, look.systems, each)) {
      if (exclusion.dataset || held.has(file.path)) counts.held += 1;
      else if (file.modifiedAt < late) counts.broken += 1;
      else counts.due += 1;
    }
  }
  return {
    place: { dataset: rule.dataset, system: rule.system, ...counts, excepted: 0, oldestAt: null },
    oldestAt: null,
    withoutClock: 0,
  };
}
