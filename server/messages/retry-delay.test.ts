import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextAttemptAfter } from './retry-delay.ts';

const first = new Date('2026-11-20T12:00:00Z');

test('the first retry comes within minutes, as greylisting wants, and later ones are further apart', () => {
  let at = first;
  const waits: number[] = [];
  for (let attempts = 1; attempts <= 8; attempts += 1) {
    const next = nextAttemptAfter(attempts, first, at);
    assert.ok(next !== null);
    waits.push((next.getTime() - at.getTime()) / 60_000);
    at = next;
  }
  assert.deepEqual(waits, [1, 5, 15, 30, 60, 120, 240, 240]);
});

test('a message is tried for three days and then given up', () => {
  let at = first;
  let attempts = 1;
  for (let next = nextAttemptAfter(attempts, first, at); next !== null; next = nextAttemptAfter(attempts, first, at)) {
    assert.ok(next > at);
    at = next;
    attempts += 1;
  }
  const triedHours = (at.getTime() - first.getTime()) / 3_600_000;
  assert.ok(triedHours > 68 && triedHours <= 72, `the last attempt came after ${triedHours} h`);
});
