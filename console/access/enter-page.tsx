import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { sessionQuery } from '../frame/session.ts';
import { useLanguage, useWords } from '../language/language.ts';
import { Outside } from './outside.tsx';
import { wordedRefusal } from './refusal-words.ts';
import { SignInPage } from './sign-in-page.tsx';
import { signInWords } from './sign-in-words.ts';

const route = getRouteApi('/enter');

/** Where an identity provider sends back whom it did not sign in, and who only tried it; who is signed in goes on. */
export function EnterPage() {
  const { refused, tried } = route.useSearch();
  const session = useQuery(sessionQuery);
  if (tried !== undefined) return <Tried outcome={tried} />;
  if (session.data !== undefined) return <Navigate to="/policy" replace />;
  return <SignInPage refused={refused} />;
}

function Tried({ outcome }: { outcome: string }) {
  const words = useWords(signInWords);
  const language = useLanguage();
  const isPassed = outcome === 'passed';
  return (
    <Outside title={isPassed ? words.triedPassed : words.triedFailed}>
      <p className="prose">{isPassed ? words.triedPassedText : wordedRefusal(outcome, language)}</p>
      {isPassed ? null : <p className="mono faint">{outcome}</p>}
    </Outside>
  );
}
