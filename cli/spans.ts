import type { Language } from './wording.ts';

const DAY_MS = 86_400_000;

/** How long it was from one instant to the other, in the two largest units that matter: `4 years, 11 months`. */
export function spanInWords(from: Date, to: Date, language: Language): string {
  const ms = Math.max(0, to.getTime() - from.getTime());
  if (ms < 60 * DAY_MS) return shortSpan(ms, language);
  const months = wholeMonths(from, to);
  return joined([part(Math.floor(months / 12), 'year', language), part(months % 12, 'month', language)], language);
}

/** A number of seconds in the two largest units: `29 days, 4 hours`. */
export function secondsInWords(seconds: number, language: Language): string {
  return shortSpan(Math.max(0, seconds) * 1000, language);
}

/** A date and time in the organisation's own time zone. */
export function instantInWords(at: Date, language: Language, timeZone?: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at);
}

function shortSpan(ms: number, language: Language): string {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return joined([part(days, 'day', language), part(hours, 'hour', language)], language);
  if (hours > 0) return joined([part(hours, 'hour', language), part(minutes, 'minute', language)], language);
  if (minutes > 0) return joined([part(minutes, 'minute', language), part(seconds % 60, 'second', language)], language);
  return part(seconds, 'second', language) ?? unitText(0, 'second', language);
}

/** Months of the calendar (in UTC) that have wholly passed. */
function wholeMonths(from: Date, to: Date): number {
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  const sinceMonth = (at: Date) => at.getTime() - Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
  return sinceMonth(to) < sinceMonth(from) ? months - 1 : months;
}

type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function part(amount: number, unit: Unit, language: Language): string | undefined {
  return amount === 0 ? undefined : unitText(amount, unit, language);
}

function unitText(amount: number, unit: Unit, language: Language): string {
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}

function joined(parts: readonly (string | undefined)[], language: Language): string {
  const said = parts.filter((word) => word !== undefined);
  return new Intl.ListFormat(language, { type: 'unit', style: 'long' }).format(said);
}
