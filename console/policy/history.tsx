import { Link } from '@tanstack/react-router';
import type { z } from 'zod';
import type { PromiseRow, proofSchema } from '../../server/policy/contract.ts';
import { shortDuration } from '../language/duration.ts';
import { useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { HistoryChart } from './history-chart.tsx';
import { promiseWords } from './promise-words.ts';
import { StatusWord } from './status.tsx';
import { toldAge } from './told-age.ts';

type Proof = z.infer<typeof proofSchema>;

/**
 * The proofs of a promise over time, as a chart and as the figures behind it.
 * @param proofs newest first
 */
export function History({
  promise,
  proofs,
  onEarlier,
}: {
  promise: PromiseRow;
  proofs: readonly Proof[];
  onEarlier: (() => void) | undefined;
}) {
  const words = useWords(promiseWords);
  return (
    <section className="part">
      <h2>{words.historyTitle}</h2>
      {proofs.length === 0 ? (
        <p className="faint">{words.historyEmpty}</p>
      ) : (
        <>
          <HistoryChart promise={promise} measurements={proofs.map(({ measurement }) => measurement).reverse()} />
          <details className="figures-of">
            <summary>{words.figures}</summary>
            <Figures proofs={proofs} />
          </details>
        </>
      )}
      {onEarlier === undefined ? null : (
        <p className="row-of-acts">
          <button type="button" className="button" onClick={onEarlier}>
            {words.earlier}
          </button>
        </p>
      )}
    </section>
  );
}

function Figures({ proofs }: { proofs: readonly Proof[] }) {
  const words = useWords(promiseWords);
  const language = useLanguage();
  const format = useFormat();
  const duration = (seconds: number | null) => (seconds === null ? '—' : shortDuration(seconds, language));
  return (
    <SetTable
      label={words.historyTitle}
      rows={proofs}
      keyOf={({ measurement }) => measurement.measuredAt}
      columns={[
        { head: words.at, isHead: true, cell: ({ measurement }) => format.exact(measurement.measuredAt) },
        { head: words.statusColumn, cell: ({ measurement }) => <StatusWord status={measurement.status} /> },
        { head: words.age, isFigure: true, cell: ({ measurement }) => duration(toldAge(measurement)) },
        { head: words.limit, isFigure: true, cell: ({ measurement }) => duration(measurement.limitSeconds) },
        {
          head: words.against,
          isFigure: true,
          cell: ({ measurement }) =>
            format.number(measurement.places.reduce((sum, place) => sum + place.due + place.broken, 0)),
        },
        {
          head: words.receiptColumn,
          cell: ({ entry, measurement }) =>
            entry === null ? (
              '—'
            ) : (
              <Link to="/ledger/entries/$entry" params={{ entry }}>
                {words.receiptColumn}
                <span className="hidden"> {format.exact(measurement.measuredAt)}</span>
              </Link>
            ),
        },
      ]}
    />
  );
}
