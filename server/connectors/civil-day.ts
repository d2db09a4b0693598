import { Temporal } from 'temporal-polyfill';

/**
 * The instant at which a civil date begins in a zone; not always midnight, where clocks move then.
 * @param date `2026-11-20`
 * @param timeZone IANA name
 */
export function startOfDay(date: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds);
}

/** The instant at which a civil date has passed in a zone. */
export function endOfDay(date: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds);
}
