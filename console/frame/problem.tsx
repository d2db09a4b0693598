import { useEffect, useState } from 'react';
import { ProblemError } from '../api.ts';
import { durationInWords } from '../language/duration.ts';
import { useLanguage, useWords } from '../language/language.ts';
import type { wordedProblem } from './problem-words.ts';
import { frameWords } from './words.ts';

/**
 * What went wrong: what happened, what was kept safe, what to do, and an id.
 * @param reading whether the call could have changed anything
 * @param isPage whether it stands in for a page, and so heads it
 */
export function Problem({
  error,
  reading = false,
  isPage = false,
  onRetry,
}: {
  error: unknown;
  reading?: boolean;
  isPage?: boolean;
  onRetry?: (() => void) | undefined;
}) {
  const words = useWords(frameWords).problem;
  const language = useLanguage();
  const problem = problemOf(error);
  const worded = useWorded()?.(problem.code, language);
  // The details are the server's, in English; beside words of its own they tell the reader nothing new, unless they
  // come from elsewhere.
  const saysNoMore = worded !== undefined && language !== 'en' && problem.status < 500;
  const title = problem.code === 'unreachable' ? unreachable[language] : (worded?.title ?? problem.title);
  const next = (
    <>
      {worded?.next ?? words[remedyFor(problem.status)]}
      {problem.retryAfterSeconds === undefined
        ? null
        : ` ${words.wait(durationInWords(problem.retryAfterSeconds, language))}`}
    </>
  );
  if (worded !== undefined && mistyped.has(problem.code)) {
    return (
      <section className="problem" role="alert">
        <h2>{title}</h2>
        <p>{next}</p>
      </section>
    );
  }
  return (
    <section className="problem" role="alert">
      {isPage ? <h1>{title}</h1> : <h2>{title}</h2>}
      {problem.detail === undefined || problem.detail === problem.title || saysNoMore ? null : <p>{problem.detail}</p>}
      {problem.issues === undefined || problem.issues.length === 0 ? null : (
        <ul>
          {problem.issues.map((issue) => (
            <li key={`${issue.path} ${issue.message}`}>
              {issue.path === '' ? null : <code>{issue.path}</code>} {issue.message}
            </li>
          ))}
        </ul>
      )}
      <dl className="facts">
        <dt>{words.safe}</dt>
        <dd>{reading ? words.onlyReading : words.nothingChanged}</dd>
        <dt>{words.next}</dt>
        <dd>{next}</dd>
        <dt>{problem.instance === undefined ? words.code : words.id}</dt>
        <dd className="mono">{problem.instance ?? problem.code}</dd>
      </dl>
      {onRetry === undefined ? null : (
        <p className="row-of-acts">
          <button type="button" className="button" onClick={onRetry}>
            {words.again}
          </button>
        </p>
      )}
    </section>
  );
}

/** Somebody mistyped, or asked too soon: what happened and what to do is all there is to say. */
const mistyped = new Set([
  'sign-in-refused',
  'code-refused',
  'passkey-refused',
  'password-too-weak',
  'second-factor-needed',
  'password-needed',
  'too-many-attempts',
  'domain-not-proved',
]);

let loaded: typeof wordedProblem | undefined;

/** The words for problems of access; fetched with the first problem, since most visits meet none. */
function useWorded(): typeof wordedProblem | undefined {
  const [, setLoaded] = useState(loaded !== undefined);
  useEffect(() => {
    if (loaded !== undefined) return;
    // Without them, as when the server is gone, the server's own title stands.
    import('./problem-words.ts').then(
      (words) => {
        loaded = words.wordedProblem;
        setLoaded(true);
      },
      () => {},
    );
  }, []);
  return loaded;
}

const unreachable = {
  en: 'The server does not answer',
  'pt-BR': 'O servidor não responde',
  es: 'El servidor no responde',
} as const;

type Remedy = 'unreachable' | 'forbidden' | 'missing' | 'reload' | 'fix' | 'tryAgain';

function remedyFor(status: number): Remedy {
  if (status === 0) return 'unreachable';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 409) return 'reload';
  if (status < 500) return 'fix';
  return 'tryAgain';
}

function problemOf(error: unknown): ProblemError['problem'] {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'console-error', status: 500, title: 'This page has an error', detail };
}
