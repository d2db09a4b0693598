import type { Localised } from '../../server/policy/contract.ts';
import type { Language } from './language.ts';

type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';
interface Part {
  readonly unit: Unit;
  readonly count: number;
}

/** The units a period is promised in: an age beside '6 months' is told in months, one beside '90 days' in days. */
export type Scale = 'years' | 'months' | 'days';

/** Reads the scale off a period in words, since months and days cannot be told apart by their seconds. */
export function scaleOf(period: Localised | null): Scale {
  const words = Object.values(period ?? {}).join(' ');
  if (/\b(years?|anos?|años?)\b/i.test(words)) return 'years';
  if (/\b(months?|mes|mês|meses)\b/i.test(words)) return 'months';
  return 'days';
}

const symbols = { day: 'd', hour: 'h', minute: 'min', second: 's' } as const;

/**
 * The age of a datum in its two largest units, '29 d 4 h' or '4 years 11 months'.
 * @param from when the datum's clock started
 * @param to when it was measured
 */
export function ageBetween(from: Date, to: Date, scale: Scale, language: Language): string {
  if (scale === 'days') return shortDuration((to.getTime() - from.getTime()) / 1000, language);
  const { years, months, days, seconds } = calendarSpan(from, to);
  const whole: Part[] =
    scale === 'years'
      ? [
          { unit: 'year', count: years },
          { unit: 'month', count: months },
          { unit: 'day', count: days },
        ]
      : [
          { unit: 'month', count: years * 12 + months },
          { unit: 'day', count: days },
        ];
  const told = whole.filter(({ count }) => count > 0).slice(0, 2);
  const inDays = told.every(({ unit }) => unit === 'day');
  if (inDays) return shortDuration((to.getTime() - from.getTime()) / 1000, language);
  // An age of six months and seven hours must not read like the limit itself.
  if (told.length < 2 && seconds > 0) return `${inWords(told, language)} ${shortDuration(seconds, language)}`;
  return inWords(told, language);
}

/** '29 d 4 h': the two largest units of a length in seconds, with the units' symbols. */
export function shortDuration(seconds: number, language: Language): string {
  return twoLargest(seconds)
    .map(({ unit, count }) =>
      unit === 'year' || unit === 'month'
        ? unitInWords(unit, count, language)
        : `${new Intl.NumberFormat(language).format(count)} ${symbols[unit]}`,
    )
    .join(' ');
}

/** '29 days 4 hours': the two largest units of a length in seconds, in words. */
export function durationInWords(seconds: number, language: Language): string {
  return inWords(twoLargest(seconds), language);
}

/** '14 minutes ago', 'in 5 hours': how far `at` is from `now`, in its largest unit. */
export function relativeTo(now: Date, at: Date, language: Language): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const [largest] = twoLargest(Math.abs(seconds));
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  if (largest === undefined) return format.format(0, 'second');
  return format.format(seconds < 0 ? -largest.count : largest.count, largest.unit);
}

function twoLargest(seconds: number): Part[] {
  const sizes: readonly (readonly [Unit, number])[] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ];
  let rest = Math.max(0, Math.floor(seconds));
  const all: Part[] = sizes.map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { unit, count };
  });
  const first = all.findIndex(({ count }) => count > 0);
  if (first === -1) return [{ unit: 'second', count: 0 }];
  return all.slice(first, first + 2).filter(({ count }) => count > 0);
}

function inWords(parts: readonly Part[], language: Language): string {
  return parts
    .filter(({ count }, position) => count > 0 || (position === 0 && parts.length === 1))
    .map(({ unit, count }) => unitInWords(unit, count, language))
    .join(' ');
}

function unitInWords(unit: Unit, count: number, language: Language): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

function calendarSpan(from: Date, to: Date): { years: number; months: number; days: number; seconds: number } {
  let months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  if (addMonths(from, months) > to) months -= 1;
  const rest = to.getTime() - addMonths(from, months).getTime();
  const days = Math.floor(rest / 86_400_000);
  const seconds = Math.floor((rest - days * 86_400_000) / 1000);
  return { years: Math.floor(months / 12), months: months % 12, days, seconds };
}

function addMonths(from: Date, months: number): Date {
  const shifted = new Date(from);
  shifted.setUTCDate(1);
  shifted.setUTCMonth(shifted.getUTCMonth() + months);
  const last = new Date(Date.UTC(shifted.getUTCFullYear(), shifted.getUTCMonth() + 1, 0)).getUTCDate();
  shifted.setUTCDate(Math.min(from.getUTCDate(), last));
  return shifted;
}
