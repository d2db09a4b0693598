/** What a step would take, against what is there and what it took before. */
export interface Appetite {
  readonly rows: number;
  readonly total: number;
  /** Share of the dataset above which a person is asked, 0–1. */
  readonly limit: number;
  /** Rows that earlier finished runs of the same step took, in any order. */
  readonly habit: readonly number[];
}

/** A fifth of a dataset, unless the data map says otherwise. */
export const defaultLimit = 0.2;

/** Below so many rows a share says little: three expired tokens of ten are an ordinary day. */
const fewRows = 25;
/** … but half of a small table or more is never ordinary, such as all of it after the clock jumped ahead. */
const halfShare = 0.5;
const veryFewRows = 5;
/** A habit is known after so many runs, and is not broken by so few rows. */
const runsForHabit = 3;
const timesHabit = 10;
const habitFewRows = 500;

/** Why a step has to wait for a person, or null. */
export function brakeReason(appetite: Appetite): string | null {
  const { rows, total, limit, habit } = appetite;
  if (rows === 0 || total === 0) return null;
  const share = rows / total;
  if (share > limit && (rows >= fewRows || (share >= halfShare && rows >= veryFewRows)))
    return `It would take ${percent(share)} of the dataset (${rows} of ${total}); more than ${percent(limit)} waits for a person.`;
  if (habit.length < runsForHabit) return null;
  const usual = median(habit);
  if (rows > habitFewRows && rows > timesHabit * Math.max(usual, 1))
    return `It would take ${rows} rows where ${Math.round(usual)} are usual; more than ${timesHabit} times as many wait for a person.`;
  return null;
}

/** A little more than a person saw may go: rows fall due between their look and the run. */
export function withinRelease(rows: number, released: number): boolean {
  return rows <= Math.max(released + fewRows, released * 1.1);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return 0;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? 0;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
