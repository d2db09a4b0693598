import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { lookAtToken } from '../../server/access/contract.ts';
import { call, ProblemError } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { linkKey } from '../frame/session.ts';
import { frameWords } from '../frame/words.ts';
import { useWords } from '../language/language.ts';
import { joiningWords } from './joining-words.ts';
import { Outside } from './outside.tsx';

export type LookedAt = (typeof lookAtToken.answer)['_output'];

/** What stands behind the # of the address. */
export function useLinkToken(): string {
  return useRouterState({ select: (state) => state.location.hash });
}

/**
 * Looks at the token of a link and shows what it is for, or why it cannot be used.
 * @param invalidText what to do where the link was used or has expired
 */
export function WithLink({
  token,
  kind,
  title,
  invalidText,
  further,
  children,
}: {
  token: string;
  kind: LookedAt['kind'];
  title: string;
  invalidText: string;
  /** Another way on from a link that is no longer valid. */
  further?: ReactNode;
  children: (link: LookedAt) => ReactNode;
}) {
  const words = useWords(joiningWords);
  const { waitingFor } = useWords(frameWords);
  const query = useQuery({
    queryKey: [...linkKey, token],
    queryFn: ({ signal }) => call(lookAtToken, { body: { token }, signal }),
    enabled: token !== '',
    // What is on screen stays while the link is used up.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (token === '') return <Refused title={words.incomplete} text={words.incompleteText} further={further} />;
  if (query.data !== undefined) {
    if (query.data.kind === kind) return children(query.data);
    return <Refused title={words.wrongKind} text={words.incompleteText} further={further} />;
  }
  if (query.error instanceof ProblemError && query.error.problem.code === 'link-invalid')
    return <Refused title={words.invalid} text={invalidText} further={further} />;
  return (
    <Outside title={title}>
      {query.error === null ? (
        <p role="status">{waitingFor(words.what)}</p>
      ) : (
        <Problem error={query.error} reading onRetry={() => query.refetch()} />
      )}
    </Outside>
  );
}

function Refused({ title, text, further }: { title: string; text: string; further: ReactNode }) {
  const words = useWords(joiningWords);
  return (
    <Outside title={title}>
      <p className="prose">{text}</p>
      <p className="row-of-acts">
        {further}
        <Link to="/policy">{words.toStart}</Link>
      </p>
    </Outside>
  );
}
