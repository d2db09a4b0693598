import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { relativeTo } from './duration.ts';
import { type Language, useLanguage } from './language.ts';

/** How numbers, sizes and dates are written for this reader, in the organisation's time zone. */
export interface Format {
  readonly number: (value: number) => string;
  readonly percent: (share: number) => string;
  /** Bytes with binary prefixes. */
  readonly bytes: (bytes: number) => string;
  /** '20 November 2026' */
  readonly day: (at: string) => string;
  /** '20 Nov 2026, 14:02' */
  readonly instant: (at: string) => string;
  /** '20 Nov 2026, 14:02:31 GMT-3', for hints and records. */
  readonly exact: (at: string) => string;
  /** 'GMT-3' */
  readonly zone: string;
}

const ZoneContext = createContext<string>('UTC');

/** Below it, dates are written in this IANA time zone. */
export function ZoneProvider({ zone, children }: { zone: string; children: ReactNode }) {
  return <ZoneContext value={zone}>{children}</ZoneContext>;
}

export function useFormat(): Format {
  const language = useLanguage();
  const zone = useContext(ZoneContext);
  return useMemo(() => formatFor(language, zone), [language, zone]);
}

/** Day before month in all three languages: 'en' alone would write American dates. */
const locales = { 'pt-BR': 'pt-BR', en: 'en-GB', es: 'es' } as const;

export function formatFor(language: Language, timeZone: string): Format {
  const locale = locales[language];
  const number = new Intl.NumberFormat(locale, { useGrouping: 'always' });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone });
  const civil = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  const moment = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' } as const;
  const instant = new Intl.DateTimeFormat(locale, { ...moment, timeZone });
  const exact = new Intl.DateTimeFormat(locale, { ...moment, second: '2-digit', timeZone, timeZoneName: 'short' });
  const zone = exact.formatToParts(new Date()).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
  return {
    number: (value) => number.format(value),
    percent: (share) => percent.format(share),
    bytes: (bytes) => bytesIn(bytes, locale),
    day: (at) => (at.length === 10 ? civil : day).format(new Date(at)),
    instant: (at) => instant.format(new Date(at)),
    exact: (at) => exact.format(new Date(at)),
    zone,
  };
}

function bytesIn(bytes: number, locale: string): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = value < 10 && unit > 0 ? 1 : 0;
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value)} ${units[unit] ?? 'B'}`;
}

/** The present, looked at every 30 s so that 'ago' stays true. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** An instant: within a day of now as '14 minutes ago' with the date in the hint, else the other way round. */
export function Instant({ at }: { at: string }) {
  const format = useFormat();
  const language = useLanguage();
  const now = useNow();
  const date = new Date(at);
  const relative = relativeTo(now, date, language);
  const near = Math.abs(now.getTime() - date.getTime()) < 86_400_000;
  return (
    <time dateTime={at} title={near ? format.exact(at) : `${relative} · ${format.exact(at)}`}>
      {near ? (
        <>
          <span className="on-screen">{relative}</span>
          <span className="on-paper">{format.exact(at)}</span>
        </>
      ) : (
        format.instant(at)
      )}
    </time>
  );
}

/** A date without its time of day; the full instant is in the hint. */
export function Day({ at }: { at: string }) {
  const format = useFormat();
  const language = useLanguage();
  const now = useNow();
  return (
    <time
      dateTime={at}
      title={`${relativeTo(now, new Date(at), language)}${at.length === 10 ? '' : ` · ${format.exact(at)}`}`}
    >
      {format.day(at)}
    </time>
  );
}

/** The organisation's IANA time zone. */
export function useZone(): string {
  return useContext(ZoneContext);
}

/** The instant at which a civil date (`2026-12-31`) begins in a time zone. */
export function startOfDay(date: string, timeZone: string): string {
  const utc = Date.parse(`${date}T00:00:00Z`);
  // Twice, since the offset is that of the day's beginning there, which the first guess may miss by an hour.
  const first = utc - offsetAt(utc, timeZone);
  return new Date(utc - offsetAt(first, timeZone)).toISOString();
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const there = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return there - Math.floor(at / 1000) * 1000;
}

/** The civil date after one, `2026-11-21` of `2026-11-20`. */
export function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
