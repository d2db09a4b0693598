import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageBetween, durationInWords, relativeTo, scaleOf, shortDuration } from './duration.ts';

test('an age is told in the units its period is promised in', () => {
  const to = new Date('2026-11-20T12:00:00Z');
  const from = new Date('2026-05-25T08:00:00Z');
  assert.equal(ageBetween(from, to, scaleOf({ en: '90 days' }), 'en'), '179 d 4 h');
  assert.equal(ageBetween(from, to, scaleOf({ en: '6 months' }), 'en'), '5 months 26 days');
  assert.equal(ageBetween(from, to, scaleOf({ 'pt-BR': '6 meses' }), 'pt-BR'), '5 meses 26 dias');
  assert.equal(ageBetween(new Date('2021-12-20T00:00:00Z'), to, scaleOf({ es: '5 años' }), 'es'), '4 años 11 meses');
});

test('an age just past its limit does not read like the limit', () => {
  const from = new Date('2026-05-20T05:00:00Z');
  assert.equal(ageBetween(from, new Date('2026-11-20T12:00:00Z'), 'months', 'en'), '6 months 7 h');
  assert.equal(ageBetween(from, new Date('2026-11-20T05:00:00Z'), 'months', 'en'), '6 months');
  assert.equal(
    ageBetween(new Date('2024-11-20T00:00:00Z'), new Date('2026-11-23T00:00:00Z'), 'years', 'en'),
    '2 years 3 days',
  );
});

test('a month that lacks the date does not count early', () => {
  const january = new Date('2026-01-31T00:00:00Z');
  assert.equal(ageBetween(january, new Date('2026-02-27T00:00:00Z'), 'months', 'en'), '27 d');
  assert.equal(ageBetween(january, new Date('2026-02-28T00:00:00Z'), 'months', 'en'), '1 month');
});

test('durations name their two largest units and leave out what is zero', () => {
  assert.equal(shortDuration(29 * 86_400 + 4 * 3600 + 59, 'en'), '29 d 4 h');
  assert.equal(shortDuration(0, 'en'), '0 s');
  assert.equal(durationInWords(3600, 'pt-BR'), '1 hora');
  assert.equal(durationInWords(86_400 + 60, 'en'), '1 day');
});

test('what is near is told relative to now', () => {
  const now = new Date('2026-11-20T12:00:00Z');
  assert.equal(relativeTo(now, new Date('2026-11-20T11:46:00Z'), 'en'), '14 minutes ago');
  assert.equal(relativeTo(now, new Date('2026-11-20T17:00:00Z'), 'es'), 'dentro de 5 horas');
});
