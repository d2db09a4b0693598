import { Temporal } from 'temporal-polyfill';
import { addToDate, type MonthEnd, type Period, parsePeriod } from '../period.ts';
import type { PeriodText } from '../rule.ts';

/** Days by which one length exceeds another, over every day it could start on. */
export interface DayRange {
  readonly shortest: number;
  readonly longest: number;
}

/** The beginning, middle and end of every month of four years, one of them a leap year: every way months can fall. */
const starts: readonly Temporal.PlainDate[] = Array.from({ length: 1461 }, (_, index) =>
  Temporal.PlainDate.from('2023-01-01').add({ days: index }),
).filter(({ day }) => day === 1 || day === 15 || day >= 28);

/**
 * How many days a law's length ends after a rule's period that begins on the same day: positive where the rule is
 * shorter than the law. Six months are 181 to 184 days, so 180 days are always short of them.
 * @param law.start `next-january` where the law begins to count on the following 1 January
 */
export function compareLengths(
  period: PeriodText,
  law: { readonly length: PeriodText; readonly start: 'event' | 'next-january' },
  monthEnd: MonthEnd,
): DayRange {
  const rule = parsePeriod(period);
  const length = parsePeriod(law.length);
  return rangeOver((start) => {
    const from = law.start === 'event' ? start : new Temporal.PlainDate(start.year + 1, 1, 1);
    return daysBetween(start, endOf(from, length, monthEnd)) - daysBetween(start, endOf(start, rule, monthEnd));
  });
}

/** Days that a period lasts, at least and at most. */
export function daysOf(period: PeriodText, monthEnd: MonthEnd): DayRange {
  const length = parsePeriod(period);
  return rangeOver((start) => daysBetween(start, endOf(start, length, monthEnd)));
}

function rangeOver(days: (start: Temporal.PlainDate) => number): DayRange {
  let shortest = Number.POSITIVE_INFINITY;
  let longest = Number.NEGATIVE_INFINITY;
  for (const start of starts) {
    const count = days(start);
    shortest = Math.min(shortest, count);
    longest = Math.max(longest, count);
  }
  return { shortest, longest };
}

/** Hours and shorter count as the part of a day they are, rounded down: a rule of 23 hours is no day. */
function endOf(start: Temporal.PlainDate, period: Period, monthEnd: MonthEnd): Temporal.PlainDate {
  const hours = period.hours + period.minutes / 60 + period.seconds / 3600;
  return addToDate(start, period, monthEnd).add({ days: Math.floor(hours / 24) });
}

function daysBetween(start: Temporal.PlainDate, end: Temporal.PlainDate): number {
  return (Date.UTC(end.year, end.month - 1, end.day) - Date.UTC(start.year, start.month - 1, start.day)) / 86_400_000;
}
