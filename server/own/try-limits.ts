import { randomBytes } from 'node:crypto';
import type { Limits } from '../access/limit-attempts.ts';
import { Failure } from '../platform/failure.ts';

/** More than any limit for one address and one account lets through at once. */
const ATTEMPTS = 25;

/**
 * Tries to sign in too often, as somebody who does not exist (RFC 2606) from an address that nobody has (RFC 3849),
 * new each time, so that nobody's own attempts are counted. Stops at the first refusal.
 */
export async function countRefusals(limits: Limits): Promise<{ readonly attempts: number; readonly refused: number }> {
  const mark = randomBytes(8).toString('hex');
  const email = `canary-${mark}@kept.invalid`;
  const address = `2001:db8:${mark.slice(0, 4)}:${mark.slice(4, 8)}::1`;
  for (let attempts = 1; attempts <= ATTEMPTS; attempts += 1) {
    try {
      await limits.signIn({ email, address, mark: undefined });
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'too-many-attempts') throw error;
      return { attempts, refused: 1 };
    }
  }
  return { attempts: ATTEMPTS, refused: 0 };
}
