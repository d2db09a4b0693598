import { endOfDay } from '../civil-day.ts';

/** The stretch of time that a file's clock stands for: its age counts from `from`, and it is past when `to` is. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

const stamp = /(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})(?:[T_ .-]?(\d{2})[:h.-]?(\d{2})(?:[:m.-]?(\d{2}))?)?Z?(?!\d)/g;

/**
 * The date in a file's name, or else in the nearest folder's above it; undefined where there is none. A date stands for
 * its whole day in the zone, so for its end; a date with a time for that instant, in UTC. Of several, the last counts
 * (`invoice-1999-12-31_2026-11-20`).
 */
export function dateInName(path: string, timeZone: string): Span | undefined {
  for (const segment of path.split('/').reverse()) {
    const found = [...segment.matchAll(stamp)]
      .map((match) => spanOf(match, timeZone))
      .filter((span) => span !== undefined);
    const last = found.at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
}

function spanOf(match: RegExpExecArray, timeZone: string): Span | undefined {
  const [, year = '', , month = '', day = '', hour, minute, second] = match;
  const time = hour === undefined ? '00:00:00' : `${hour}:${minute ?? '00'}:${second ?? '00'}`;
  const from = new Date(`${year}-${month}-${day}T${time}Z`);
  // Numbers that only look like a date: no such month, no such day, a year nobody kept files in.
  if (Number.isNaN(from.getTime()) || from.getUTCDate() !== Number(day)) return undefined;
  if (Number(year) < 1970 || Number(year) > 2199) return undefined;
  if (hour !== undefined) return { from, to: from };
  const end = endOfDay(`${year}-${month}-${day}`, timeZone);
  return { from: end, to: end };
}
