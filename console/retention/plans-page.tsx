import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Plan } from '../../server/retention/contract.ts';
import { ActorName } from '../frame/actor.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useTitle } from '../frame/title.ts';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { type Column, SetTable } from '../look/set-table.tsx';
import { plansQuery } from './queries.ts';
import { PlanState } from './states.tsx';
import { amountOf } from './what-goes.ts';
import { retentionWords } from './words.ts';
import './retention.css';

const route = getRouteApi('/retention/plans');

/** Every plan, newest first. */
export function PlansPage() {
  const words = useWords(retentionWords).plans;
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(plansQuery(after));
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
            </div>
          ) : (
            <>
              <PlansTable plans={items} label={words.title} />
              <Pager after={after} next={next} />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

export function PlansTable({ plans, label }: { plans: readonly Plan[]; label: string }) {
  const all = useWords(retentionWords);
  const words = all.plans;
  const format = useFormat();
  const decided = plans.some(({ decidedAt }) => decidedAt !== null);
  const decision: Column<Plan> = {
    head: words.decided,
    cell: (plan) =>
      plan.decidedAt === null || plan.decidedBy === null ? (
        '—'
      ) : (
        <>
          <Instant at={plan.decidedAt} />, <ActorName actor={plan.decidedBy} />
        </>
      ),
  };
  return (
    <SetTable
      label={label}
      rows={plans}
      keyOf={(plan) => plan.id}
      columns={[
        {
          head: words.made,
          isHead: true,
          cell: (plan) => (
            <Link to="/retention/plans/$plan" params={{ plan: plan.id }}>
              <Instant at={plan.createdAt} />
            </Link>
          ),
        },
        { head: words.state, cell: (plan) => <PlanState state={plan.state} /> },
        {
          head: words.rows,
          isFigure: true,
          cell: (plan) =>
            amountOf(
              plan.rows,
              plan.steps.filter(({ rows }) => rows > 0).map(({ fate }) => fate),
              all,
              format,
            ),
        },
        { head: words.asOf, cell: (plan) => <Day at={plan.at} /> },
        ...(decided ? [decision] : []),
      ]}
    />
  );
}
