import type { Condition, ConnectedSystem, Target } from '../connectors/connector.ts';
import { addPeriod, cutoffFor, type Period, parsePeriod } from '../policy/period.ts';
import type { KeepFor } from '../policy/rule.ts';
import { heldTarget } from './basis.ts';
import type { Calendar } from './disposal-condition.ts';
import { clockOf } from './disposal-rule.ts';
import type { Drive } from './drive.ts';
import type { KeptPart } from './end-store.ts';
import { nothingExcluded } from './exclusion.ts';

const dayMs = 86_400_000;

/**
 * What an exception keeps of an account, by when it goes: how many rows last beyond now, beyond the beginning of each
 * quarter, and until when the last of them stays (to the day). The quarters are the same for every account, so that
 * later one count over many accounts shows whether something went too early.
 */
export async function keptOfAccount(asked: {
  readonly drive: Pick<Drive, 'basis' | 'systems'>;
  readonly dataset: string;
  readonly promise: string;
  readonly rule: KeepFor;
  readonly account: string;
  readonly at: Date;
}): Promise<KeptPart[]> {
  const { drive, dataset, promise, rule, account, at } = asked;
  const { basis } = drive;
  const binding = basis.map.datasets[dataset];
  const clock = binding === undefined ? null : clockOf(binding, rule.from);
  if (binding === undefined || clock === null) return [];
  const ages = agesOf({
    system: await drive.systems.get(binding.system),
    target: heldTarget(basis, dataset, { bulkOnly: false }, []).target,
    clock,
    period: parsePeriod(rule.for),
    calendar: basis.calendar,
  });
  const accounts = [account];
  const now = await ages.lasting(accounts, at);
  if (now === 0) return [];
  const until = await ages.lastEnd(accounts, at);
  const parts: KeptPart[] = [{ dataset, promise, untilAt: at, rows: now }];
  for (let quarter = nextQuarter(at); quarter < until; quarter = nextQuarter(quarter))
    parts.push({ dataset, promise, untilAt: quarter, rows: await ages.lasting(accounts, quarter) });
  parts.push({ dataset, promise, untilAt: until, rows: 0 });
  return parts;
}

/** How long rows of accounts last under one rule. */
export interface Ages {
  /** Rows of these accounts whose period ends after `at`. */
  lasting(accounts: readonly string[], at: Date): Promise<number>;
  /** The day by which the last of them goes. */
  lastEnd(accounts: readonly string[], from: Date): Promise<Date>;
}

export function agesOf(place: {
  readonly system: ConnectedSystem;
  readonly target: Target;
  readonly clock: string;
  readonly period: Period;
  readonly calendar: Calendar;
}): Ages {
  const { system, target, clock, period, calendar } = place;
  const { timeZone, monthEnd } = calendar;
  const count = async (condition: Condition): Promise<number> =>
    (await system.measure(target, condition, nothingExcluded, null)).matching;

  async function lasting(accounts: readonly string[], at: Date): Promise<number> {
    const theirs: Condition = { kind: 'of-accounts', accounts };
    const before = cutoffFor(at, period, timeZone, monthEnd);
    const all = await count(theirs);
    return all === 0 ? 0 : all - (await count({ kind: 'all', of: [theirs, { kind: 'older', clock, before }] }));
  }

  return {
    lasting,
    async lastEnd(accounts, from) {
      // A clock may lie ahead (a fiscal year that closes in December); what lies further is taken as a slip.
      let high = Math.ceil((addPeriod(from, period, timeZone, monthEnd).getTime() - from.getTime()) / dayMs) + 731;
      let low = 0;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if ((await lasting(accounts, new Date(from.getTime() + middle * dayMs))) > 0) low = middle;
        else high = middle;
      }
      return new Date(from.getTime() + high * dayMs);
    },
  };
}

/** The first instant of the next quarter, UTC. */
export function nextQuarter(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), Math.floor(at.getUTCMonth() / 3) * 3 + 3, 1));
}
