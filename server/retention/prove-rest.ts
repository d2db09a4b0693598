import type { PlaceMeasure } from '../policy/contract.ts';
import { parsePeriod } from '../policy/period.ts';
import { unproven } from '../policy/prover.ts';
import { reason } from '../policy/reasons.ts';
import type { KeepFor, KeepRest } from '../policy/rule.ts';
import { aimOf } from './disposal-condition.ts';
import type { DisposalRule } from './disposal-rule.ts';
import { listDoneEnds, reportsOf } from './end-store.ts';
import { agesOf, nextQuarter } from './kept-of-account.ts';
import { circumstancesAt, type Look, lateAt, seenUnderHolds } from './look.ts';
import { ageless, isBroken, overdue, type Proved } from './verdict.ts';
import { whyOverdue } from './why-overdue.ts';

/**
 * What the exceptions of a contract's end kept is kept for the rest of its time and then goes. Too long: rows of ended
 * accounts past their period. Too short: fewer rows that last beyond the next quarter than were recorded at the end.
 */
export async function proveRest(look: Look, rule: KeepRest): Promise<Proved> {
  const { end, measured } = look.basis;
  if (end === null) return unproven(reason('no-end-promise', { promise: rule.promise }));
  const expected = await expectedRows(look);
  const places: PlaceMeasure[] = [];
  let short: { readonly rows: number; readonly dataset: string } | null = null;
  for (const candidate of measured) {
    if (candidate.kind !== 'age' || !end.rule.except.includes(candidate.promise)) continue;
    if (candidate.binding.account === undefined || candidate.obstacle !== null) continue;
    const ended = expected.get(keyOf(candidate.dataset, candidate.promise));
    const accounts = ended === undefined ? [] : [...ended.accounts];
    const place = await countRest(look, candidate, rule.within, accounts);
    const missing = ended === undefined ? 0 : ended.rows - (await lasting(look, candidate, accounts));
    if (missing > 0) short ??= { rows: missing, dataset: candidate.dataset };
    places.push(place);
  }
  if (short !== null) return { ...ageless(places, reason('kept-too-short', short)), status: 'broken' };
  const promise = places.length === 0 ? '' : (end.rule.except[0] ?? '');
  const why = overdue(places) === 0 ? null : await whyOverdue(look, promise, places, isBroken(places));
  return ageless(places, why);
}

interface Expected {
  readonly accounts: Set<string>;
  /** Rows that were recorded to last beyond the beginning of the next quarter. */
  rows: number;
}

const PAGE = 500;

async function expectedRows(look: Look): Promise<Map<string, Expected>> {
  const boundary = nextQuarter(look.at);
  const expected = new Map<string, Expected>();
  let after: string | undefined;
  for (;;) {
    const { ends, reports } = await look.platform.db.transaction(look.organisationId, async (tx) => {
      const page = await listDoneEnds(tx, after, PAGE);
      return {
        ends: page,
        reports: await reportsOf(
          tx,
          page.map(({ id }) => id),
        ),
      };
    });
    for (const { id, account } of ends) {
      for (const { dataset, promise, untilAt, rows } of reports.get(id)?.kept ?? []) {
        const key = keyOf(dataset, promise);
        const sum = expected.get(key) ?? { accounts: new Set<string>(), rows: 0 };
        expected.set(key, sum);
        sum.accounts.add(account);
        if (untilAt.getTime() === boundary.getTime()) sum.rows += rows;
      }
    }
    after = ends.at(-1)?.id;
    if (ends.length < PAGE) return expected;
  }
}

function keyOf(dataset: string, promise: string): string {
  return `${dataset} ${promise}`;
}

/** Rows of these accounts that are still there and last beyond the beginning of the next quarter. */
async function lasting(look: Look, rule: DisposalRule, accounts: readonly string[]): Promise<number> {
  const aim = aimOf(rule, circumstancesAt(look, look.at));
  if (aim?.clock == null || !isKeepFor(rule.rule)) return 0;
  const { target } = seenUnderHolds(look, rule.dataset);
  const ages = agesOf({
    system: await look.systems.get(rule.system),
    target: { ...target, bulkOnly: false },
    clock: aim.clock,
    period: parsePeriod(rule.rule.for),
    calendar: look.basis.calendar,
  });
  return ages.lasting(accounts, nextQuarter(look.at));
}

function isKeepFor(rule: DisposalRule['rule']): rule is KeepFor {
  return rule.verb === 'keep' && rule.form === 'for';
}

/** Rows of ended accounts that are past the period that kept them. */
async function countRest(
  look: Look,
  rule: DisposalRule,
  within: string,
  accounts: readonly string[],
): Promise<PlaceMeasure> {
  const system = await look.systems.get(rule.system);
  const { target, exclusion } = seenUnderHolds(look, rule.dataset);
  const theirs = { kind: 'of-accounts' as const, accounts };
  const count = async (at: Date) => {
    const aim = aimOf(rule, circumstancesAt(look, at));
    const past = aim === null ? [] : aim.condition.kind === 'all' ? aim.condition.of : [aim.condition];
    return system.measure(target, { kind: 'all', of: [theirs, ...past] }, exclusion, null);
  };
  const found = await count(look.at);
  // A promise that goes in bulk has a tolerance of its own, which is the longer one.
  const tolerances = [lateAt(look, within), lateAt(look, rule.rule.within)];
  const late = new Date(Math.min(...tolerances.map((at) => at.getTime())));
  const broken = found.matching === 0 ? 0 : (await count(late)).matching;
  const all = await system.measure({ ...target, bulkOnly: false }, theirs, exclusion, null);
  return {
    dataset: rule.dataset,
    system: rule.system,
    rows: all.matching + all.excluded,
    due: found.matching - broken,
    broken,
    held: found.excluded,
    excepted: all.matching - found.matching,
    oldestAt: null,
  };
}
