import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useContext, useEffect, useRef, useState } from 'react';
import type { Session } from '../../server/access/contract.ts';
import { ProblemError } from '../api.ts';
import { ZoneProvider } from '../language/format.tsx';
import { hasChosenLanguage, LanguageContext, languages, useWords } from '../language/language.ts';
import { boardQuery } from '../policy/queries.ts';
import { useKeys } from './keys.ts';
import { Problem } from './problem.tsx';
import { Rail } from './rail.tsx';
import { SecondFactorPlace } from './second-factor-place.tsx';
import { sessionQuery, signOut } from './session.ts';
import { frameWords } from './words.ts';

const OwedPage = lazy(() => import('../access/owed-page.tsx').then((page) => ({ default: page.OwedPage })));
const KeysDialog = lazy(() => import('./keys-dialog.tsx').then((dialog) => ({ default: dialog.KeysDialog })));
const OwnNotices = lazy(() => import('../messages/own-notices.tsx').then((part) => ({ default: part.OwnNotices })));

/** Pages for whoever comes with a link, or was sent back by an identity provider: they need no session. */
const outsidePages = new Set(['/enter', '/setup', '/verify', '/reset', '/invitation']);

/** Everything around a page: the rail, the reader's session and language, the organisation's time zone, the keys. */
export function Shell() {
  const session = useQuery(sessionQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { choose } = useContext(LanguageContext);
  const told = session.data?.language;
  useEffect(() => {
    const known = languages.find((language) => language === told);
    if (known !== undefined && !hasChosenLanguage()) choose(known, { remember: false });
  }, [told, choose]);
  if (outsidePages.has(path)) {
    return (
      <ZoneProvider zone={ownZone()}>
        <Outlet />
      </ZoneProvider>
    );
  }
  if (session.data?.owes === null && session.data.organisation !== null) return <SignedIn session={session.data} />;
  return <NotSignedIn session={session.data} error={session.error} onRetry={() => session.refetch()} />;
}

/** Nobody is signed in, or the session still owes something. */
function NotSignedIn({
  session,
  error,
  onRetry,
}: {
  session: Session | undefined;
  error: Error | null;
  onRetry: () => void;
}) {
  const words = useWords(frameWords);
  if (session === undefined && error === null) return <p className="waiting">{words.loading}</p>;
  if (session !== undefined || isSignedOut(error))
    return (
      <ZoneProvider zone={ownZone()}>
        <Suspense fallback={<p className="waiting">{words.loading}</p>}>
          <OwedPage session={session} />
        </Suspense>
      </ZoneProvider>
    );
  return (
    <main className="page">
      <Problem error={error} reading isPage onRetry={onRetry} />
    </main>
  );
}

function isSignedOut(error: Error | null): boolean {
  return error instanceof ProblemError && error.problem.status === 401;
}

/** Where no organisation is known, times are the reader's. */
function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function SignedIn({ session }: { session: Session }) {
  const words = useWords(frameWords);
  const client = useQueryClient();
  const [keysShown, setKeysShown] = useState(false);
  const board = useQuery(boardQuery);
  useKeys(useCallback(() => setKeysShown(true), []));
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => client.resetQueries(),
  });
  return (
    <ZoneProvider zone={board.data?.organisation.timeZone ?? ownZone()}>
      <div className="shell">
        <a className="skip" href="#page">
          {words.skip}
        </a>
        <Rail session={session} onSignOut={() => leaving.mutate()} onKeys={() => setKeysShown(true)} />
        <Page />
        {leaving.error === null ? null : <Problem error={leaving.error} />}
        {keysShown ? (
          <Suspense>
            <KeysDialog onClose={() => setKeysShown(false)} />
          </Suspense>
        ) : null}
        <SecondFactorPlace />
      </div>
    </ZoneProvider>
  );
}

/** The page itself; it takes the focus when the address changes, so that a screen reader begins there. */
function Page() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    main.current?.focus();
  }, [path]);
  return (
    <main id="page" ref={main} tabIndex={-1}>
      <Suspense>
        <OwnNotices />
      </Suspense>
      <Outlet />
    </main>
  );
}
