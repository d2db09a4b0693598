import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Board, PolicyPage as Document, PromiseRow, Status } from '../../server/policy/contract.ts';
import { ProblemError } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { useTitle } from '../frame/title.ts';
import { Day, useFormat } from '../language/format.tsx';
import { textIn, useLanguage, useWords } from '../language/language.ts';
import { LocalisedText } from '../language/localised.tsx';
import { disposalStateQuery } from '../retention/queries.ts';
import { Annexes } from './annexes.tsx';
import { Answer } from './answer.tsx';
import { MarginNote } from './margin-note.tsx';
import { boardQuery, documentQuery } from './queries.ts';
import { policyWords } from './words.ts';
import './policy-page.css';

const route = getRouteApi('/policy');

/** The home: the policy as people read it, each sentence with its proof in the margin. */
export function PolicyPage() {
  const words = useWords(policyWords);
  const board = useQuery(boardQuery);
  const document = useQuery(documentQuery);
  const state = useQuery(disposalStateQuery);
  if (isWithoutPolicy(board.error) || isWithoutPolicy(document.error)) return <NoPolicy />;
  return (
    <div className="page policy">
      <Loaded query={document} what={words.what} isPage>
        {(page) => (
          <Loaded query={board} what={words.what} isPage>
            {(proofs) => <Policy page={page} board={proofs} nextRunAt={state.data?.nextRunAt ?? null} />}
          </Loaded>
        )}
      </Loaded>
    </div>
  );
}

function Policy({ page, board, nextRunAt }: { page: Document; board: Board; nextRunAt: string | null }) {
  const language = useLanguage();
  useTitle(textIn(page.title, language)?.text);
  const shown = useShown(board);
  const numbered = page.sections.map((section, at) => ({ ...section, number: at + 1 }));
  const matches = board.promises.filter((promise) => shown(promise)).length;
  return (
    <>
      <Masthead page={page} />
      <Answer board={board} shown={matches} />
      {numbered.map((section) => (
        <Section key={section.section} section={section} board={board} shown={shown} nextRunAt={nextRunAt} />
      ))}
      {matches === board.promises.length ? <Annexes page={page} /> : null}
      {matches === 0 ? <NoneFound /> : null}
    </>
  );
}

function Masthead({ page }: { page: Document }) {
  const words = useWords(policyWords);
  const format = useFormat();
  return (
    <header className="masthead">
      <p className="masthead-organisation">{page.organisation.name}</p>
      <h1>
        <LocalisedText text={page.title} />
      </h1>
      {page.version === null ? null : (
        <p className="masthead-version">
          {words.version(format.number(page.version.number))}, {words.since} <Day at={page.version.publishedAt} />
          <span className="mono" title={`${words.hash}: ${page.version.hash}`}>
            {page.version.hash.slice(0, 12)}
          </span>
        </p>
      )}
    </header>
  );
}

type NumberedSection = Document['sections'][number] & { readonly number: number };

function Section({
  section,
  board,
  shown,
  nextRunAt,
}: {
  section: NumberedSection;
  board: Board;
  shown: (promise: PromiseRow) => boolean;
  nextRunAt: string | null;
}) {
  const clauses = section.promises.flatMap((key, at) => {
    const promise = board.promises.find((each) => each.promise === key);
    return promise === undefined || !shown(promise) ? [] : [{ promise, number: `${section.number}.${at + 1}` }];
  });
  const all = clauses.length === section.promises.length;
  if (clauses.length === 0 && !(all && board.promises.every(shown))) return null;
  const id = `section-${section.section}`;
  return (
    <section className="section" aria-labelledby={id}>
      <h2 id={id}>
        <span className="number">{section.number}</span>
        <LocalisedText text={section.title} />
      </h2>
      {section.text === null || !all ? null : (
        <p className="prose">
          <LocalisedText text={section.text} />
        </p>
      )}
      <ol className="clauses">
        {clauses.map(({ promise, number }) => (
          <li key={promise.promise} className="clause" id={promise.promise}>
            <span className="number">{number}</span>
            <p className="sentence">
              <mark className={promise.status}>
                <LocalisedText text={promise.sentence} />
              </mark>
              <Law promise={promise} />
            </p>
            <span className={`leader ${promise.status}`} aria-hidden="true" />
            <MarginNote promise={promise} number={number} nextRunAt={nextRunAt} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The law cited for a sentence, as a superscript with the citation in the hint. */
function Law({ promise }: { promise: PromiseRow }) {
  if (promise.law.length === 0) return null;
  const citations = promise.law.map(({ citation }) => citation).join('; ');
  return (
    <sup className="law">
      <abbr title={citations}>
        §<span className="hidden"> {citations}</span>
      </abbr>
    </sup>
  );
}

/** Which promises the filter and the search in the address let through. */
function useShown(board: Board): (promise: PromiseRow) => boolean {
  const { status, q } = route.useSearch();
  const language = useLanguage();
  const wanted = q?.toLocaleLowerCase(language) ?? '';
  const known = new Set<Status>(status === undefined ? Object.keys(board.counts).filter(isStatus) : [status]);
  return (promise) => {
    if (!known.has(promise.status)) return false;
    if (wanted === '') return true;
    const texts = [textIn(promise.sentence, language)?.text ?? '', promise.promise, ...promise.refs, ...promise.data];
    return texts.some((text) => text.toLocaleLowerCase(language).includes(wanted));
  };
}

function isStatus(key: string): key is Status {
  return key === 'kept' || key === 'due' || key === 'broken' || key === 'unproven';
}

function NoneFound() {
  const words = useWords(policyWords);
  return (
    <div className="empty">
      <h2>{words.noneFound}</h2>
      <p>{words.noneFoundText}</p>
    </div>
  );
}

function isWithoutPolicy(error: Error | null): boolean {
  return error instanceof ProblemError && error.problem.code === 'no-policy';
}

function NoPolicy() {
  const { empty } = useWords(policyWords);
  useTitle(empty.title);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{empty.title}</h1>
        <p className="lede">{empty.text}</p>
      </header>
      <p>{empty.step}</p>
      <pre className="quoted">{'kept init\nkept check policy.yaml\nkept publish policy.yaml data-map.yaml'}</pre>
    </div>
  );
}
