import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Loaded } from '../frame/loaded.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { useWords } from '../language/language.ts';
import { DisposalState } from './disposal-state.tsx';
import { LookAhead } from './look-ahead.tsx';
import { PlansTable } from './plans-page.tsx';
import { plansQuery, runsQuery } from './queries.ts';
import { RunsTable } from './runs-page.tsx';
import { retentionWords } from './words.ts';
import './retention.css';

/** Disposal at a glance: its state, what waits for a decision, the newest runs and plans, and a look ahead. */
export function DisposalPage() {
  const words = useWords(retentionWords);
  const mayPlan = useMay('retention:write');
  useTitle(words.title);
  const runs = useQuery(runsQuery(undefined));
  const plans = useQuery(plansQuery(undefined));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <DisposalState />
      <Loaded query={plans} what={words.plans.what}>
        {({ items }) => {
          const waiting = items.filter(({ state }) => state === 'awaiting-approval');
          return (
            <section className="part">
              <h2>{words.waitingForYou}</h2>
              {waiting.length === 0 ? (
                <p className="faint">{words.noneWaiting}</p>
              ) : (
                <PlansTable plans={waiting} label={words.waitingForYou} />
              )}
              <p className="after-table">
                <Link to="/retention/plans">{words.plans.all}</Link>
              </p>
            </section>
          );
        }}
      </Loaded>
      <section className="part">
        <h2>{words.runs.title}</h2>
        <Loaded query={runs} what={words.runs.what}>
          {({ items }) => <RunsTable runs={items.slice(0, 8)} />}
        </Loaded>
        <p className="after-table">
          <Link to="/retention/runs">{words.runs.all}</Link>
        </p>
      </section>
      {mayPlan ? <LookAhead /> : null}
    </div>
  );
}
