import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Status } from '../../server/policy/contract.ts';
import type { ContractEnd } from '../../server/retention/contract.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useTitle } from '../frame/title.ts';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { StatusShape } from '../policy/status.tsx';
import { contractEndsQuery } from './queries.ts';
import { retentionWords } from './words.ts';
import './retention.css';

const route = getRouteApi('/retention/contract-ends');

/** Accounts whose contract ended or is in its grace period. */
export function ContractEndsPage() {
  const words = useWords(retentionWords).ends;
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(contractEndsQuery(after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={query} what={words.what}>
        {({ items, next }) =>
          items.length === 0 ? (
            <div className="empty">
              <h2>{words.empty.title}</h2>
              <p>{words.empty.text}</p>
              <p className="faint">{words.empty.example}</p>
            </div>
          ) : (
            <>
              <ul>
                {items.map((end) => (
                  <End key={`${end.account} ${end.cancelledAt}`} end={end} />
                ))}
              </ul>
              <Pager after={after} next={next} />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

const shapes: Readonly<Record<ContractEnd['state'], Status>> = {
  'in-grace': 'due',
  erasing: 'due',
  erased: 'kept',
  confirmed: 'kept',
  held: 'unproven',
  reactivated: 'unproven',
};

function End({ end }: { end: ContractEnd }) {
  const all = useWords(retentionWords);
  const words = all.ends;
  const format = useFormat();
  const rows = (dataset: string, count: number) => `${all.count(format.number(count), count, 'delete')} (${dataset})`;
  return (
    <li className="step end">
      <div className="step-text">
        <h2>
          {words.account} <span className="mono">{end.account}</span>
        </h2>
        <dl className="facts">
          {end.disposed.length === 0 ? null : (
            <>
              <dt>{words.disposed}</dt>
              <dd>{end.disposed.map(({ dataset, rows: count }) => rows(dataset, count)).join(', ')}</dd>
            </>
          )}
          {end.kept.length === 0 ? null : (
            <>
              <dt>{words.kept}</dt>
              <dd>
                <ul>
                  {end.kept.map((kept) => (
                    <li key={`${kept.dataset} ${kept.promise}`}>
                      {kept.until === null
                        ? `${rows(kept.dataset, kept.rows)}, ${words.noEnd}`
                        : words.keptUntil(rows(kept.dataset, kept.rows), format.day(kept.until))}
                      {': '}
                      <Link to="/policy/promises/$promise" params={{ promise: kept.promise }}>
                        {kept.promise}
                      </Link>
                    </li>
                  ))}
                </ul>
              </dd>
            </>
          )}
        </dl>
      </div>
      <span className="leader" aria-hidden="true" />
      <div className="note">
        <p>
          <span className={`status ${shapes[end.state]}`}>
            <StatusShape status={shapes[end.state]} />
            {words.states[end.state]}
          </span>
        </p>
        <p className="faint">
          {words.cancelled} <Day at={end.cancelledAt} />
        </p>
        <p className="faint">
          {words.grace} <Day at={end.graceUntil} />
        </p>
        {end.erasedAt === null ? null : (
          <p className="faint">
            {words.erased} <Instant at={end.erasedAt} />
          </p>
        )}
        <p className="faint">
          {words.confirmation}: {words.confirmations[end.confirmation]}
          {end.confirmedAt === null ? null : (
            <>
              {', '}
              <Instant at={end.confirmedAt} />
            </>
          )}
        </p>
      </div>
    </li>
  );
}
