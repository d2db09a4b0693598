/**
 * Whether time tells who has an account: sign-in with a wrong password and the request for a new one, for addresses
 * that are somebody's and addresses that are nobody's, in random order, one at a time, over HTTP.
 *
 * What an attacker can learn from one answer is the chance that a random known address took longer than a random
 * unknown one (the area under the curve of Mann and Whitney's test); one half is a coin. The ratio is
 * 1 − 2·|chance − ½|: 1 is nothing at all, 0 is certainty. Goal 0.9; by chance alone a run of this size stays above
 * 0.92 in 998 of 1,000.
 */
import { randomInt } from 'node:crypto';
import { openTestAccess, type TestAccess } from '../server/access/test-access.ts';
import { type Bench, type BenchPart, resultOf } from './result.ts';

const GOAL = 0.9;

export const run: Bench = async ({ quick, note }) => {
  const people = quick ? 20 : 250;
  const kept = await openTestAccess({ environment: { KEPT_PROXIES: '127.0.0.1' } });
  try {
    const known: string[] = [];
    for (let index = 0; index < people; index += 1) {
      const { email } = await kept.addPerson({ organisationId: kept.organisationId, role: 'agent' });
      known.push(email);
    }
    // As long as the known ones, so that nothing but being known tells them apart.
    const unknown = known.map((email) => `x${email.slice(1)}`);
    const parts = [
      await compare('sign-in', 4, known, unknown, (email) =>
        call(kept, '/v1/access/sign-in', { email, password: 'not the right one' }, 401),
      ),
      await compare('password-reset', 2, known, unknown, (email) =>
        call(kept, '/v1/access/password-resets', { email }, 204),
      ),
    ];
    for (const { name, ours, limit, ratio } of parts)
      note(`${name}: known ${ours.toFixed(2)} ms, unknown ${limit.toFixed(2)} ms (medians), ratio ${ratio.toFixed(3)}`);
    return resultOf('timing', parts);
  } finally {
    await kept.close();
  }
};

let callers = 0;

/** From an address that nobody has called from, so that no limit is reached. @returns how long it took, in milliseconds */
async function call(kept: TestAccess, path: string, body: unknown, status: number): Promise<number> {
  callers += 1;
  const address = `10.${callers >> 16}.${(callers >> 8) & 255}.${callers & 255}`;
  const started = performance.now();
  const answer = await kept.call('POST', path, { 'x-forwarded-for': address }, body);
  const ms = performance.now() - started;
  if (answer.status !== status) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
  return ms;
}

async function compare(
  name: string,
  times: number,
  known: readonly string[],
  unknown: readonly string[],
  ask: (email: string) => Promise<number>,
): Promise<BenchPart> {
  const tries = [
    ...known.map((email) => ({ email, isKnown: true })),
    ...unknown.map((email) => ({ email, isKnown: false })),
  ];
  const taken: { ms: number; isKnown: boolean }[] = [];
  for (const { email } of shuffled(tries).slice(0, 20)) await ask(email);
  for (let round = 0; round < times; round += 1)
    for (const { email, isKnown } of shuffled(tries)) taken.push({ ms: await ask(email), isKnown });
  const chance = chanceOfLonger(taken);
  const median = (isKnown: boolean) => {
    const sorted = taken
      .filter((one) => one.isKnown === isKnown)
      .map(({ ms }) => ms)
      .toSorted((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return {
    name,
    ratio: 1 - 2 * Math.abs(chance - 0.5),
    goal: GOAL,
    ours: median(true),
    limit: median(false),
    unit: 'ms (medians of known and unknown addresses; the ratio is 1 − 2·|chance − ½|)',
  };
}

/** The chance that a random known address took longer than a random unknown one: U / (n · m), by ranks. */
function chanceOfLonger(taken: readonly { ms: number; isKnown: boolean }[]): number {
  let rankSum = 0;
  let count = 0;
  for (const [index, { isKnown }] of taken.toSorted((one, other) => one.ms - other.ms).entries())
    if (isKnown) {
      rankSum += index + 1;
      count += 1;
    }
  return (rankSum - (count * (count + 1)) / 2) / (count * (taken.length - count));
}

function shuffled<T>(items: readonly T[]): T[] {
  const left = [...items];
  for (let end = left.length - 1; end > 0; end -= 1) {
    const at = randomInt(end + 1);
    const [one, other] = [left[at], left[end]];
    if (one !== undefined && other !== undefined) {
      left[at] = other;
      left[end] = one;
    }
  }
  return left;
}
