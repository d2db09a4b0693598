import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Finding, PlaceMeasure, PromiseRow } from '../../server/policy/contract.ts';
import { Loaded } from '../frame/loaded.tsx';
import { useTitle } from '../frame/title.ts';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { textIn, useLanguage, useWords } from '../language/language.ts';
import { LocalisedText } from '../language/localised.tsx';
import { SetTable } from '../look/set-table.tsx';
import { Source } from '../look/source.tsx';
import { disposalStateQuery } from '../retention/queries.ts';
import { MeasureNow } from './answer.tsx';
import { History } from './history.tsx';
import { MarginNote } from './margin-note.tsx';
import { promiseWords } from './promise-words.ts';
import { promiseQuery } from './queries.ts';
import './policy-page.css';
import './promise-page.css';

const route = getRouteApi('/policy/promises/$promise');

/** One promise: its sentence and proof, the rule as written, its law, where it was measured, its history and findings. */
export function PromisePage() {
  const { promise } = route.useParams();
  const words = useWords(promiseWords);
  const query = useInfiniteQuery(promiseQuery(promise));
  return (
    <div className="page promise">
      <Link to="/policy" hash={promise} className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {({ pages }) => {
          const newest = pages[0];
          if (newest === undefined) return null;
          return (
            <>
              <Head promise={newest.promise} />
              <Places places={newest.promise.measurement?.places ?? []} />
              <History
                promise={newest.promise}
                proofs={pages.flatMap(({ history }) => history.items)}
                onEarlier={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
              />
              <Findings findings={newest.findings} />
              <Rule source={newest.source} />
              <Law promise={newest.promise} />
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

function Head({ promise }: { promise: PromiseRow }) {
  const words = useWords(promiseWords);
  const language = useLanguage();
  const state = useQuery(disposalStateQuery);
  useTitle(textIn(promise.sentence, language)?.text ?? promise.promise);
  return (
    <header className="promise-head">
      <div>
        <h1>
          <LocalisedText text={promise.sentence} />
        </h1>
        {promise.why === null ? null : (
          <p className="promise-why">
            <span className="faint">{words.why}:</span> <LocalisedText text={promise.why} />
          </p>
        )}
        <p className="faint mono">{promise.promise}</p>
      </div>
      <div>
        <MarginNote promise={promise} number={promise.promise} nextRunAt={state.data?.nextRunAt ?? null} />
        {promise.freshUntil === null ? null : (
          <p className="faint promise-fresh">
            {words.freshUntil} <Instant at={promise.freshUntil} />
          </p>
        )}
        <p className="row-of-acts">
          <MeasureNow promise={promise.promise} />
        </p>
      </div>
    </header>
  );
}

function Places({ places }: { places: readonly PlaceMeasure[] }) {
  const words = useWords(promiseWords);
  const format = useFormat();
  if (places.length === 0) return null;
  return (
    <section className="part">
      <h2>{words.places}</h2>
      <p className="explains">{words.placesText}</p>
      <SetTable
        label={words.places}
        rows={places}
        keyOf={(place) => `${place.system} ${place.dataset}`}
        columns={[
          { head: words.dataset, isHead: true, cell: (place) => <span className="mono">{place.dataset}</span> },
          { head: words.system, cell: (place) => <span className="mono">{place.system}</span> },
          { head: words.rows, isFigure: true, cell: (place) => format.number(place.rows) },
          { head: words.due, isFigure: true, cell: (place) => format.number(place.due) },
          { head: words.broken, isFigure: true, cell: (place) => format.number(place.broken) },
          { head: words.heldColumn, isFigure: true, cell: (place) => format.number(place.held) },
          { head: words.exceptedColumn, isFigure: true, cell: (place) => format.number(place.excepted) },
          {
            head: words.oldestColumn,
            isFigure: true,
            cell: (place) => (place.oldestAt === null ? '—' : <Day at={place.oldestAt} />),
          },
        ]}
      />
    </section>
  );
}

function Rule({ source }: { source: string }) {
  const words = useWords(promiseWords);
  return (
    <section className="part">
      <h2>{words.rule}</h2>
      <p className="explains">{words.ruleText}</p>
      <Source text={outdented(source)} label={words.rule} />
    </section>
  );
}

/** The lines without the indentation that all of them share. */
function outdented(source: string): string {
  const lines = source.split('\n');
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const depth = Math.min(...depths, source.length);
  return lines.map((line) => line.slice(depth)).join('\n');
}

function Law({ promise }: { promise: PromiseRow }) {
  const words = useWords(promiseWords);
  return (
    <section className="part">
      <h2>{words.law}</h2>
      {promise.law.length === 0 ? (
        <p className="faint">{words.noLaw}</p>
      ) : (
        <dl className="facts">
          {promise.law.map((law) => (
            <div key={law.key} className="fact">
              <dt>{law.citation}</dt>
              <dd>
                <LocalisedText text={law.title} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

/** Findings of the law packs about this promise. */
function Findings({ findings }: { findings: readonly Finding[] }) {
  const words = useWords(promiseWords);
  return (
    <section className="part">
      <h2>{words.findings}</h2>
      {findings.length === 0 ? <p className="faint">{words.noFindings}</p> : null}
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.code} ${finding.path}`} className="finding">
            <h3>
              <span className={`severity ${finding.severity}`}>{words.severity[finding.severity]}</span>
              <LocalisedText text={finding.message} />
            </h3>
            <dl className="facts">
              <dt>{words.why}</dt>
              <dd>
                <LocalisedText text={finding.why} />
              </dd>
              {finding.article === null ? null : (
                <>
                  <dt>{words.article}</dt>
                  <dd>{finding.article}</dd>
                </>
              )}
              <dt>{words.remedy}</dt>
              <dd>
                <LocalisedText text={finding.remedy} />
              </dd>
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}
