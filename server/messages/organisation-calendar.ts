import { Temporal } from 'temporal-polyfill';
import type { Tx } from '../platform/database.ts';

/** Finds the IANA time zone whose days count for an organisation; undefined where it has named none. */
export type TimeZoneFinder = (tx: Tx) => Promise<string | undefined>;

let find: TimeZoneFinder = async () => undefined;

/** Organisations name their time zone in a folder above this one, so that what reads it is registered by `app.ts`. */
export function registerTimeZone(finder: TimeZoneFinder): void {
  find = finder;
}

/** UTC where the organisation has named none. */
export async function timeZoneOf(tx: Tx): Promise<string> {
  return (await find(tx)) ?? 'UTC';
}

/** The civil date, `2026-11-20`, that a calendar on the wall of this time zone shows. */
export function civilDateIn(at: Date, timeZone: string): string {
  return dateIn(at, timeZone).toString();
}

/**
 * First day on which a change may take effect. The day of the telling does not count and the last day of the term does,
 * so a lead time of thirty days lets a change begin on the thirty-first day after (Brazil: Código Civil art. 132;
 * European Union: Regulation 1182/71 art. 3). Without a lead time it may be the day of the telling.
 */
export function firstDayAfterLead(toldAt: Date, leadDays: number, timeZone: string): string {
  return dateIn(toldAt, timeZone)
    .add({ days: leadDays === 0 ? 0 : leadDays + 1 })
    .toString();
}

function dateIn(at: Date, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
}
