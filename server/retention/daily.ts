import { Temporal } from 'temporal-polyfill';

/** The hour of the organisation's day at which disposal runs: when its customers sleep. */
const hour = 3;

/** The latest instant, at `at` or before, at which the daily run was due. */
export function lastDailyRun(at: Date, timeZone: string): Date {
  const now = zoned(at, timeZone);
  const today = dueOn(now.toPlainDate(), timeZone);
  return Temporal.ZonedDateTime.compare(today, now) <= 0
    ? asDate(today)
    : asDate(dueOn(now.toPlainDate().subtract({ days: 1 }), timeZone));
}

/** The next instant after `at` at which the daily run is due. */
export function nextDailyRun(at: Date, timeZone: string): Date {
  const now = zoned(at, timeZone);
  const today = dueOn(now.toPlainDate(), timeZone);
  return Temporal.ZonedDateTime.compare(today, now) > 0
    ? asDate(today)
    : asDate(dueOn(now.toPlainDate().add({ days: 1 }), timeZone));
}

function zoned(at: Date, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
}

/** On a day whose clocks skip the hour, the moment they skip to. */
function dueOn(day: Temporal.PlainDate, timeZone: string): Temporal.ZonedDateTime {
  return day.toZonedDateTime({ timeZone, plainTime: { hour } });
}

function asDate(at: Temporal.ZonedDateTime): Date {
  return new Date(at.epochMilliseconds);
}
