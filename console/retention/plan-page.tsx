import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Plan, PlanStep } from '../../server/retention/contract.ts';
import { ActorName } from '../frame/actor.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { useTitle } from '../frame/title.ts';
import { shortDuration } from '../language/duration.ts';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { PlanDecision } from './plan-decision.tsx';
import { planQuery } from './queries.ts';
import { PlanState } from './states.tsx';
import { amountOf } from './what-goes.ts';
import { retentionWords } from './words.ts';
import './retention.css';

const route = getRouteApi('/retention/plans/$plan');

/** One plan: what would go, in which order, what stays, what stands in the way, and the decision. */
export function PlanPage() {
  const words = useWords(retentionWords).plan;
  const { plan } = route.useParams();
  const query = useQuery(planQuery(plan));
  return (
    <div className="page">
      <Link to="/retention/plans" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {(found) => <PlanSheet plan={found} />}
      </Loaded>
    </div>
  );
}

function PlanSheet({ plan }: { plan: Plan }) {
  const all = useWords(retentionWords);
  const words = all.plan;
  const format = useFormat();
  const amount = amountOf(
    plan.rows,
    plan.steps.filter(({ rows }) => rows > 0).map(({ fate }) => fate),
    all,
    format,
  );
  const isDraft = plan.state === 'draft';
  const title =
    plan.rows === 0 ? words.nothing : isDraft ? words.draftTitle(amount, format.day(plan.at)) : words.title(amount);
  useTitle(title);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        {isDraft ? <p className="lede">{words.draftText}</p> : null}
      </header>
      <dl className="facts">
        <dt>{all.plans.state}</dt>
        <dd>
          <PlanState state={plan.state} />
        </dd>
        <dt>{all.plans.made}</dt>
        <dd>
          <Instant at={plan.createdAt} />, <ActorName actor={plan.createdBy} />
        </dd>
        {plan.decidedAt === null || plan.decidedBy === null ? null : (
          <>
            <dt>{all.plans.decided}</dt>
            <dd>
              <Instant at={plan.decidedAt} />, <ActorName actor={plan.decidedBy} />
            </dd>
          </>
        )}
        <dt>{words.versions}</dt>
        <dd>
          {words.policy}{' '}
          <Link to="/policy/versions/$hash" params={{ hash: plan.policyHash }} className="mono">
            {plan.policyHash.slice(0, 12)}
          </Link>
          , {words.dataMap} <span className="mono">{plan.dataMapHash.slice(0, 12)}</span>
        </dd>
        {plan.state === 'approved' ? (
          <>
            <dt>{all.runs.title}</dt>
            <dd>
              <Link to="/retention/runs">{words.followRuns}</Link>
            </dd>
          </>
        ) : null}
        {plan.entry === null ? null : (
          <>
            <dt>{all.run.entry}</dt>
            <dd>
              <Link to="/ledger/entries/$entry" params={{ entry: plan.entry }}>
                {all.receipt}
              </Link>
            </dd>
          </>
        )}
      </dl>
      {plan.steps.length === 0 ? null : (
        <section className="part">
          <h2>{words.order}</h2>
          <p className="explains">{words.orderText}</p>
          <Steps steps={plan.steps.filter(hasSomething)} decided={plan.state !== 'awaiting-approval'} />
          {plan.steps.every(hasSomething) ? null : (
            <details className="figures-of">
              <summary>
                {words.withoutRows(format.number(plan.steps.filter((step) => !hasSomething(step)).length))}
              </summary>
              <Steps
                steps={plan.steps.filter((step) => !hasSomething(step))}
                decided={plan.state !== 'awaiting-approval'}
              />
            </details>
          )}
        </section>
      )}
      <PlanDecision plan={plan} />
    </>
  );
}

/** Steps that take nothing now are told apart: their rules are approved, too, but there is little to read. */
function hasSomething(step: PlanStep): boolean {
  return step.rows > 0 || step.obstacles.length > 0 || step.held > 0 || step.excepted > 0;
}

function Steps({ steps, decided }: { steps: readonly PlanStep[]; decided: boolean }) {
  return (
    <ol className="steps">
      {steps.map((step) => (
        <Step key={step.position} step={step} decided={decided} />
      ))}
    </ol>
  );
}

function Step({ step, decided }: { step: PlanStep; decided: boolean }) {
  const all = useWords(retentionWords);
  const words = all.plan;
  const format = useFormat();
  const language = useLanguage();
  return (
    <li className="step">
      <span className="number">{format.number(step.position)}</span>
      <div className="step-text">
        <h3>
          <span className="mono">{step.dataset}</span>
        </h3>
        <p>
          {step.cutoffAt === null ? null : (
            <>
              {words.cutoff} <Day at={step.cutoffAt} />.{' '}
            </>
          )}
          <span lang="en">{step.reason}</span>
        </p>
        <p className="faint">
          <Link to="/policy/promises/$promise" params={{ promise: step.promise }}>
            {step.promise}
          </Link>
          {step.path === null ? null : ` · ${all.path[step.path]}`}
          {decided ? null : ` · ${step.approved ? words.approved : words.newRule}`}
        </p>
        {step.brake === null ? null : (
          <p className="due braked">
            <strong>{words.brake}.</strong> <span lang="en">{step.brake}</span>
          </p>
        )}
        {step.obstacles.map((obstacle) => (
          <Obstacle key={`${obstacle.code} ${obstacle.place}`} obstacle={obstacle} />
        ))}
      </div>
      <span className="leader" aria-hidden="true" />
      <div className="note">
        <p className="note-amount figures">
          {all.act[step.fate](all.count(format.number(step.rows), step.rows, step.fate))}
        </p>
        <p className="faint">
          {words.share(format.percent(step.share))}
          {step.oldestAt === null ? null : (
            <>
              , {words.oldest} <Day at={step.oldestAt} />
            </>
          )}
        </p>
        {step.rows === 0 ? null : (
          <p className="faint">
            {words.takes(shortDuration(Math.max(1, step.seconds), language), format.bytes(step.walBytes))}
          </p>
        )}
        {step.held === 0 ? null : <p>{words.holds(format.number(step.held))}</p>}
        {step.excepted === 0 ? null : <p>{words.excepted(format.number(step.excepted))}</p>}
      </div>
    </li>
  );
}

/** What stands in the way of a step, with the remedy. */
function Obstacle({ obstacle }: { obstacle: PlanStep['obstacles'][number] }) {
  const words = useWords(retentionWords).plan;
  return (
    <div className="obstacle">
      <p>
        <strong className="broken">{words.obstacle}.</strong> <span lang="en">{obstacle.explanation}</span>{' '}
        <span className="mono faint">{obstacle.place}</span>
      </p>
      <p className="faint">{words.remedy}</p>
      <pre className="quoted" lang="en">
        {obstacle.remedy}
      </pre>
      {obstacle.nearest.length === 0 ? null : (
        <p className="faint">
          {words.nearest} <span className="mono">{obstacle.nearest.join(', ')}</span>
        </p>
      )}
    </div>
  );
}
