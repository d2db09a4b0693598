/**
 * What every bench answers: how near Kept comes to a physical limit (or a bare peer) that was measured beside it, in
 * the same run. Absolute figures of one machine say little, so only `ratio` is a result.
 */
export interface BenchPart {
  readonly name: string;
  /** Fraction of the limit that was reached; 1 is the limit. */
  readonly ratio: number;
  /** What `ratio` must be at least. */
  readonly goal: number;
  readonly ours: number;
  readonly limit: number;
  readonly unit: string;
}

/** Somebody else's or a barer way to do the same, measured in the same run. */
export interface BenchPeer {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

export interface BenchResult {
  readonly name: string;
  /** The ratio, goal, ours, limit and unit of the part that is furthest from its goal. */
  readonly ratio: number;
  readonly goal: number;
  readonly ours: number;
  readonly limit: number;
  readonly unit: string;
  readonly peers: readonly BenchPeer[];
  readonly parts: readonly BenchPart[];
}

export interface BenchOptions {
  /** Only JSON goes to standard output; `note` is silent. */
  readonly json: boolean;
  /** A tenth of the work, to see that it runs; its ratios mean little. */
  readonly quick: boolean;
  /** A line for people about what happens; goes to standard error, and nowhere with `json`. */
  readonly note: (line: string) => void;
}

/** Every `bench/NAME.ts` exports this under the name `run`. */
export type Bench = (options: BenchOptions) => Promise<BenchResult>;

/** Makes a part where more is better: `ours` per unit against `limit` per the same unit. */
export function partOf(name: string, goal: number, ours: number, limit: number, unit: string): BenchPart {
  return { name, ratio: ours / limit, goal, ours, limit, unit };
}

/** What both sides made of the same work, one right after the other. */
export interface Pair {
  readonly ours: number;
  readonly limit: number;
}

/**
 * Makes a part of several such pairs: its ratio is the median of theirs. A machine that others use, too, is now slow and
 * now fast; what both sides of a pair meet alike leaves its ratio alone, and one pair that was disturbed does not count.
 */
export function partOfPairs(name: string, goal: number, pairs: readonly Pair[], unit: string): BenchPart {
  const of = (value: (pair: Pair) => number) => median(pairs.map(value));
  const ratio = of(({ ours, limit }) => ours / limit);
  return { name, ratio, goal, ours: of(({ ours }) => ours), limit: of(({ limit }) => limit), unit };
}

/** The middle value; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

/** Puts the parts together; the one with the smallest share of its goal stands for the whole. */
export function resultOf(name: string, parts: readonly BenchPart[], peers: readonly BenchPeer[] = []): BenchResult {
  const [worst] = parts.toSorted((a, b) => a.ratio / a.goal - b.ratio / b.goal);
  if (worst === undefined) throw new Error(`bench ${name} has no parts`);
  const { ratio, goal, ours, limit, unit } = worst;
  return { name, ratio, goal, ours, limit, unit, peers, parts };
}
