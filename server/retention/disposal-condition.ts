import { z } from 'zod';
import type { Anonymisation, Condition } from '../connectors/connector.ts';
import type { DataMap, Dataset } from '../datamap/contract.ts';
import { datasetsCovering } from '../datamap/target-of.ts';
import { instantSchema, type Json } from '../platform/contract.ts';
import { addPeriod, cutoffFor, type MonthEnd, parsePeriod } from '../policy/period.ts';
import type { KeepFor } from '../policy/rule.ts';
import { clockOf, type DisposalRule, linkTo, ownerPath } from './disposal-rule.ts';

/** The calendar that periods are counted in. */
export interface Calendar {
  readonly timeZone: string;
  readonly monthEnd: MonthEnd;
}

/** An account that is not active any more, and since when. */
export interface GoneAccount {
  readonly account: string;
  readonly cancelledAt: Date;
  /** True where the end of its contract is a matter of its own that is still to be carried out or under way. */
  readonly ending: boolean;
}

/** What a condition is made from besides the rule: the time, the calendar, and who is gone. */
export interface Circumstances {
  readonly at: Date;
  readonly calendar: Calendar;
  readonly map: DataMap;
  readonly gone: readonly GoneAccount[];
  /** Grace of the promise about the end of contracts, null where the policy has none. */
  readonly grace: string | null;
  /** Values that events name, for `event` rules. */
  readonly values: readonly string[];
}

export interface Aim {
  readonly condition: Condition;
  readonly cutoffAt: Date | null;
  /** The column an age is read from; null where the rule knows no age. */
  readonly clock: string | null;
}

/** Which rows a rule means at an instant; null where it means none whatever the store holds. */
export function aimOf(rule: DisposalRule, circumstances: Circumstances): Aim | null {
  const { binding } = rule;
  switch (rule.kind) {
    case 'age':
      return ageAim(rule, circumstances);
    case 'state': {
      const accounts = endedAccounts(rule, circumstances);
      return accounts.length === 0
        ? null
        : { condition: { kind: 'of-accounts', accounts }, cutoffAt: null, clock: null };
    }
    case 'end': {
      const accounts = pastGrace(circumstances);
      return accounts.length === 0
        ? null
        : { condition: { kind: 'of-accounts', accounts }, cutoffAt: null, clock: null };
    }
    case 'follows': {
      if (rule.owner === null) return null;
      const { through, periods } = rule.owner;
      const of = periods.map(
        (period): Condition => ({
          kind: 'owner-older',
          through,
          clock: period.clock,
          before: cutoffOf(period.rule, circumstances),
        }),
      );
      const [first] = of;
      const condition: Condition = of.length === 1 && first !== undefined ? first : { kind: 'all', of };
      const own = periods[0];
      return { condition, cutoffAt: own === undefined ? null : cutoffOf(own.rule, circumstances), clock: null };
    }
    case 'orphans': {
      const path = orphanPath(rule, circumstances.map);
      return path === null ? null : { condition: { kind: 'orphaned', path }, cutoffAt: null, clock: null };
    }
    case 'event': {
      if (rule.rule.verb !== 'erase' || circumstances.values.length === 0) return null;
      const column = binding.events[rule.rule.on];
      if (column === undefined) return null;
      return { condition: { kind: 'equals', column, values: circumstances.values }, cutoffAt: null, clock: null };
    }
    case 'loose-files': {
      const { timeZone, monthEnd } = circumstances.calendar;
      // A file may be written a moment before the row that names it: only what is older than the tolerance is loose.
      if (rule.rule.verb !== 'keep') return null;
      const cutoffAt = cutoffFor(circumstances.at, parsePeriod(rule.rule.within), timeZone, monthEnd);
      return { condition: { kind: 'all', of: [] }, cutoffAt, clock: 'modified' };
    }
  }
}

function ageAim(rule: DisposalRule, circumstances: Circumstances): Aim | null {
  if (rule.rule.verb !== 'keep' || rule.rule.form !== 'for') return null;
  const clock = clockOf(rule.binding, rule.rule.from);
  if (clock === null) return null;
  const cutoffAt = cutoffOf(rule.rule, circumstances);
  const older: Condition = { kind: 'older', clock, before: cutoffAt };
  const floors = rule.floors.map(
    (floor): Condition => ({ kind: 'older', clock: floor.clock, before: cutoffOf(floor.rule, circumstances) }),
  );
  return { condition: floors.length === 0 ? older : { kind: 'all', of: [older, ...floors] }, cutoffAt, clock };
}

function cutoffOf(rule: KeepFor, circumstances: Circumstances): Date {
  const { timeZone, monthEnd } = circumstances.calendar;
  return cutoffFor(circumstances.at, parsePeriod(rule.for), timeZone, monthEnd);
}

/** When nothing may be left of an account any more: after its grace, and after what `plus` adds. */
export function goneSince(account: GoneAccount, plus: string | null, circumstances: Circumstances): Date {
  const { timeZone, monthEnd } = circumstances.calendar;
  const add = (at: Date, period: string | null): Date =>
    period === null ? at : addPeriod(at, parsePeriod(period), timeZone, monthEnd);
  return add(add(account.cancelledAt, circumstances.grace), plus);
}

function endedAccounts(rule: DisposalRule, circumstances: Circumstances): string[] {
  if (rule.rule.verb !== 'keep' || rule.rule.form !== 'while') return [];
  const { plus } = rule.rule;
  return circumstances.gone
    .filter((account) => !account.ending && goneSince(account, plus, circumstances) <= circumstances.at)
    .map((account) => account.account);
}

function pastGrace(circumstances: Circumstances): string[] {
  return circumstances.gone
    .filter((account) => goneSince(account, null, circumstances) <= circumstances.at)
    .map((account) => account.account);
}

function orphanPath(rule: DisposalRule, map: DataMap): Extract<Dataset['account'], object> | null {
  if (rule.rule.verb !== 'keep') return null;
  if (rule.rule.form === 'while') return ownerPath(rule.binding, map);
  if (rule.rule.form !== 'with') return null;
  return linkTo(
    rule.binding,
    datasetsCovering(map, rule.rule.with).flatMap((name) => map.datasets[name]?.table ?? []),
  );
}

/** The data map's strategies in the connector's words. */
export function anonymisationsOf(binding: Dataset): Readonly<Record<string, Anonymisation>> {
  return Object.fromEntries(
    Object.entries(binding.anonymise).map(([column, strategy]): [string, Anonymisation] => {
      if (strategy === 'null' || strategy === 'keyed-hash') return [column, { kind: strategy }];
      if ('fixed' in strategy) return [column, { kind: 'fixed', value: strategy.fixed }];
      if ('fake' in strategy) return [column, { kind: 'fake', shape: strategy.fake }];
      return strategy.generalise === 'prefix'
        ? [column, { kind: 'generalise', to: 'prefix', keep: strategy.keep }]
        : [column, { kind: 'generalise', to: strategy.generalise }];
    }),
  );
}

/** What is to be counted: an anonymising rule means only rows that have not been anonymised. */
export function countedCondition(rule: DisposalRule, condition: Condition): Condition {
  if (rule.fate !== 'anonymise') return condition;
  return { kind: 'all', of: [condition, { kind: 'not-anonymised', fields: anonymisationsOf(rule.binding) }] };
}

const stepSchema = z.object({ table: z.string(), from: z.string(), to: z.string() });
const pathSchema = z.object({ column: z.string(), through: z.array(stepSchema) });
const storedSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('older'), clock: z.string(), before: instantSchema.transform((text) => new Date(text)) }),
  z.object({ kind: z.literal('of-accounts'), accounts: z.array(z.string()) }),
  z.object({ kind: z.literal('equals'), column: z.string(), values: z.array(z.string()) }),
  z.object({ kind: z.literal('orphaned'), path: pathSchema }),
  z.object({
    kind: z.literal('owner-older'),
    through: stepSchema,
    clock: z.string(),
    before: instantSchema.transform((text) => new Date(text)),
  }),
]);
const conditionSchema = z.union([storedSchema, z.object({ kind: z.literal('all'), of: z.array(storedSchema) })]);

/** A condition as it is frozen with a run. */
export function conditionAsJson(condition: Condition): Json {
  return JSON.parse(JSON.stringify(condition));
}

/** @throws ZodError where the stored text is not one that `conditionAsJson` made */
export function conditionFromJson(stored: unknown): Condition {
  return conditionSchema.parse(stored);
}
