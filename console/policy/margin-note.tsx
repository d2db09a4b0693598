import { Link } from '@tanstack/react-router';
import type { Measurement, PlaceMeasure, PromiseRow } from '../../server/policy/contract.ts';
import { ageBetween, scaleOf, shortDuration } from '../language/duration.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { type Language, textIn, useLanguage, useWords } from '../language/language.ts';
import { LocalisedText } from '../language/localised.tsx';
import { StatusWord } from './status.tsx';
import { Strip } from './strip.tsx';
import { toldAge } from './told-age.ts';
import { policyWords } from './words.ts';

/** What stands beside a sentence: its status, the measure that proves it, when it was measured, and the ways in. */
export function MarginNote({
  promise,
  number,
  nextRunAt,
}: {
  promise: PromiseRow;
  number: string;
  nextRunAt: string | null;
}) {
  const words = useWords(policyWords);
  const measure = useMeasure(promise);
  return (
    <aside className="note" aria-label={words.proofOf(number)}>
      <p className="note-status">
        <StatusWord status={promise.status} attested={promise.attested} />
        <span className="refs">{promise.refs.join(', ')}</span>
      </p>
      {measure === undefined ? null : <p className="note-measure figures">{measure}</p>}
      {promise.measurement === null || promise.measurement.ageSeconds === null ? null : (
        <Strip measurement={promise.measurement} nextRunAt={nextRunAt} label={measure ?? words.strip} />
      )}
      {promise.reason === null ? null : (
        <p className="note-reason">
          <LocalisedText text={promise.reason.text} />
        </p>
      )}
      <Kept places={promise.measurement?.places ?? []} />
      <p className="note-ways">
        {promise.measurement === null ? words.neverMeasured : <Instant at={promise.measurement.measuredAt} />}
        {promise.entry === null ? null : (
          <Link to="/ledger/entries/$entry" params={{ entry: promise.entry }}>
            {words.receipt}
            <span className="hidden"> {words.ofSentence(number)}</span>
          </Link>
        )}
        <Link to="/policy/promises/$promise" params={{ promise: promise.promise }}>
          {words.history}
          <span className="hidden"> {words.ofSentence(number)}</span>
        </Link>
      </p>
    </aside>
  );
}

/** 'oldest: 29 d 4 h of 30 days', or what was counted where age is not what is promised. */
export function useMeasure(promise: PromiseRow): string | undefined {
  const words = useWords(policyWords);
  const language = useLanguage();
  const format = useFormat();
  const { measurement } = promise;
  if (measurement === null) return undefined;
  const age = ageOf(measurement, promise, language);
  if (age !== undefined) {
    if (measurement.limitSeconds === 0) return words.oldestPast(age);
    const limit = textIn(promise.period, language)?.text ?? limitInWords(measurement, language);
    return limit === undefined ? words.oldest(age) : words.oldestOf(age, limit);
  }
  const rows = sumOf(measurement.places, (place) => place.rows);
  const due = sumOf(measurement.places, (place) => place.due);
  const broken = sumOf(measurement.places, (place) => place.broken);
  if (measurement.places.length === 0) return undefined;
  if (broken > 0) return words.inBreach(format.number(broken), format.number(rows));
  if (due > 0) return words.pastPeriod(format.number(due), format.number(rows));
  return words.noneInBreach(format.number(rows), rows);
}

function ageOf(measurement: Measurement, promise: PromiseRow, language: Language): string | undefined {
  const age = toldAge(measurement);
  if (age === null) return undefined;
  if (measurement.oldestAt === null) return shortDuration(age, language);
  const from = new Date(new Date(measurement.measuredAt).getTime() - age * 1000);
  return ageBetween(from, new Date(measurement.measuredAt), scaleOf(promise.period), language);
}

function limitInWords(measurement: Measurement, language: Language): string | undefined {
  return measurement.limitSeconds === null ? undefined : shortDuration(measurement.limitSeconds, language);
}

/** What is older than its period and rightly still there. */
function Kept({ places }: { places: readonly PlaceMeasure[] }) {
  const words = useWords(policyWords);
  const format = useFormat();
  const held = sumOf(places, (place) => place.held);
  const excepted = sumOf(places, (place) => place.excepted);
  const parts = [
    ...(held > 0 ? [words.held(format.number(held))] : []),
    ...(excepted > 0 ? [words.excepted(format.number(excepted))] : []),
  ];
  return parts.length === 0 ? null : <p className="note-kept">{parts.join(' · ')}</p>;
}

function sumOf(places: readonly PlaceMeasure[], count: (place: PlaceMeasure) => number): number {
  return places.reduce((sum, place) => sum + count(place), 0);
}
