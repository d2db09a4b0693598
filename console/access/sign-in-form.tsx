import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { findSignInWays, providerSignInPath, signIn } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useEnter } from '../frame/session.ts';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { showPasskey } from './passkey.ts';
import { PasswordInput } from './password-input.tsx';
import { signInWords } from './sign-in-words.ts';

type Ways = (typeof findSignInWays.answer)['_output'];

/**
 * E-mail address first, since its domain says how to go on: with a password, through an identity provider, or both.
 * A passkey needs neither.
 * @param email whose account it has to be, where that is known
 */
export function SignInForm({ email: given = '' }: { email?: string }) {
  const words = useWords(signInWords);
  const enter = useEnter();
  const [email, setEmail] = useState(given);
  const [password, setPassword] = useState('');
  const looking = useMutation({ mutationFn: () => call(findSignInWays, { body: { email: email.trim() } }) });
  const signing = useMutation({
    mutationFn: () => call(signIn, { body: { email: email.trim(), password } }),
    onSuccess: enter,
  });
  const ways = looking.data;
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ways === undefined) looking.mutate();
          else if (!signing.isPending) signing.mutate();
        }}
      >
        <Field label={words.email}>
          {(id) => (
            <input
              id={id}
              type="email"
              className="input"
              required
              autoComplete="username"
              maxLength={254}
              value={email}
              onChange={(event) => {
                setEmail(event.target.value);
                looking.reset();
                signing.reset();
              }}
            />
          )}
        </Field>
        {ways === undefined ? (
          <button type="submit" className="button first" disabled={looking.isPending}>
            {words.next}
          </button>
        ) : (
          <Through ways={ways}>
            <Field label={words.password}>
              {(id) => (
                <PasswordInput
                  id={id}
                  value={password}
                  onChange={setPassword}
                  autoComplete="current-password"
                  takesFocus={ways.provider === null}
                />
              )}
            </Field>
            <p className="row-of-acts">
              <button type="submit" className="button first" disabled={signing.isPending}>
                {signing.isPending ? words.signingIn : words.signIn}
              </button>
              <Link to="/reset">{words.forgotten}</Link>
            </p>
          </Through>
        )}
      </form>
      {looking.error === null ? null : <Problem error={looking.error} reading />}
      {signing.error === null ? null : <Problem error={signing.error} />}
      <PasskeyButton />
    </>
  );
}

/** The provider where there is one, and the password where it may be used. */
function Through({ ways, children }: { ways: Ways; children: React.ReactNode }) {
  const words = useWords(signInWords);
  const { provider } = ways;
  return (
    <>
      {ways.google && provider === null ? (
        <p className="row-of-acts provider-way">
          <a className="button" href={providerSignInPath('google')}>
            {words.google}
          </a>
          <span className="faint">{words.or}</span>
        </p>
      ) : null}
      {provider === null ? (
        children
      ) : (
        <>
          <p className="provider-way">{words.throughText(provider.name)}</p>
          <p className="provider-way">
            <FirstWay href={providerSignInPath(provider.id)}>{words.through(provider.name)}</FirstWay>
          </p>
          {provider.only ? (
            <details>
              <summary>{words.exception}</summary>
              <p className="faint provider-way">{words.exceptionText}</p>
              {children}
            </details>
          ) : (
            children
          )}
        </>
      )}
    </>
  );
}

/** The way that the page leads on to; it takes the focus when it appears. */
function FirstWay({ href, children }: { href: string; children: React.ReactNode }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => link.current?.focus(), []);
  return (
    <a ref={link} className="button first" href={href}>
      {children}
    </a>
  );
}

function PasskeyButton() {
  const words = useWords(signInWords);
  const enter = useEnter();
  const showing = useMutation({ mutationFn: showPasskey, onSuccess: enter });
  if (!('PublicKeyCredential' in window)) return null;
  return (
    <>
      <p className="row-of-acts">
        <span className="faint">{words.or}</span>
        <button type="button" className="button" disabled={showing.isPending} onClick={() => showing.mutate()}>
          {showing.isPending ? words.passkeyPending : words.passkey}
        </button>
      </p>
      {showing.error === null ? null : <Problem error={showing.error} />}
    </>
  );
}
