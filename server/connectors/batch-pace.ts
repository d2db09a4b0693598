/** How large the next batch is and how long the store rests before it. */
export interface Pace {
  /** About how many rows the batch looks at. */
  readonly size: number;
  readonly restMs: number;
}

export const firstPace: Pace = { size: 5_000, restMs: 0 };

/**
 * Batches of 20–50 ms: long enough that their overhead is small, short enough that nobody waits long behind one. What
 * is between `fastMs` and `slowMs` stays as it is, so that the size does not follow every whim of the machine.
 */
const fastMs = 42;
const aimMs = 47;
const slowMs = 50;
const leastSize = 50;
const mostSize = 100_000;
const leastRestMs = 2;
const mostRestMs = 2_000;

/**
 * The pace after a batch. The store works about half of the time: a batch is followed by a rest of its own length.
 * Growth is at most twofold, since the next stretch may hold more rows; a time-out halves and rests longer each time.
 */
export function nextPace(pace: Pace, outcome: { readonly elapsedMs: number } | 'timed-out'): Pace {
  if (outcome === 'timed-out') {
    return { size: bounded(pace.size / 2, leastSize, mostSize), restMs: bounded(pace.restMs * 2, 100, mostRestMs) };
  }
  const { elapsedMs } = outcome;
  const isRight = elapsedMs >= fastMs && elapsedMs <= slowMs;
  const factor = isRight ? 1 : Math.min(2, Math.max(0.25, aimMs / Math.max(elapsedMs, 0.1)));
  return {
    size: bounded(pace.size * factor, leastSize, mostSize),
    restMs: bounded(elapsedMs, leastRestMs, mostRestMs),
  };
}

function bounded(value: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, value)));
}
