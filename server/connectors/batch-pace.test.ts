import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPace, nextPace, type Pace } from './batch-pace.ts';

test('batches settle between 20 and 50 ms, whatever a row costs, and rest as long as they took', () => {
  for (const microsecondsPerRow of [0.4, 1, 5, 30, 400]) {
    let pace: Pace = firstPace;
    let elapsedMs = 0;
    for (let batch = 0; batch < 20; batch += 1) {
      elapsedMs = (pace.size * microsecondsPerRow) / 1000;
      pace = nextPace(pace, { elapsedMs });
    }
    assert.ok(elapsedMs >= 20 && elapsedMs <= 50, `${microsecondsPerRow} µs: ${elapsedMs} ms`);
    assert.equal(pace.restMs, Math.round(elapsedMs));
  }
});

test('a time-out halves the batch and rests longer each time', () => {
  const once = nextPace({ size: 8_000, restMs: 30 }, 'timed-out');
  const twice = nextPace(once, 'timed-out');
  assert.deepEqual([once.size, twice.size], [4_000, 2_000]);
  assert.ok(twice.restMs > once.restMs && once.restMs >= 100);
  let pace = twice;
  for (let batch = 0; batch < 50; batch += 1) pace = nextPace(pace, 'timed-out');
  assert.deepEqual(pace, { size: 50, restMs: 2_000 });
});

test('a stretch without due rows does not make the next batch a giant', () => {
  let pace: Pace = firstPace;
  for (let batch = 0; batch < 50; batch += 1) pace = nextPace(pace, { elapsedMs: 0.5 });
  assert.deepEqual(pace, { size: 100_000, restMs: 2 });
});
