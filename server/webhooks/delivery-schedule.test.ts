import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthAfter, nextAttemptAt, readRetryAfter } from './delivery-schedule.ts';

const start = new Date('2026-11-20T12:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);
const hour = 3_600_000;

test('a delivery is tried for exactly three days, less and less often', () => {
  for (const random of [0, 0.5, 1]) {
    const times: Date[] = [start];
    for (let next: Date | null = start; next !== null; ) {
      next = nextAttemptAt({ attempts: times.length, startedAt: start }, next, null, random);
      if (next !== null) times.push(next);
    }
    assert.deepEqual(times.at(-1), after(72 * hour));
    assert.ok(times.length >= 14 && times.length <= 20, `${times.length} attempts`);
    const waits = times.slice(1, -1).map((time, index) => time.getTime() - (times[index] ?? start).getTime());
    assert.ok(waits.every((wait, index) => wait >= (waits[index - 1] ?? 0)));
    assert.equal(waits[0], 4_000 + 2_000 * random);
    assert.ok(Math.max(...waits) <= 8 * hour * 1.2);
  }
});

test('a receiver may ask for a longer wait, a day at most, and never beyond the three days', () => {
  const round = { attempts: 1, startedAt: start };
  assert.deepEqual(nextAttemptAt(round, start, 60_000, 0.5), after(60_000));
  assert.deepEqual(nextAttemptAt(round, start, 1, 0.5), after(5_000), 'not a shorter one');
  assert.deepEqual(nextAttemptAt(round, start, 900 * hour, 0.5), after(24 * hour));
  assert.deepEqual(nextAttemptAt(round, after(71 * hour), 24 * hour, 0.5), after(72 * hour));
  assert.equal(nextAttemptAt(round, after(72 * hour), null, 0.5), null);
});

test('after five failures in a row a receiver is left alone, longer each time; one success and all is well', () => {
  let health = healthAfter(
    { failingSince: null, failures: 0, holdUntil: null },
    { outcome: 'refused', retryAfterMs: null, startedAt: start, at: start },
  );
  assert.deepEqual(health, { failingSince: start, failures: 1, holdUntil: null });
  const holds = Array.from({ length: 20 }, (_, index) => {
    health = healthAfter(health, {
      outcome: 'timed-out',
      retryAfterMs: null,
      startedAt: after(index * hour),
      at: after(index * hour),
    });
    return health.holdUntil === null ? 0 : health.holdUntil.getTime() - after(index * hour).getTime();
  });
  assert.deepEqual(holds.slice(0, 8), [0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.equal(holds.at(-1), 300_000);
  assert.deepEqual(health.failingSince, start);
  assert.deepEqual(
    healthAfter(health, { outcome: 'accepted', retryAfterMs: null, startedAt: after(1), at: after(1) }),
    {
      failingSince: null,
      failures: 0,
      holdUntil: null,
    },
  );
});

test('a receiver that says when to come back is left alone until then', () => {
  const fine = { failingSince: null, failures: 0, holdUntil: null };
  const held = healthAfter(fine, { outcome: 'throttled', retryAfterMs: 90_000, startedAt: start, at: start });
  assert.deepEqual(held.holdUntil, after(90_000));
  const again = healthAfter(held, { outcome: 'throttled', retryAfterMs: 1_000, startedAt: start, at: start });
  assert.deepEqual(again.holdUntil, after(90_000), 'what came back from another attempt does not shorten it');
  const long = healthAfter(fine, { outcome: 'throttled', retryAfterMs: 1e15, startedAt: start, at: start });
  assert.deepEqual(long.holdUntil, after(24 * hour));
});

test('Retry-After is read as seconds or a date, and ignored where it is neither', () => {
  assert.equal(readRetryAfter('120', start), 120_000);
  assert.equal(readRetryAfter('Fri, 20 Nov 2026 12:01:00 GMT', start), 60_000);
  assert.equal(readRetryAfter('Fri, 20 Nov 2026 11:00:00 GMT', start), 0);
  for (const nothing of [null, '', 'soon', '-5', '1e99'])
    assert.equal(readRetryAfter(nothing, start), null, String(nothing));
});
