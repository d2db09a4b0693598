import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { EntryDetail } from '../../server/ledger/contract.ts';
import { entryKindTable } from '../../server/ledger/kinds-contract.ts';
import { ActorName } from '../frame/actor.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useTitle } from '../frame/title.ts';
import { useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { Source } from '../look/source.tsx';
import { EntryState } from './ledger-page.tsx';
import { ProofSteps } from './proof-steps.tsx';
import { proveReceipt } from './prove.ts';
import { entryQuery, keyQuery, receiptQuery } from './queries.ts';
import { ledgerWords } from './words.ts';
import './ledger.css';

const route = getRouteApi('/ledger/entries/$entry');

/** One entry: what it says, the leaf that was hashed, and its proof checked in this browser. */
export function EntryPage() {
  const words = useWords(ledgerWords).entry;
  const { entry } = route.useParams();
  const query = useQuery(entryQuery(entry));
  return (
    <div className="page">
      <Link to="/ledger" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {(found) => <EntrySheet entry={found} />}
      </Loaded>
    </div>
  );
}

function EntrySheet({ entry }: { entry: EntryDetail }) {
  const all = useWords(ledgerWords);
  const words = all.entry;
  const language = useLanguage();
  const format = useFormat();
  const title = entryKindTable[entry.kind].label[language];
  useTitle(title);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <p className="lede">{format.exact(entry.at)}</p>
      </header>
      {entry.state === 'signed' ? (
        <SignedProof entry={entry.id} />
      ) : (
        <section className="proof" aria-labelledby="proof">
          <h2 id="proof" className="hidden">
            {words.proof}
          </h2>
          <p role="status">{words.waiting}</p>
        </section>
      )}
      <section className="part">
        <h2>{words.body}</h2>
        <dl className="facts">
          {Object.entries(typeof entry.body === 'object' && entry.body !== null ? entry.body : {}).map(
            ([key, value]) => (
              <div key={key} className="fact">
                <dt>{key}</dt>
                <dd className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
              </div>
            ),
          )}
          <dt>{all.actor}</dt>
          <dd>
            <ActorName actor={entry.actor} />
          </dd>
          {entry.commitment === null ? null : (
            <>
              <dt title={words.commitmentHint}>{words.commitment}</dt>
              <dd className="mono">{entry.commitment}</dd>
            </>
          )}
        </dl>
      </section>
      <section className="part">
        <h2>{words.leaf}</h2>
        <Source text={entry.leaf} label={words.leaf} wraps />
        <dl className="facts entry-place">
          <dt>{all.state}</dt>
          <dd>
            <EntryState state={entry.state} />
          </dd>
          <dt>{all.index}</dt>
          <dd className="figures">{entry.index === null ? all.noIndex : format.number(entry.index)}</dd>
          <dt>{words.log}</dt>
          <dd className="mono">{entry.log ?? all.noIndex}</dd>
          <dt>{words.id}</dt>
          <dd className="mono">{entry.id}</dd>
        </dl>
      </section>
    </>
  );
}

function SignedProof({ entry }: { entry: string }) {
  const all = useWords(ledgerWords);
  const words = all.entry;
  const receipt = useQuery(receiptQuery(entry));
  const key = useQuery(keyQuery);
  const proof = useQuery({
    queryKey: ['ledger', 'proof', entry, receipt.dataUpdatedAt, key.data?.key],
    queryFn: () => proveReceipt(receipt.data, key.data?.key ?? ''),
    enabled: receipt.data !== undefined && key.data !== undefined && window.isSecureContext,
    networkMode: 'always',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const error = receipt.error ?? key.error ?? proof.error;
  return (
    <section className="proof" aria-labelledby="proof">
      <h2 id="proof" className="hidden">
        {words.proof}
      </h2>
      {error === null ? null : <Problem error={error} reading onRetry={() => receipt.refetch()} />}
      {window.isSecureContext ? null : <p>{all.proof.insecure}</p>}
      {proof.data === undefined ? (
        error === null && window.isSecureContext ? (
          <p className="faint" role="status">
            {words.proving}
          </p>
        ) : null
      ) : (
        <ProofSteps proof={proof.data} />
      )}
      <p className="row-of-acts">
        <a className="button" href={`/v1/ledger/entries/${entry}/receipt`} download={`receipt-${entry}.json`}>
          {words.download}
        </a>
        <span className="faint">{words.offline}</span>
      </p>
    </section>
  );
}
