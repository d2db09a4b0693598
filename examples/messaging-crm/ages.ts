import type { Random } from './random.ts';

export const dayMs = 86_400_000;

export const daysBefore = (at: Date, days: number) => new Date(at.getTime() - days * dayMs);

/** The same time of day so many calendar months earlier, on the month's last day where it has no such date. */
export function monthsBefore(at: Date, months: number): Date {
  const day = at.getUTCDate();
  const moved = new Date(at);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() - months);
  const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(day, last));
  return moved;
}

export interface Spread {
  /** Share of all that is past its limit and its tolerance of a day. */
  readonly overdue: number;
  /** How far past, at most. */
  readonly overdueDays: number;
  /** Share of all that is past its limit, but within its tolerance. */
  readonly due: number;
}

/**
 * Instants around a limit, oldest first: some overdue, some due, the rest safe (after the limit, up to `at`).
 * At least two are overdue and one is due, however few there are.
 */
export function spreadAround(limit: Date, at: Date, count: number, shares: Spread, random: Random): Date[] {
  const overdue = Math.max(2, Math.round(count * shares.overdue));
  const due = Math.max(1, Math.round(count * shares.due));
  const instants = Array.from({ length: count }, (_, place) => {
    if (place < overdue) return daysBefore(limit, 1.25 + random.next() * shares.overdueDays);
    if (place < overdue + due) return daysBefore(limit, 0.1 + random.next() * 0.7);
    const safe = limit.getTime() + 0.25 * dayMs;
    return new Date(safe + random.next() * (at.getTime() - safe));
  });
  return instants.sort((a, b) => a.getTime() - b.getTime());
}
