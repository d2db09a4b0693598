import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../language/language.ts';
import { Problem } from './problem.tsx';
import { frameWords } from './words.ts';

/** What a page shows of a query: words while it is fetched, the problem, or the data (kept on screen while a later fetch fails). */
export function Loaded<Data>({
  query,
  what,
  isPage = false,
  children,
}: {
  query: UseQueryResult<Data>;
  what: string;
  /** The data is the whole page, heading and all. */
  isPage?: boolean;
  children: (data: Data) => ReactNode;
}) {
  const words = useWords(frameWords);
  if (query.data !== undefined) {
    return (
      <>
        {query.error === null ? null : <Problem error={query.error} reading onRetry={() => query.refetch()} />}
        {children(query.data)}
      </>
    );
  }
  if (query.error !== null) {
    return <Problem error={query.error} reading isPage={isPage} onRetry={() => query.refetch()} />;
  }
  return (
    <p className="faint" role="status">
      {words.waitingFor(what)}
    </p>
  );
}
