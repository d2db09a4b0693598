/** The stretch of time a file stands for: its clock is `from`, and it is past when `to` is. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

const dayMs = 86_400_000;
const stamp = /(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})(?:[T_ .-]?(\d{2})[:h.-]?(\d{2})(?:[:m.-]?(\d{2}))?)?Z?(?!\d)/g;

/**
 * The date in a file's name, or else in the nearest folder's above it, as UTC; undefined where there is none. A date
 * stands for its whole day, a date with a time for that instant. Of several, the last counts (`invoice-1999-12-31_2026-11-20`).
 */
export function dateInName(path: string): Span | undefined {
  for (const segment of path.split('/').reverse()) {
    const found = [...segment.matchAll(stamp)].map(spanOf).filter((span) => span !== undefined);
    const last = found.at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
}

function spanOf(match: RegExpExecArray): Span | undefined {
  const [, year = '', , month = '', day = '', hour, minute, second] = match;
  const time = hour === undefined ? '00:00:00' : `${hour}:${minute ?? '00'}:${second ?? '00'}`;
  const from = new Date(`${year}-${month}-${day}T${time}Z`);
  // Numbers that only look like a date: no such month, no such day, a year nobody kept files in.
  if (Number.isNaN(from.getTime()) || from.getUTCDate() !== Number(day)) return undefined;
  if (Number(year) < 1970 || Number(year) > 2199) return undefined;
  return { from, to: hour === undefined ? new Date(from.getTime() + dayMs) : from };
}
