import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { acceptInvitation, type Session } from '../../server/access/contract.ts';
import { call, ProblemError } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { sessionQuery, useEnter } from '../frame/session.ts';
import { Instant } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { joiningWords } from './joining-words.ts';
import { Outside } from './outside.tsx';
import { OwedPage } from './owed-page.tsx';
import { NewPassword } from './password-input.tsx';
import { rolesWords } from './roles-words.ts';
import { SignInForm } from './sign-in-form.tsx';
import { type LookedAt, useLinkToken, WithLink } from './with-link.tsx';

/** An invitation is accepted by a new person, or by who is signed in with its address. */
export function InvitationPage() {
  const words = useWords(joiningWords).invitation;
  const token = useLinkToken();
  const session = useQuery(sessionQuery);
  return (
    <WithLink token={token} kind="invitation" title={words.act} invalidText={words.invalidText}>
      {(link) => {
        // Signing in may still be under way; having no organisation yet is what the invitation is about.
        const owes = session.data?.owes ?? null;
        if (owes !== null && owes !== 'organisation') return <OwedPage session={session.data} />;
        return <Invitation token={token} link={link} session={session.data} sessionError={session.error} />;
      }}
    </WithLink>
  );
}

function Invitation({
  token,
  link,
  session,
  sessionError,
}: {
  token: string;
  link: LookedAt;
  session: Session | undefined;
  sessionError: Error | null;
}) {
  const words = useWords(joiningWords).invitation;
  const { names } = useWords(rolesWords);
  const email = link.email ?? '';
  const isOther = session !== undefined && session.person?.email.toLowerCase() !== email.toLowerCase();
  return (
    <Outside title={words.title(link.organisation ?? '')} {...(session === undefined ? {} : { session })}>
      <p className="prose">{words.text(email, link.role === null ? '' : names[link.role])}</p>
      <p className="faint">
        {words.until} <Instant at={link.expiresAt} />.
      </p>
      {isOther ? (
        <p>{words.other(session.person?.email ?? '')}</p>
      ) : link.isNewPerson ? (
        <AcceptAsNew token={token} email={email} />
      ) : session === undefined ? (
        <>
          <p>{words.known}</p>
          <SignInForm email={email} />
        </>
      ) : (
        <Accept token={token} />
      )}
      {sessionError === null || isSignedOut(sessionError) ? null : <Problem error={sessionError} reading />}
    </Outside>
  );
}

function isSignedOut(error: Error): boolean {
  return error instanceof ProblemError && error.problem.status === 401;
}

function useAccepting(token: string) {
  const enter = useEnter();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (person?: { name: string; password: string; language: Session['language'] }) =>
      call(acceptInvitation, { body: { token, ...(person === undefined ? {} : { person }) } }),
    onSuccess: async (session) => {
      enter(session);
      await navigate({ to: '/policy', replace: true });
    },
  });
}

function Accept({ token }: { token: string }) {
  const words = useWords(joiningWords).invitation;
  const accepting = useAccepting(token);
  return (
    <>
      {accepting.error === null ? null : <Problem error={accepting.error} />}
      <p>
        <button
          type="button"
          className="button first"
          disabled={accepting.isPending}
          onClick={() => accepting.mutate(undefined)}
        >
          {accepting.isPending ? words.pending : words.act}
        </button>
      </p>
    </>
  );
}

function AcceptAsNew({ token, email }: { token: string; email: string }) {
  const all = useWords(joiningWords);
  const words = all.invitation;
  const language = useLanguage();
  const accepting = useAccepting(token);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!accepting.isPending) accepting.mutate({ name: name.trim(), password, language });
      }}
    >
      <p className="form-text">{words.newText}</p>
      <input type="hidden" autoComplete="username" value={email} readOnly />
      <Field label={all.name}>
        {(id) => (
          <input
            id={id}
            className="input"
            required
            maxLength={200}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <NewPassword value={password} onChange={setPassword} />
      {accepting.error === null ? null : <Problem error={accepting.error} />}
      <button type="submit" className="button first" disabled={accepting.isPending}>
        {accepting.isPending ? words.pending : words.act}
      </button>
    </form>
  );
}
