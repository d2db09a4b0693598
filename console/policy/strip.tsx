import type { Measurement } from '../../server/policy/contract.ts';
import { toldAge } from './told-age.ts';
import './strip.css';

/**
 * How near to the limit the oldest datum is: a thin line, a tick at the limit, a dot at the measured age. Amber begins
 * where waiting for the next run would be too late (at the limit at the latest), red where the tolerance ends.
 * @param nextRunAt when disposal runs next; null where it is stopped or not known
 */
export function Strip({
  measurement,
  nextRunAt,
  label,
}: {
  measurement: Measurement;
  nextRunAt: string | null;
  label: string;
}) {
  const zones = zonesOf(measurement, nextRunAt);
  if (zones === undefined) return null;
  const { amber, limit, red, dot } = zones;
  return (
    <svg className={`strip ${measurement.status}`} width="100%" height="16" role="img" aria-label={label}>
      <line className="strip-line" x1="0" x2="100%" y1="8" y2="8" />
      <line className="strip-amber" x1={amber} x2={red} y1="8" y2="8" />
      <line className="strip-red" x1={red} x2="100%" y1="8" y2="8" />
      <line className="strip-tick" x1={limit} x2={limit} y1="1.5" y2="14.5" />
      {dot === undefined ? null : <circle className="strip-dot" cx={dot} cy="8" r="4.5" />}
    </svg>
  );
}

function zonesOf(measurement: Measurement, nextRunAt: string | null) {
  const { limitSeconds } = measurement;
  const ageSeconds = toldAge(measurement);
  if (limitSeconds === null) return undefined;
  const tolerance = measurement.toleranceSeconds ?? 0;
  const broken = limitSeconds + tolerance;
  const untilRun = nextRunAt === null ? 0 : secondsBetween(measurement.measuredAt, nextRunAt);
  const amber = Math.max(0, Math.min(limitSeconds, broken - untilRun));
  const end = Math.max(broken, ageSeconds ?? 0, 1) * 1.07;
  const at = (seconds: number) => Math.min(98.2, Math.max(1.8, (seconds / end) * 100));
  // A day beside five years would be thinner than a hair.
  const red = Math.max(at(broken), at(amber) + 2);
  return {
    amber: `${at(amber)}%`,
    limit: `${at(limitSeconds)}%`,
    red: `${Math.min(red, 98.2)}%`,
    dot: ageSeconds === null ? undefined : `${at(ageSeconds)}%`,
  };
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (new Date(to).getTime() - new Date(from).getTime()) / 1000);
}
