import type { Measurement } from '../../server/policy/contract.ts';

/**
 * The age to show, in seconds; null where age is not what is promised. A civil date is past its period only when its
 * day is over where the organisation is, so a kept promise is at its limit at most, whatever the hour of day says.
 */
export function toldAge({ status, ageSeconds, limitSeconds }: Measurement): number | null {
  if (ageSeconds === null || limitSeconds === null || status !== 'kept') return ageSeconds;
  return Math.min(ageSeconds, limitSeconds);
}
