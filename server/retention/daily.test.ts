import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastDailyRun, nextDailyRun } from './daily.ts';
import { jumpOf } from './look-after.ts';

test('the day of a run is the organisation’s own', () => {
  const at = new Date('2026-11-20T05:59:00Z');
  assert.equal(lastDailyRun(at, 'America/Sao_Paulo').toISOString(), '2026-11-19T06:00:00.000Z');
  assert.equal(nextDailyRun(at, 'America/Sao_Paulo').toISOString(), '2026-11-20T06:00:00.000Z');
  const after = new Date('2026-11-20T06:00:00Z');
  assert.equal(lastDailyRun(after, 'America/Sao_Paulo').toISOString(), '2026-11-20T06:00:00.000Z');
  assert.equal(nextDailyRun(after, 'America/Sao_Paulo').toISOString(), '2026-11-21T06:00:00.000Z');
});

test('a day whose clocks skip or repeat hours still has one run', () => {
  // Berlin: 29 March 2026 has no 02:30, 25 October 2026 has it twice.
  for (const day of ['2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z']) {
    const next = nextDailyRun(new Date(day), 'Europe/Berlin');
    assert.equal(lastDailyRun(next, 'Europe/Berlin').getTime(), next.getTime());
    assert.ok(next.getTime() - new Date(day).getTime() < 86_400_000);
  }
});

test('a clock that went back, or days ahead, is noticed', () => {
  const lookedAfterAt = new Date('2026-11-20T12:00:00Z');
  const jump = (at: string) => jumpOf({ lookedAfterAt }, new Date(at));
  assert.equal(jump('2026-11-20T12:01:00Z'), null);
  assert.equal(jump('2026-11-23T11:00:00Z'), null);
  assert.equal(jump('2026-11-23T13:00:00Z'), 'ahead');
  assert.equal(jump('2036-11-20T12:00:00Z'), 'ahead');
  assert.equal(jump('2026-11-20T11:50:00Z'), 'back');
  assert.equal(jumpOf({ lookedAfterAt: null }, lookedAfterAt), null);
});
