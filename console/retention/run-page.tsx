import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { pauseRun, type Run, type RunStep, resumeRun } from '../../server/retention/contract.ts';
import { call } from '../api.ts';
import { ActorName } from '../frame/actor.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { shortDuration } from '../language/duration.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { ProgressAnnouncement, ProgressLine } from './progress.tsx';
import { isMoving, runQuery } from './queries.ts';
import { RunStepEntry } from './run-step.tsx';
import { RunState } from './states.tsx';
import { amountOf } from './what-goes.ts';
import { retentionWords } from './words.ts';
import './retention.css';

const route = getRouteApi('/retention/runs/$run');

/** One run with its live progress. It goes on without this page, which finds it again by its address. */
export function RunPage() {
  const words = useWords(retentionWords).run;
  const { run } = route.useParams();
  const query = useQuery(runQuery(run));
  return (
    <div className="page">
      <Link to="/retention/runs" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {(found) => <RunSheet run={found} />}
      </Loaded>
    </div>
  );
}

function RunSheet({ run }: { run: Run }) {
  const all = useWords(retentionWords);
  const words = all.run;
  const format = useFormat();
  const title = words.title(format.instant(run.startedAt));
  useTitle(title);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
      </header>
      <Progress run={run} />
      <section className="part">
        <h2>{words.steps}</h2>
        <Steps run={run} steps={run.steps.filter(hasSomething)} />
        {run.steps.every(hasSomething) ? null : (
          <details className="figures-of">
            <summary>
              {words.withoutRows(format.number(run.steps.filter((step) => !hasSomething(step)).length))}
            </summary>
            <Steps run={run} steps={run.steps.filter((step) => !hasSomething(step))} />
          </details>
        )}
      </section>
      <dl className="facts part">
        <dt>{words.cause}</dt>
        <dd>{all.runs.causes[run.cause]}</dd>
        <dt>{words.startedBy}</dt>
        <dd>
          <ActorName actor={run.startedBy} />
        </dd>
        <dt>{words.started}</dt>
        <dd>{format.exact(run.startedAt)}</dd>
        {run.finishedAt === null ? null : (
          <>
            <dt>{words.finished}</dt>
            <dd>
              <Instant at={run.finishedAt} />
            </dd>
          </>
        )}
        {run.entry === null ? null : (
          <>
            <dt>{words.entry}</dt>
            <dd>
              <Link to="/ledger/entries/$entry" params={{ entry: run.entry }}>
                {all.receipt}
              </Link>
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

/** Steps that are done and found nothing to take are told apart; there is little to read in them. */
function hasSomething(step: RunStep): boolean {
  return step.state !== 'done' || step.expected + step.disposed + step.held + step.refused + (step.remaining ?? 0) > 0;
}

function Steps({ run, steps }: { run: Run; steps: readonly RunStep[] }) {
  return (
    <ol className="steps">
      {steps.map((step) => (
        <RunStepEntry key={step.position} run={run} step={step} />
      ))}
    </ol>
  );
}

function Progress({ run }: { run: Run }) {
  const all = useWords(retentionWords);
  const words = all.run;
  const format = useFormat();
  const language = useLanguage();
  const share = run.expected === 0 ? 1 : Math.min(1, run.disposed / run.expected);
  const running = run.steps.find(({ state }) => state === 'running');
  const state = all.runs.states[run.state];
  const moving = isMoving(run);
  const fates = run.steps.filter(({ expected, disposed }) => expected + disposed > 0).map(({ fate }) => fate);
  return (
    <section className="run-progress" aria-label={words.progress}>
      <p className="run-figures">
        <RunState state={run.state} />
        <span className="figures">
          {run.state === 'finished'
            ? words.went(amountOf(run.disposed, fates, all, format))
            : words.of(format.number(run.disposed), amountOf(run.expected, fates, all, format))}
        </span>
        {running?.rowsPerSecond == null ? null : (
          <span className="figures faint">{words.rate(format.number(Math.round(running.rowsPerSecond)))}</span>
        )}
        {running?.secondsLeft == null ? null : (
          <span className="figures faint">{words.left(shortDuration(running.secondsLeft, language))}</span>
        )}
      </p>
      {run.state === 'finished' ? null : <ProgressLine done={run.disposed} all={run.expected} label={words.progress} />}
      <ProgressAnnouncement share={share} text={words.announce(state, format.percent(Math.floor(share * 10) / 10))} />
      {run.reason === null ? null : <p lang="en">{run.reason}</p>}
      {moving ? <p className="faint">{words.goesOn}</p> : null}
      <PauseOrGoOn run={run} />
    </section>
  );
}

/** Pausing is safe: the batch in flight ends first, and nothing is done twice. */
function PauseOrGoOn({ run }: { run: Run }) {
  const words = useWords(retentionWords).run;
  const client = useQueryClient();
  const may = useMay('retention:write');
  const changing = useMutation({
    mutationFn: (spec: typeof pauseRun | typeof resumeRun) => call(spec, { params: { run: run.id } }),
    onSuccess: (changed) => client.setQueryData(runQuery(run.id).queryKey, changed),
  });
  const canPause = run.state === 'running' || run.state === 'queued';
  if (!may || !(canPause || run.state === 'paused')) return null;
  return (
    <>
      <p className="row-of-acts">
        <button
          type="button"
          className="button"
          disabled={changing.isPending}
          onClick={() => changing.mutate(canPause ? pauseRun : resumeRun)}
        >
          {canPause ? words.pause : words.resume}
        </button>
      </p>
      {changing.error === null ? null : <Problem error={changing.error} />}
    </>
  );
}
