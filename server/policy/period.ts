import { Temporal } from 'temporal-polyfill';
import type { PeriodText } from './rule.ts';
import type { Language } from './wording.ts';
import { listed } from './wording.ts';

/**
 * A length of time as the calendar counts it. Six months are not 180 days: months and years are added on the
 * calendar of the organisation's time zone, days keep the time of day, hours and shorter are exact.
 */
export interface Period {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  /** Mondays to Fridays that are no holidays; never together with the other units. */
  readonly businessDays: number;
}

/**
 * Where a month lacks the date a term would end on. Brazil, Código Civil art. 132 §3: the *following* day.
 * European Union, Regulation 1182/71 art. 3(2)(c): the month's *last* day.
 */
export type MonthEnd = 'last-day' | 'following-day';

/** Tells working days from others; takes a civil date, `2026-11-20`. */
export type WorkingDay = (date: string) => boolean;

/** ISO 8601 without fractions or signs, or `5 business days`. */
export const periodPattern =
  /^(?:P(?=\d|T\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?|(\d{1,6}) business days?)$/;

/** A thousand years: beyond it, calendars and databases part ways, and it is a slip of the pen. */
const longestDays = 366_000;
/** Ten years of business days; the laws that count them speak of weeks. */
const mostBusinessDays = 2_600;

/** The period that a text says, or undefined where it says none. */
export function findPeriod(text: PeriodText): Period | undefined {
  const match = periodPattern.exec(text);
  if (match === null) return undefined;
  const number = (index: number): number => Number(match[index] ?? 0);
  const period = {
    years: number(1),
    months: number(2),
    weeks: number(3),
    days: number(4),
    hours: number(5),
    minutes: number(6),
    seconds: number(7),
    businessDays: number(8),
  };
  return roughDays(period) > longestDays || period.businessDays > mostBusinessDays ? undefined : period;
}

/** @throws RangeError where the text is no period; policies are checked before they get here. */
export function parsePeriod(text: PeriodText): Period {
  const period = findPeriod(text);
  if (period === undefined) throw new RangeError(`not a period: ${text}`);
  return period;
}

/** Whether nothing at all is waited for (`PT0S`). */
export function isZero(period: Period): boolean {
  return roughDays(period) === 0;
}

/** Which rule of month ends binds an organisation of this country (ISO 3166 alpha-2). */
export function monthEndOf(country: string): MonthEnd {
  return country === 'BR' ? 'following-day' : 'last-day';
}

/**
 * The instant at which a period that began at `at` is over.
 * @param zone IANA time zone whose calendar counts
 */
export function addPeriod(
  at: Date,
  period: Period,
  zone: string,
  monthEnd: MonthEnd,
  workingDay: WorkingDay = isWeekday,
): Date {
  const start = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
  const startDay = start.toPlainDate();
  const day = addToDate(startDay, period, monthEnd, workingDay);
  // A date that did not move keeps its own instant, also in the hour that a change of clocks repeats.
  const civil = day.equals(startDay) ? start : day.toZonedDateTime({ timeZone: zone, plainTime: start.toPlainTime() });
  return new Date(civil.epochMilliseconds + exactMs(period));
}

/**
 * The largest instant such that every datum whose clock lies before it is past its period at `at`, that is
 * `addPeriod(datum) < at`; the datum at the cutoff itself is not yet. Stores compare `clock < cutoff`.
 *
 * Terms are not in the order of their beginnings (31 January 10:00 plus a month ends before 30 January 12:00 plus
 * a month does), so subtracting the period would take rows a few hours or days too early at month ends and at
 * changes of clocks. This looks for the first datum that is not past.
 */
export function cutoffFor(
  at: Date,
  period: Period,
  zone: string,
  monthEnd: MonthEnd,
  workingDay: WorkingDay = isWeekday,
): Date {
  if (period.years + period.months + period.weeks + period.days + period.businessDays === 0) {
    return new Date(at.getTime() - exactMs(period));
  }
  const endOf = (datum: number): number => addPeriod(new Date(datum), period, zone, monthEnd, workingDay).getTime();
  const about = aboutStart(at, period, zone);
  // How far a term of business days lies from its rough length: weekends at its ends, and days off along it.
  const slackDays = 4 + Math.min(period.businessDays, 10 + Math.ceil(period.businessDays / 10));
  let from = about - slackDays * dayMs;
  const until = about + slackDays * dayMs;
  while (from < until) {
    const to = from + stretchMs;
    const found = firstNotPast(from, to, at.getTime(), endOf);
    if (found !== null) return new Date(found);
    from = to;
  }
  throw new Error(`no cutoff within ${slackDays} days of ${new Date(about).toISOString()}`);
}

const dayMs = 86_400_000;
const stretchMs = 2 * 3_600_000;

/** First millisecond in [from, to) whose term ends at `at` or later. Between two changes of slope a term moves with its beginning. */
function firstNotPast(from: number, to: number, at: number, endOf: (datum: number) => number): number | null {
  const first = endOf(from);
  if (first >= at) return from;
  const last = endOf(to - 1);
  if (last - first === to - 1 - from) {
    const hit = from + (at - first);
    return hit < to ? hit : null;
  }
  const middle = from + Math.floor((to - from) / 2);
  return firstNotPast(from, middle, at, endOf) ?? firstNotPast(middle, to, at, endOf);
}

/** Where the cutoff must lie nearby. */
function aboutStart(at: Date, period: Period, zone: string): number {
  const end = Temporal.Instant.fromEpochMilliseconds(at.getTime() - exactMs(period)).toZonedDateTimeISO(zone);
  return end.subtract({
    years: period.years,
    months: period.months,
    weeks: period.weeks,
    days: period.days + Math.ceil((period.businessDays * 7) / 5),
  }).epochMilliseconds;
}

/** The civil date on which a term ends; months and years first, then weeks and days, as ISO 8601 orders them. */
export function addToDate(
  start: Temporal.PlainDate,
  period: Period,
  monthEnd: MonthEnd,
  workingDay: WorkingDay = isWeekday,
): Temporal.PlainDate {
  let day = start.add({ years: period.years, months: period.months });
  if (day.day !== start.day && monthEnd === 'following-day') day = day.add({ days: 1 });
  day = day.add({ weeks: period.weeks, days: period.days });
  let left = period.businessDays;
  if (workingDay === isWeekday && left > 5) {
    // Any seven days in a row hold five weekdays, so whole weeks need no counting.
    const weeks = Math.floor((left - 1) / 5);
    day = day.add({ weeks });
    left -= weeks * 5;
  }
  while (left > 0) {
    day = day.add({ days: 1 });
    if (workingDay(day.toString())) left -= 1;
  }
  return day;
}

function isWeekday(date: string): boolean {
  return Temporal.PlainDate.from(date).dayOfWeek <= 5;
}

function exactMs(period: Period): number {
  return ((period.hours * 60 + period.minutes) * 60 + period.seconds) * 1000;
}

function roughDays(period: Period): number {
  const { years, months, weeks, days, businessDays } = period;
  return years * 366 + months * 31 + weeks * 7 + days + businessDays * 1.4 + exactMs(period) / dayMs;
}

type Unit = keyof Period;
const units: readonly Unit[] = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'businessDays'];

const unitWords: Record<Language, Record<Unit, readonly [one: string, many: string]>> = {
  'pt-BR': {
    years: ['ano', 'anos'],
    months: ['mês', 'meses'],
    weeks: ['semana', 'semanas'],
    days: ['dia', 'dias'],
    hours: ['hora', 'horas'],
    minutes: ['minuto', 'minutos'],
    seconds: ['segundo', 'segundos'],
    businessDays: ['dia útil', 'dias úteis'],
  },
  en: {
    years: ['year', 'years'],
    months: ['month', 'months'],
    weeks: ['week', 'weeks'],
    days: ['day', 'days'],
    hours: ['hour', 'hours'],
    minutes: ['minute', 'minutes'],
    seconds: ['second', 'seconds'],
    businessDays: ['business day', 'business days'],
  },
  es: {
    years: ['año', 'años'],
    months: ['mes', 'meses'],
    weeks: ['semana', 'semanas'],
    days: ['día', 'días'],
    hours: ['hora', 'horas'],
    minutes: ['minuto', 'minutos'],
    seconds: ['segundo', 'segundos'],
    businessDays: ['día hábil', 'días hábiles'],
  },
};

/** `30 dias`, `1 year and 6 months`, `5 días hábiles`; figures stay figures, so that a sentence can be checked against its rule. */
export function periodInWords(period: Period, language: Language): string {
  const parts = units
    .filter((unit) => period[unit] > 0)
    .map((unit) => `${period[unit]} ${unitWords[language][unit][period[unit] === 1 ? 0 : 1]}`);
  return parts.length > 0 ? listed(parts, 'and', language) : `0 ${unitWords[language].seconds[1]}`;
}

/** Every word that can stand after a number of time in a language; by these a sentence is searched for numbers of its own. */
export function unitWordsOf(language: Language): readonly string[] {
  return units.flatMap((unit) => unitWords[language][unit]);
}
