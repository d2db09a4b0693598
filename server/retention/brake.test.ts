import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brakeReason, median, withinRelease } from './brake.ts';

const habit = [90, 110, 100, 95];

test('more than a fifth of a dataset waits for a person, and a dataset may say otherwise', () => {
  assert.equal(brakeReason({ rows: 200, total: 1000, limit: 0.2, habit: [] }), null);
  assert.match(brakeReason({ rows: 201, total: 1000, limit: 0.2, habit: [] }) ?? '', /20\.1 % of the dataset/);
  assert.equal(brakeReason({ rows: 800, total: 1000, limit: 0.9, habit: [] }), null);
});

test('an ordinary day of a small table does not trip it, half of a small table does', () => {
  assert.equal(brakeReason({ rows: 3, total: 10, limit: 0.2, habit: [] }), null);
  assert.equal(brakeReason({ rows: 4, total: 4, limit: 0.2, habit: [] }), null);
  assert.notEqual(brakeReason({ rows: 5, total: 10, limit: 0.2, habit: [] }), null);
});

test('ten times the habit waits, once there is a habit', () => {
  assert.equal(brakeReason({ rows: 900, total: 100_000, limit: 0.2, habit }), null);
  assert.match(brakeReason({ rows: 1100, total: 100_000, limit: 0.2, habit }) ?? '', /98 are usual/);
  assert.equal(brakeReason({ rows: 1100, total: 100_000, limit: 0.2, habit: [1, 1] }), null);
  assert.equal(brakeReason({ rows: 400, total: 100_000, limit: 0.2, habit: [0, 0, 0, 0] }), null);
});

test('everything after a clock that jumped ahead is braked', () => {
  for (const total of [5, 50, 5000, 5_000_000])
    assert.notEqual(brakeReason({ rows: total, total, limit: 0.2, habit }), null);
});

test('a release covers what a person saw and a little more, not a multiple', () => {
  assert.ok(withinRelease(1000, 1000));
  assert.ok(withinRelease(1090, 1000));
  assert.ok(!withinRelease(1200, 1000));
  assert.ok(withinRelease(20, 0));
  assert.ok(!withinRelease(50, 0));
});

test('the median is the middle, or between the two middle ones', () => {
  assert.equal(median([]), 0);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});
