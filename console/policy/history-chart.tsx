import { useEffect, useRef, useState } from 'react';
import type { Measurement, PromiseRow, Status } from '../../server/policy/contract.ts';
import { shortDuration } from '../language/duration.ts';
import { useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { LocalisedText } from '../language/localised.tsx';
import { promiseWords } from './promise-words.ts';
import { StatusShape } from './status.tsx';
import { toldAge } from './told-age.ts';
import './history-chart.css';

const height = 220;
const margin = { top: 18, right: 16, bottom: 26, left: 60 } as const;
const shape = 11;

/**
 * The history of a promise: the age of its oldest datum over time against the limit, or, where age is not what is
 * promised, its statuses in a row. The same figures stand in a table beside it.
 * @param measurements oldest first, at least one
 */
export function HistoryChart({ promise, measurements }: { promise: PromiseRow; measurements: readonly Measurement[] }) {
  const words = useWords(promiseWords);
  const format = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const first = measurements.at(0);
  const last = measurements.at(-1);
  if (first === undefined || last === undefined) return null;
  const aged = measurements.some(({ ageSeconds }) => ageSeconds !== null);
  const label = (aged ? words.chart : words.chartStatus)(
    format.instant(first.measuredAt),
    format.instant(last.measuredAt),
    measurements.length,
  );
  const x = timeScale(first.measuredAt, last.measuredAt, width);
  return (
    <div ref={box} className="chart">
      <svg width={width} height={aged ? height : 72} role="img" aria-label={label}>
        {aged ? (
          <Ages promise={promise} measurements={measurements} width={width} x={x} />
        ) : (
          measurements.map(({ measuredAt, status }) => (
            <Point key={measuredAt} x={x(measuredAt)} y={22} status={status} />
          ))
        )}
        <Dates from={first.measuredAt} to={last.measuredAt} width={width} y={aged ? height - 6 : 60} />
      </svg>
    </div>
  );
}

function Ages({
  promise,
  measurements,
  width,
  x,
}: {
  promise: PromiseRow;
  measurements: readonly Measurement[];
  width: number;
  x: (at: string) => number;
}) {
  const words = useWords(promiseWords);
  const language = useLanguage();
  const domain = domainOf(measurements);
  const y = (seconds: number) =>
    margin.top + (1 - (seconds - domain.low) / (domain.high - domain.low)) * (height - margin.top - margin.bottom);
  const newest = measurements.at(-1);
  const limit = newest?.limitSeconds ?? null;
  const points = measurements.flatMap((measurement) => {
    const age = toldAge(measurement);
    const { measuredAt, status } = measurement;
    return age === null ? [] : [{ x: x(measuredAt), y: y(age), status, key: measuredAt }];
  });
  const right = width - margin.right;
  const crowded = (right - margin.left) / points.length < shape + 2;
  return (
    <>
      {ticksOf(domain).map((tick) => (
        <g key={tick} className="chart-tick">
          <line x1={margin.left} x2={right} y1={y(tick)} y2={y(tick)} />
          <text x={margin.left - 10} y={y(tick) + 4} textAnchor="end">
            {shortDuration(tick, language)}
          </text>
        </g>
      ))}
      {limit === null ? null : (
        <g className="chart-limit">
          <rect
            className="chart-tolerance"
            x={margin.left}
            width={Math.max(0, right - margin.left)}
            y={y(limit + (newest?.toleranceSeconds ?? 0))}
            height={y(limit) - y(limit + (newest?.toleranceSeconds ?? 0))}
          />
          <line x1={margin.left} x2={right} y1={y(limit)} y2={y(limit)} />
          <text x={margin.left + 4} y={y(limit + (newest?.toleranceSeconds ?? 0)) - 6}>
            {words.limit} <LocalisedText text={promise.period} />
          </text>
        </g>
      )}
      <polyline className="chart-line" points={points.map((point) => `${point.x},${point.y}`).join(' ')} />
      {points.map((point) =>
        crowded && point.status === 'kept' ? (
          <circle key={point.key} className="kept" fill="currentColor" cx={point.x} cy={point.y} r="2.5" />
        ) : (
          <Point key={point.key} x={point.x} y={point.y} status={point.status} />
        ),
      )}
    </>
  );
}

function Point({ x, y, status }: { x: number; y: number; status: Status }) {
  return (
    <svg
      x={x - shape / 2}
      y={y - shape / 2}
      width={shape}
      height={shape}
      viewBox="0 0 14 14"
      className={status}
      aria-hidden="true"
    >
      <StatusShape status={status} />
    </svg>
  );
}

function Dates({ from, to, width, y }: { from: string; to: string; width: number; y: number }) {
  const format = useFormat();
  const write = format.day(from) === format.day(to) ? format.instant : format.day;
  return (
    <g className="chart-dates">
      <text x={margin.left} y={y}>
        {write(from)}
      </text>
      {from === to ? null : (
        <text x={width - margin.right} y={y} textAnchor="end">
          {write(to)}
        </text>
      )}
    </g>
  );
}

function timeScale(from: string, to: string, width: number): (at: string) => number {
  const start = new Date(from).getTime();
  const span = Math.max(1, new Date(to).getTime() - start);
  const inner = width - margin.left - margin.right - shape;
  return (at) => margin.left + shape / 2 + ((new Date(at).getTime() - start) / span) * inner;
}

interface Domain {
  readonly low: number;
  readonly high: number;
}

/** From zero, unless everything is in the upper half: then the axis, whose ticks say so, begins a little below. */
function domainOf(measurements: readonly Measurement[]): Domain {
  const ages = measurements.flatMap((measurement) => toldAge(measurement) ?? []);
  const limits = measurements.flatMap(({ limitSeconds, toleranceSeconds }) =>
    limitSeconds === null ? [] : [limitSeconds + (toleranceSeconds ?? 0)],
  );
  const high = Math.max(...ages, ...limits, 1);
  const low = Math.min(...ages, high);
  const spread = (high - low) / 2;
  return low > high / 2 ? { low: low - spread, high: high + spread } : { low: 0, high: high * 1.06 };
}

/** Three to six round values: seconds, minutes, hours or days. */
function ticksOf({ low, high }: Domain): number[] {
  const day = 86_400;
  const steps = [1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600, 43_200];
  const days = [1, 2, 5, 7, 10, 15, 30, 60, 90, 180, 365, 730, 1825].map((count) => count * day);
  const step = [...steps, ...days].find((size) => (high - low) / size <= 5) ?? day * 3650;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}

function useWidth(box: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
