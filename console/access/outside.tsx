import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Session } from '../../server/access/contract.ts';
import { Mark } from '../frame/mark.tsx';
import { Problem } from '../frame/problem.tsx';
import { LanguageSwitch } from '../frame/rail.tsx';
import { signOut } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { frameWords } from '../frame/words.ts';
import { useWords } from '../language/language.ts';
import { signInWords } from './sign-in-words.ts';
import './outside.css';

/** A page for who is not, or not fully, signed in: the mark, a heading, what there is to do, and the language. */
export function Outside({ title, children, session }: { title: string; children: ReactNode; session?: Session }) {
  useTitle(title);
  return (
    <main className="outside">
      <p className="wordmark">
        <Mark /> Kept
      </p>
      <h1>{title}</h1>
      {children}
      {session === undefined ? null : <SignedInAs session={session} />}
      <LanguageSwitch />
    </main>
  );
}

/** Whose session it is, and the way out of it. */
function SignedInAs({ session }: { session: Session }) {
  const words = useWords(signInWords);
  const { signOut: label } = useWords(frameWords);
  const client = useQueryClient();
  const leaving = useMutation({ mutationFn: signOut, onSuccess: () => client.resetQueries() });
  return (
    <>
      <hr />
      <p className="row-of-acts faint">
        {words.signedInAs(session.person?.email ?? '')}
        <button type="button" className="button plain" onClick={() => leaving.mutate()}>
          {label}
        </button>
      </p>
      {leaving.error === null ? null : <Problem error={leaving.error} />}
    </>
  );
}
