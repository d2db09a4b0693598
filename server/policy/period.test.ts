import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { addPeriod, cutoffFor, findPeriod, type MonthEnd, monthEndOf, parsePeriod, periodInWords } from './period.ts';

const zones = ['America/Sao_Paulo', 'Europe/Lisbon', 'UTC', 'Pacific/Apia', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const at = (text: string): Date => new Date(text);
const zoned = (date: Date, zone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(date.getTime()).toZonedDateTimeISO(zone);

/** Brazil had summer time until February 2019, Portugal has it still: both fall in this span. */
const instants = fc.date({ min: at('2005-01-01'), max: at('2027-01-01'), noInvalidDate: true });
const zone = fc.constantFrom(...zones);
const monthEnd = fc.constantFrom<MonthEnd>('last-day', 'following-day');
const periods = fc
  .oneof(
    fc.tuple(fc.nat(10), fc.constantFrom('Y')),
    fc.tuple(fc.nat(40), fc.constantFrom('M')),
    fc.tuple(fc.nat(400), fc.constantFrom('D')),
    fc.tuple(fc.nat(60), fc.constantFrom('W')),
  )
  .map(([count, unit]) => `P${count}${unit}`);
const mixed = fc
  .tuple(fc.nat(3), fc.nat(14), fc.nat(40), fc.nat(50))
  .map(([years, months, days, hours]) => `P${years}Y${months}M${days}DT${hours}H`);
const anyPeriod = fc.oneof(
  periods,
  mixed,
  fc.nat(6).map((count) => `${count} business days`),
);

describe('period', () => {
  it('reads ISO 8601 and business days, and nothing else', () => {
    for (const text of ['P30D', 'P6M', 'PT0S', 'PT1M', 'P1Y2M3W4DT5H6M7S', '1 business day', '5 business days']) {
      assert.notEqual(findPeriod(text), undefined, text);
    }
    for (const text of [
      '',
      'P',
      'PT',
      'P1',
      '30D',
      'P-1D',
      'P1.5Y',
      'p30d',
      'P1H',
      'PT1D',
      '30 days',
      'P1001Y',
      ' P1D',
    ]) {
      assert.equal(findPeriod(text), undefined, text);
    }
    assert.throws(() => parsePeriod('forever'), RangeError);
  });

  it('six months are not 180 days', () => {
    const start = at('2026-03-01T12:00:00Z');
    const months = addPeriod(start, parsePeriod('P6M'), 'UTC', 'last-day');
    const days = addPeriod(start, parsePeriod('P180D'), 'UTC', 'last-day');
    assert.equal(months.toISOString(), '2026-09-01T12:00:00.000Z');
    assert.equal(days.toISOString(), '2026-08-28T12:00:00.000Z');
    fc.assert(
      fc.property(instants, monthEnd, (start, end) => {
        const six = addPeriod(start, parsePeriod('P6M'), 'UTC', end).getTime() - start.getTime();
        assert.ok(six >= 181 * 86_400_000 && six <= 184 * 86_400_000, `${six / 86_400_000} days`);
      }),
    );
  });

  it('a month that lacks the date ends on its last day in the Union and on the following day in Brazil', () => {
    const cases = [
      ['2026-01-31', 'P1M', '2026-02-28', '2026-03-01'],
      ['2024-01-31', 'P1M', '2024-02-29', '2024-03-01'],
      ['2024-02-29', 'P1Y', '2025-02-28', '2025-03-01'],
      ['2024-02-29', 'P4Y', '2028-02-29', '2028-02-29'],
      ['2026-08-31', 'P6M', '2027-02-28', '2027-03-01'],
      ['2026-03-31', 'P1M', '2026-04-30', '2026-05-01'],
      ['2026-01-15', 'P1M', '2026-02-15', '2026-02-15'],
    ] as const;
    for (const [start, period, union, brazil] of cases) {
      const from = at(`${start}T10:00:00Z`);
      assert.equal(addPeriod(from, parsePeriod(period), 'UTC', 'last-day').toISOString().slice(0, 10), union);
      assert.equal(addPeriod(from, parsePeriod(period), 'UTC', monthEndOf('BR')).toISOString().slice(0, 10), brazil);
    }
    assert.equal(monthEndOf('PT'), 'last-day');
  });

  it('days keep the time of day when clocks change, hours do not', () => {
    // Portugal, 29 March 2026: 01:00 becomes 02:00.
    const before = at('2026-03-28T12:00:00Z');
    const day = addPeriod(before, parsePeriod('P1D'), 'Europe/Lisbon', 'last-day');
    const hours = addPeriod(before, parsePeriod('PT24H'), 'Europe/Lisbon', 'last-day');
    assert.equal(day.toISOString(), '2026-03-29T11:00:00.000Z');
    assert.equal(hours.toISOString(), '2026-03-29T12:00:00.000Z');
    // São Paulo, 4 November 2018: midnight becomes 01:00, so a term that would end at 00:30 ends at 01:30.
    const gap = addPeriod(at('2018-10-05T03:30:00Z'), parsePeriod('P30D'), 'America/Sao_Paulo', 'following-day');
    assert.equal(zoned(gap, 'America/Sao_Paulo').toPlainDateTime().toString(), '2018-11-04T01:30:00');
  });

  it('nothing added changes nothing, also in the hour that a change of clocks repeats', () => {
    fc.assert(
      fc.property(instants, zone, monthEnd, (start, where, end) => {
        assert.equal(addPeriod(start, parsePeriod('PT0S'), where, end).getTime(), start.getTime());
        assert.equal(addPeriod(start, parsePeriod('P0D'), where, end).getTime(), start.getTime());
      }),
    );
  });

  it('business days skip weekends and the holidays they are told of', () => {
    const friday = at('2026-11-20T12:00:00Z');
    const one = parsePeriod('1 business day');
    assert.equal(addPeriod(friday, one, 'UTC', 'last-day').toISOString().slice(0, 10), '2026-11-23');
    const holiday = (date: string) => date !== '2026-11-23' && Temporal.PlainDate.from(date).dayOfWeek <= 5;
    assert.equal(addPeriod(friday, one, 'UTC', 'last-day', holiday).toISOString().slice(0, 10), '2026-11-24');
  });

  it('many business days end where counting them one by one ends, and cost no more than few', () => {
    const oneByOne = (date: string) => Temporal.PlainDate.from(date).dayOfWeek <= 5;
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 60 }), (start, count) => {
        const period = parsePeriod(`${count} business days`);
        assert.deepEqual(
          addPeriod(start, period, 'UTC', 'last-day'),
          addPeriod(start, period, 'UTC', 'last-day', oneByOne),
        );
      }),
    );
    const now = at('2026-11-20T12:00:00Z');
    const long = parsePeriod('1000 business days');
    const started = process.cpuUsage();
    const cutoff = cutoffFor(now, long, 'America/Sao_Paulo', 'following-day');
    assert.ok(process.cpuUsage(started).user < 5_000_000);
    assert.ok(addPeriod(new Date(cutoff.getTime() - 1), long, 'America/Sao_Paulo', 'following-day') < now);
    assert.ok(addPeriod(cutoff, long, 'America/Sao_Paulo', 'following-day') >= now);
    assert.equal(findPeriod('2601 business days'), undefined);
  });

  it('a datum just before the cutoff is past its period and the one at it is not', () => {
    fc.assert(
      fc.property(instants, anyPeriod, zone, monthEnd, (now, text, where, end) => {
        const period = parsePeriod(text);
        const cutoff = cutoffFor(now, period, where, end);
        const before = addPeriod(new Date(cutoff.getTime() - 1), period, where, end);
        assert.ok(before < now, 'the one before is past');
        assert.ok(addPeriod(cutoff, period, where, end) >= now, 'the one at it is not');
      }),
      { numRuns: 150 },
    );
  });

  it('every datum before the cutoff is past its period, at month ends and changes of clocks too', () => {
    const monthEnds = fc
      .tuple(fc.integer({ min: 2010, max: 2026 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: -3, max: 3 }))
      .map(([year, month, days]) => new Temporal.PlainDate(year, month, 1).add({ months: 1 }).add({ days }))
      .chain((day) =>
        fc.integer({ min: 0, max: 86_399_999 }).map((ms) => new Date(at(`${day.toString()}T00:00:00Z`).getTime() + ms)),
      );
    const datum = fc.integer({ min: 0, max: 6 * 86_400_000 });
    fc.assert(
      fc.property(
        fc.oneof(monthEnds, instants),
        anyPeriod,
        zone,
        monthEnd,
        fc.array(datum),
        (now, text, where, end, ages) => {
          const period = parsePeriod(text);
          const cutoff = cutoffFor(now, period, where, end).getTime();
          for (const age of ages) {
            assert.ok(
              addPeriod(new Date(cutoff - 1 - age), period, where, end) < now,
              new Date(cutoff - 1 - age).toISOString(),
            );
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('the cutoff never goes back as time goes on', () => {
    fc.assert(
      fc.property(instants, fc.nat(5 * 86_400_000), anyPeriod, zone, monthEnd, (now, later, text, where, end) => {
        const period = parsePeriod(text);
        const first = cutoffFor(now, period, where, end);
        const second = cutoffFor(new Date(now.getTime() + later), period, where, end);
        assert.ok(second >= first, `${first.toISOString()} then ${second.toISOString()}`);
      }),
      { numRuns: 100 },
    );
  });

  it('the cutoff waits for all of a short month: on 1 March 09:00 no datum of 31 January 10:00 goes', () => {
    const cutoff = cutoffFor(at('2026-02-28T12:30:00Z'), parsePeriod('P1M'), 'UTC', 'last-day');
    // 28 January 12:30 ends at that very instant; so do 29, 30 and 31 January 12:30: the earliest counts.
    assert.equal(cutoff.toISOString(), '2026-01-28T12:30:00.000Z');
    const brazil = cutoffFor(at('2026-03-01T12:30:00Z'), parsePeriod('P1M'), 'UTC', 'following-day');
    assert.equal(brazil.toISOString(), '2026-01-29T12:30:00.000Z');
  });

  it('is said in the words of each language, with its plural', () => {
    const said = (text: string) =>
      (['pt-BR', 'en', 'es'] as const).map((language) => periodInWords(parsePeriod(text), language));
    assert.deepEqual(said('P30D'), ['30 dias', '30 days', '30 días']);
    assert.deepEqual(said('P1D'), ['1 dia', '1 day', '1 día']);
    assert.deepEqual(said('P1M'), ['1 mês', '1 month', '1 mes']);
    assert.deepEqual(said('P6M'), ['6 meses', '6 months', '6 meses']);
    assert.deepEqual(said('P5Y'), ['5 anos', '5 years', '5 años']);
    assert.deepEqual(said('PT1M'), ['1 minuto', '1 minute', '1 minuto']);
    assert.deepEqual(said('5 business days'), ['5 dias úteis', '5 business days', '5 días hábiles']);
    assert.deepEqual(said('1 business day'), ['1 dia útil', '1 business day', '1 día hábil']);
    assert.deepEqual(said('P1Y6M'), ['1 ano e 6 meses', '1 year and 6 months', '1 año y 6 meses']);
    assert.deepEqual(said('PT0S'), ['0 segundos', '0 seconds', '0 segundos']);
  });
});
