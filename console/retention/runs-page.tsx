import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Run } from '../../server/retention/contract.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useTitle } from '../frame/title.ts';
import { shortDuration } from '../language/duration.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { isMoving, runsQuery } from './queries.ts';
import { RunState } from './states.tsx';
import { amountOf } from './what-goes.ts';
import { retentionWords } from './words.ts';
import './retention.css';

const route = getRouteApi('/retention/runs');

/** Every run, newest first. */
export function RunsPage() {
  const words = useWords(retentionWords).runs;
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(runsQuery(after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            <RunsTable runs={items} />
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

export function RunsTable({ runs }: { runs: readonly Run[] }) {
  const all = useWords(retentionWords);
  const words = all.runs;
  const format = useFormat();
  const language = useLanguage();
  if (runs.length === 0) {
    return (
      <div className="empty">
        <h3>{words.empty.title}</h3>
        <p>{words.empty.text}</p>
      </div>
    );
  }
  return (
    <SetTable
      label={words.title}
      rows={runs}
      keyOf={(run) => run.id}
      columns={[
        {
          head: words.started,
          isHead: true,
          cell: (run) => (
            <Link to="/retention/runs/$run" params={{ run: run.id }}>
              <Instant at={run.startedAt} />
            </Link>
          ),
        },
        { head: words.cause, cell: (run) => words.causes[run.cause] },
        { head: words.state, cell: (run) => <RunState state={run.state} /> },
        {
          head: words.disposed,
          isFigure: true,
          cell: (run) => {
            const fates = run.steps.filter(({ disposed }) => disposed > 0).map(({ fate }) => fate);
            const done = amountOf(run.disposed, fates, all, format);
            return isMoving(run) ? all.run.of(format.number(run.disposed), format.number(run.expected)) : done;
          },
        },
        {
          head: words.took,
          isFigure: true,
          cell: (run) =>
            run.finishedAt === null
              ? '—'
              : shortDuration((Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000, language),
        },
      ]}
    />
  );
}
