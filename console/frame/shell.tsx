import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useContext, useEffect, useRef, useState } from 'react';
import { ProblemError } from '../api.ts';
import { ZoneProvider } from '../language/format.tsx';
import { hasChosenLanguage, LanguageContext, languages, useWords } from '../language/language.ts';
import { boardQuery } from '../policy/queries.ts';
import { useKeys } from './keys.ts';
import { Problem } from './problem.tsx';
import { Rail } from './rail.tsx';
import { sessionQuery, signOut } from './session.ts';
import { frameWords } from './words.ts';

const SignIn = lazy(() => import('./sign-in.tsx').then((page) => ({ default: page.SignIn })));
const KeysDialog = lazy(() => import('./keys-dialog.tsx').then((dialog) => ({ default: dialog.KeysDialog })));

/** Everything around a page: the rail, the reader's session and language, the organisation's time zone, the keys. */
export function Shell() {
  const session = useQuery(sessionQuery);
  const words = useWords(frameWords);
  const { choose } = useContext(LanguageContext);
  const told = session.data?.language;
  useEffect(() => {
    const known = languages.find((language) => language === told);
    if (known !== undefined && !hasChosenLanguage()) choose(known, { remember: false });
  }, [told, choose]);
  if (session.data !== undefined) return <SignedIn organisation={session.data.organisation.name} />;
  if (session.error === null) return <p className="waiting">{words.loading}</p>;
  if (isSignedOut(session.error))
    return (
      <Suspense fallback={<p className="waiting">{words.loading}</p>}>
        <SignIn />
      </Suspense>
    );
  return (
    <main className="page">
      <Problem error={session.error} reading isPage onRetry={() => session.refetch()} />
    </main>
  );
}

function isSignedOut(error: Error): boolean {
  return error instanceof ProblemError && error.problem.status === 401;
}

function SignedIn({ organisation }: { organisation: string }) {
  const words = useWords(frameWords);
  const client = useQueryClient();
  const [keysShown, setKeysShown] = useState(false);
  const board = useQuery(boardQuery);
  useKeys(useCallback(() => setKeysShown(true), []));
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => client.resetQueries(),
  });
  const zone = board.data?.organisation.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <ZoneProvider zone={zone}>
      <div className="shell">
        <a className="skip" href="#page">
          {words.skip}
        </a>
        <Rail organisation={organisation} onSignOut={() => leaving.mutate()} onKeys={() => setKeysShown(true)} />
        <Page />
        {leaving.error === null ? null : <Problem error={leaving.error} />}
        {keysShown ? (
          <Suspense>
            <KeysDialog onClose={() => setKeysShown(false)} />
          </Suspense>
        ) : null}
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
      <Outlet />
    </main>
  );
}
