const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Waits after the first, second, … attempt that failed for now; the last one repeats. Greylisting wants minutes. */
const WAITS = [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];

/** How long a message is tried, counted from its first attempt (RFC 5321 4.5.4.1 asks for four to five days at a relay; Kept hands over to one). */
export const TRYING_MS = 72 * HOUR;

/**
 * When to try again, or null when it was tried for long enough.
 * @param attempts how many there were, at least 1
 * @param firstAttemptAt when the first one was
 * @param at now
 */
export function nextAttemptAfter(attempts: number, firstAttemptAt: Date, at: Date): Date | null {
  const wait = WAITS[Math.min(attempts, WAITS.length) - 1] ?? MINUTE;
  const next = new Date(at.getTime() + wait);
  return next.getTime() - firstAttemptAt.getTime() > TRYING_MS ? null : next;
}
