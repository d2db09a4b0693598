import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import type { Dataset, pathSchema, readDataMap } from '../../server/datamap/contract.ts';
import type { PolicyPage } from '../../server/policy/contract.ts';
import { ProblemError } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { useTitle } from '../frame/title.ts';
import { Day, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { LocalisedText } from '../language/localised.tsx';
import { SetTable } from '../look/set-table.tsx';
import { Source } from '../look/source.tsx';
import { documentQuery } from '../policy/queries.ts';
import { dataMapQuery } from './queries.ts';
import { dataMapWords } from './words.ts';
import './data-map-page.css';

type DataMapAnswer = z.infer<typeof readDataMap.answer>;

/** Where the policy's data lies: systems, datasets, what promises reach them, and what has no place. */
export function DataMapPage() {
  const words = useWords(dataMapWords);
  useTitle(words.title);
  const query = useQuery(dataMapQuery);
  const document = useQuery(documentQuery);
  if (query.error instanceof ProblemError && query.error.problem.code === 'no-data-map') return <NoDataMap />;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={query} what={words.what}>
        {(answer) => <DataMap answer={answer} page={document.data} />}
      </Loaded>
    </div>
  );
}

function DataMap({ answer, page }: { answer: DataMapAnswer; page: PolicyPage | undefined }) {
  const words = useWords(dataMapWords);
  const format = useFormat();
  const promisesOf = new Map(answer.coverage.map(({ dataset, promises }) => [dataset, promises]));
  return (
    <>
      <p className="faint">
        {words.version(format.number(answer.version.number))} <Day at={answer.version.publishedAt} />{' '}
        <span className="mono" title={answer.version.hash}>
          {answer.version.hash.slice(0, 12)}
        </span>
      </p>
      <Uncovered categories={answer.uncovered} page={page} />
      <Systems answer={answer} />
      <section className="part">
        <h2>{words.datasets}</h2>
        {byCategory(answer).map(({ covers, datasets }) => (
          <section key={covers.join(' ')} className="category">
            <h3>
              <Categories keys={covers} page={page} />
            </h3>
            {datasets.map(([name, dataset]) => (
              <DatasetEntry
                key={name}
                name={name}
                dataset={dataset}
                promises={promisesOf.get(name) ?? []}
                page={page}
              />
            ))}
          </section>
        ))}
      </section>
      <section className="part">
        <details className="figures-of">
          <summary>{words.source}</summary>
          <Source text={answer.source} label={words.source} />
        </details>
      </section>
    </>
  );
}

interface Category {
  readonly covers: readonly string[];
  readonly datasets: (readonly [string, Dataset])[];
}

/** Datasets that hold the same categories stand together, in the order of the map. */
function byCategory(answer: DataMapAnswer): readonly Category[] {
  const categories = new Map<string, Category>();
  for (const entry of Object.entries(answer.map.datasets)) {
    const { covers } = entry[1];
    const category = categories.get(covers.join(' ')) ?? { covers, datasets: [] };
    category.datasets.push(entry);
    categories.set(covers.join(' '), category);
  }
  return [...categories.values()];
}

function Uncovered({ categories, page }: { categories: readonly string[]; page: PolicyPage | undefined }) {
  const words = useWords(dataMapWords);
  const format = useFormat();
  if (categories.length === 0) return <p className="part faint">{words.allCovered}</p>;
  return (
    <section className="part uncovered">
      <h2>{words.uncovered(format.number(categories.length))}</h2>
      <p className="explains">{words.uncoveredText}</p>
      <p>
        <Categories keys={categories} page={page} />
      </p>
    </section>
  );
}

function Systems({ answer }: { answer: DataMapAnswer }) {
  const words = useWords(dataMapWords);
  return (
    <section className="part">
      <h2>{words.systems}</h2>
      <SetTable
        label={words.systems}
        rows={Object.entries(answer.map.systems)}
        keyOf={([name]) => name}
        columns={[
          {
            head: words.system,
            isHead: true,
            cell: ([name, system]) => (
              <>
                {system.title ?? name} <span className="mono faint">{name}</span>
              </>
            ),
          },
          { head: words.kind, cell: ([, system]) => words.kinds[system.kind] },
          {
            head: words.credential,
            cell: ([, system]) => (
              <span className="mono" title={words.credentialHint}>
                {system.credential}
              </span>
            ),
          },
        ]}
      />
      {answer.map.accounts === undefined ? null : (
        <p className="faint accounts-from">
          {words.accounts} <span className="mono">{answer.map.accounts.table}</span>
        </p>
      )}
    </section>
  );
}

function DatasetEntry({
  name,
  dataset,
  promises,
  page,
}: {
  name: string;
  dataset: Dataset;
  promises: readonly string[];
  page: PolicyPage | undefined;
}) {
  const words = useWords(dataMapWords);
  const facts = factsOf(dataset, words, page);
  return (
    <article className="dataset">
      <div>
        <h4>
          <span className="mono">{name}</span>{' '}
          <span className="faint">
            {words.in} <span className="mono">{placeOf(dataset)}</span>
          </span>
        </h4>
        <dl className="facts">
          {facts.map(([term, value]) => (
            <div key={term} className="fact">
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <div>
        <p className="faint">{words.promisedIn}</p>
        {promises.length === 0 ? <p>{words.noPromise}</p> : null}
        <ul>
          {promises.map((promise) => (
            <li key={promise}>
              <Link to="/policy/promises/$promise" params={{ promise }}>
                {promise}
              </Link>
            </li>
          ))}
        </ul>
        <p className="faint disposed-by">{dataset['disposed-by'] === 'kept' ? words.byKept : words.elsewhere}</p>
      </div>
    </article>
  );
}

function factsOf(
  dataset: Dataset,
  words: (typeof dataMapWords)['en'],
  page: PolicyPage | undefined,
): readonly (readonly [string, ReactNode])[] {
  const clocks = Object.entries(dataset.clocks);
  const subjects = Object.keys(dataset.subjects);
  const events = Object.entries(dataset.events);
  const anonymised = Object.keys(dataset.anonymise);
  return [
    ...(clocks.length === 0 ? [] : [pair(words.clocks, clocks.map(([, column]) => column).join(', '))]),
    ...(dataset.account === undefined ? [] : [pair(words.account, columnOf(dataset.account))]),
    ...(subjects.length === 0
      ? []
      : [
          [
            words.subjects,
            subjects.map((key, at) => (
              <span key={key}>
                {at === 0 ? null : ', '}
                <LocalisedText text={page?.subjects.find(({ subject }) => subject === key)?.title ?? { en: key }} />
              </span>
            )),
          ] as const,
        ]),
    ...(dataset.attachments.length === 0
      ? []
      : [pair(words.attachments, dataset.attachments.map(({ system }) => system).join(', '))]),
    ...(events.length === 0 ? [] : [pair(words.events, events.map(([, column]) => column).join(', '))]),
    ...(anonymised.length === 0 ? [] : [pair(words.anonymised, anonymised.join(', '))]),
  ];
}

function pair(term: string, code: string): readonly [string, ReactNode] {
  return [
    term,
    <span key={term} className="mono">
      {code}
    </span>,
  ];
}

function placeOf(dataset: Dataset): string {
  const inside = dataset.table ?? [dataset.folder, dataset.files?.match].filter((part) => part !== undefined).join('/');
  return `${dataset.system}: ${inside}`;
}

function columnOf(path: z.infer<typeof pathSchema>): string {
  if (typeof path === 'string') return path;
  return [...path.through.map(({ table }) => table), path.column].join(' → ');
}

/** Categories of the policy by their titles. */
function Categories({ keys, page }: { keys: readonly string[]; page: PolicyPage | undefined }) {
  return keys.map((key, at) => (
    <span key={key}>
      {at === 0 ? null : ', '}
      <LocalisedText text={page?.data.find(({ data }) => data === key)?.title ?? { en: key }} />
    </span>
  ));
}

function NoDataMap() {
  const { empty } = useWords(dataMapWords);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{empty.title}</h1>
        <p className="lede">{empty.text}</p>
      </header>
      <p>{empty.step}</p>
      <pre className="quoted">{'kept init\nkept publish policy.yaml data-map.yaml'}</pre>
    </div>
  );
}
