import type { AttemptOutcome } from './subscriptions-contract.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long a delivery is tried, from its first attempt. */
export const TRYING_MS = 72 * HOUR;
/** The longest wait that a receiver may ask for. */
export const LONGEST_WAIT_MS = 24 * HOUR;

const FIRST_WAIT_MS = 5 * SECOND;
const LONGEST_BACK_OFF_MS = 8 * HOUR;

/**
 * When to try again: 5 s after the first attempt, then four times as long each time up to 8 hours, each a fifth more or
 * less so that what failed together does not come back together; later where the receiver asks for it. The last attempt
 * is when the three days end; null once that was it.
 * @param round `attempts`: how many there were, at least 1; `startedAt`: when the first was
 * @param retryAfterMs what the receiver asked for, null where it did not
 * @param random from 0 to 1
 */
export function nextAttemptAt(
  round: { readonly attempts: number; readonly startedAt: Date },
  at: Date,
  retryAfterMs: number | null,
  random: number,
): Date | null {
  const end = round.startedAt.getTime() + TRYING_MS;
  if (at.getTime() >= end) return null;
  const backOff = Math.min(FIRST_WAIT_MS * 4 ** (round.attempts - 1), LONGEST_BACK_OFF_MS) * (0.8 + 0.4 * random);
  const wait = Math.max(backOff, Math.min(retryAfterMs ?? 0, LONGEST_WAIT_MS));
  return new Date(Math.min(at.getTime() + Math.round(wait), end));
}

/** How a receiver has behaved of late. */
export interface Health {
  readonly failingSince: Date | null;
  /** Attempts in a row that were not accepted. */
  readonly failures: number;
  /** Until when it is left alone. */
  readonly holdUntil: Date | null;
}

/** Failures in a row after which the receiver is left alone for a while, so that it is not asked once for each of thousands. */
const PATIENCE = 5;
const LONGEST_HOLD_MS = 5 * MINUTE;

/** What an attempt says about the receiver. */
export function healthAfter(
  before: Health,
  attempt: {
    readonly outcome: AttemptOutcome;
    readonly retryAfterMs: number | null;
    readonly startedAt: Date;
    readonly at: Date;
  },
): Health {
  const { outcome, retryAfterMs, startedAt, at } = attempt;
  if (outcome === 'accepted') return { failingSince: null, failures: 0, holdUntil: null };
  const failures = before.failures + 1;
  const tired = failures < PATIENCE ? 0 : Math.min(SECOND * 2 ** (failures - PATIENCE), LONGEST_HOLD_MS);
  const wait = Math.max(tired, Math.min(retryAfterMs ?? 0, LONGEST_WAIT_MS));
  const holdUntil = wait === 0 ? before.holdUntil : later(before.holdUntil, new Date(at.getTime() + wait));
  return { failingSince: before.failingSince ?? startedAt, failures, holdUntil };
}

function later(one: Date | null, other: Date): Date {
  return one !== null && one > other ? one : other;
}

/**
 * The header `Retry-After` (RFC 9110, 10.2.3), seconds or a date.
 * @returns milliseconds from `at`, null where it says nothing that can be read
 */
export function readRetryAfter(header: string | null, at: Date): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * SECOND;
  const date = /^[A-Z][a-z]{2}, .+ GMT$/.test(header.trim()) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - at.getTime());
}
