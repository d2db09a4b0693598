import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, useCallback, useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ProblemError } from './api.ts';
import { sessionQuery } from './frame/session.ts';
import { firstLanguage, type Language, LanguageContext, rememberLanguage } from './language/language.ts';
import { router } from './router.tsx';
import './look/faces.css';
import './look/tokens.css';
import './look/base.css';
import './look/page.css';
import './look/controls.css';

/** A session that ended while a page was open is asked for again, so that the sign-in page comes up. */
function onError(error: Error) {
  // A wrong password or code is 401, too, and ends nothing.
  if (!(error instanceof ProblemError) || error.problem.code !== 'not-signed-in') return;
  if (client.getQueryState(sessionQuery.queryKey)?.status === 'success') {
    void client.resetQueries({ queryKey: sessionQuery.queryKey });
  }
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => error instanceof ProblemError && error.problem.status === 0 && failures < 1,
    },
  },
});

function Console() {
  const [language, setLanguage] = useState<Language>(() => firstLanguage());
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choose = useCallback((chosen: Language, options = { remember: true }) => {
    if (options.remember) rememberLanguage(chosen);
    setLanguage(chosen);
  }, []);
  const choice = useMemo(() => ({ language, choose }), [language, choose]);
  return (
    <LanguageContext value={choice}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </LanguageContext>
  );
}

const place = document.getElementById('console');
if (place === null) throw new Error('the page has no place for the console');
createRoot(place).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
