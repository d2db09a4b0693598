import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { LedgerStatus } from '../../server/ledger/contract.ts';
import { ProblemError } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Source } from '../look/source.tsx';
import { CheckReceipt } from './check-receipt.tsx';
import { checkpointQuery, keyQuery, ledgerStatusQuery } from './queries.ts';
import { ledgerWords } from './words.ts';
import './ledger.css';

/** The newest signed checkpoint, the key that proves it, where copies of it are, and a place to check receipts. */
export function CheckpointPage() {
  const words = useWords(ledgerWords).checkpoint;
  useTitle(words.title);
  const status = useQuery(ledgerStatusQuery);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={status} what={words.what}>
        {(found) => (
          <>
            <Refusal status={found} />
            <Signed />
            <Status status={found} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Refusal({ status }: { status: LedgerStatus }) {
  const words = useWords(ledgerWords).checkpoint;
  if (status.refusal === null) return null;
  return (
    <section className="problem" role="alert">
      <h2>{words.refused}</h2>
      <p lang="en">{status.refusal.explanation}</p>
      <dl className="facts">
        <dt>{words.remedy}</dt>
        <dd lang="en">{status.refusal.remedy}</dd>
      </dl>
    </section>
  );
}

function Signed() {
  const words = useWords(ledgerWords).checkpoint;
  const checkpoint = useQuery(checkpointQuery);
  const key = useQuery(keyQuery);
  if (isUnsigned(checkpoint.error) || isUnsigned(key.error)) return <p className="faint">{words.none}</p>;
  return (
    <>
      <section className="part">
        <h2>{words.note}</h2>
        <Loaded query={checkpoint} what={words.what}>
          {(note) => <Source text={note} label={words.note} />}
        </Loaded>
      </section>
      <section className="part">
        <h2>{words.key}</h2>
        <p className="explains">{words.keyText}</p>
        <Loaded query={key} what={words.key}>
          {(found) => <Source text={found.key} label={words.key} wraps />}
        </Loaded>
      </section>
      {key.data === undefined ? null : <CheckReceipt publicKey={key.data.key} />}
    </>
  );
}

/** Before the first checkpoint there is neither a note nor a log. */
function isUnsigned(error: Error | null): boolean {
  return error instanceof ProblemError && ['no-checkpoint', 'log-not-found'].includes(error.problem.code);
}

function Status({ status }: { status: LedgerStatus }) {
  const words = useWords(ledgerWords).checkpoint;
  const all = useWords(ledgerWords);
  const format = useFormat();
  return (
    <>
      <section className="part">
        <h2>{words.status}</h2>
        <dl className="facts figures">
          <dt>{words.size}</dt>
          <dd>
            <Link to="/ledger">{format.number(status.size)}</Link>
          </dd>
          <dt>{words.pending}</dt>
          <dd>{format.number(status.pending)}</dd>
          <dt>{words.signedSize}</dt>
          <dd>{format.number(status.signedSize)}</dd>
          <dt>{words.signedAt}</dt>
          <dd>{status.signedAt === null ? words.none : <Instant at={status.signedAt} />}</dd>
          {status.minimumIndex === 0 ? null : (
            <>
              <dt>{words.pruned}</dt>
              <dd>{format.number(status.minimumIndex)}</dd>
            </>
          )}
        </dl>
      </section>
      <section className="part">
        <h2>{words.outside}</h2>
        <p className="explains">{words.outsideText}</p>
        <SetTable
          label={words.outside}
          rows={status.outside}
          keyOf={(copy) => copy.place}
          columns={[
            { head: words.place, isHead: true, cell: (copy) => words.places[copy.place] },
            {
              head: words.signedSize,
              isFigure: true,
              cell: (copy) => (copy.size === null ? all.noIndex : format.number(copy.size)),
            },
            { head: words.undelivered, isFigure: true, cell: (copy) => format.number(copy.undelivered) },
            { head: words.problem, cell: (copy) => <span lang="en">{copy.problem ?? words.noProblem}</span> },
          ]}
        />
      </section>
    </>
  );
}
