import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { askForPasswordReset, resetPassword } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { joiningWords } from './joining-words.ts';
import { Outside } from './outside.tsx';
import { NewPassword } from './password-input.tsx';
import { signInWords } from './sign-in-words.ts';
import { useLinkToken, WithLink } from './with-link.tsx';

/** Without a link it asks where to send one; with a link it sets the new password. */
export function ResetPage() {
  const token = useLinkToken();
  const [asksAnew, setAsksAnew] = useState(false);
  if (token === '' || asksAnew) return <AskForLink />;
  return <UseLink token={token} onAskAnew={() => setAsksAnew(true)} />;
}

function AskForLink() {
  const all = useWords(signInWords);
  const words = all.reset;
  const [email, setEmail] = useState('');
  const asking = useMutation({ mutationFn: () => call(askForPasswordReset, { body: { email: email.trim() } }) });
  if (asking.isSuccess) {
    return (
      <Outside title={words.sent}>
        <p className="prose" role="status">
          {words.sentText(email.trim())}
        </p>
        <p className="row-of-acts">
          <button type="button" className="button" onClick={() => asking.reset()}>
            {words.again}
          </button>
          <Link to="/policy">{words.back}</Link>
        </p>
      </Outside>
    );
  }
  return (
    <Outside title={words.title}>
      <p className="prose">{words.text}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          asking.mutate();
        }}
      >
        <Field label={all.email}>
          {(id) => (
            <input
              id={id}
              type="email"
              className="input"
              required
              autoComplete="username"
              maxLength={254}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        {asking.error === null ? null : <Problem error={asking.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button first" disabled={asking.isPending}>
            {asking.isPending ? words.sending : words.send}
          </button>
          <Link to="/policy">{words.back}</Link>
        </p>
      </form>
    </Outside>
  );
}

function UseLink({ token, onAskAnew }: { token: string; onAskAnew: () => void }) {
  const words = useWords(signInWords).reset;
  const { toStart } = useWords(joiningWords);
  const [password, setPassword] = useState('');
  const setting = useMutation({ mutationFn: () => call(resetPassword, { body: { token, password } }) });
  if (setting.isSuccess) {
    return (
      <Outside title={words.done}>
        <p className="prose">{words.doneText}</p>
        <p>
          {/* Not by the router: the session that this browser may have had has ended. */}
          <a href="/policy" className="button first">
            {toStart}
          </a>
        </p>
      </Outside>
    );
  }
  return (
    <WithLink
      token={token}
      kind="password-reset"
      title={words.newTitle}
      invalidText={words.text}
      further={
        <button type="button" className="button first" onClick={onAskAnew}>
          {words.again}
        </button>
      }
    >
      {(link) => (
        <Outside title={words.newTitle}>
          <p className="prose">{words.newText(link.email ?? '')}</p>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              setting.mutate();
            }}
          >
            <input type="hidden" autoComplete="username" value={link.email ?? ''} readOnly />
            <NewPassword value={password} onChange={setPassword} />
            {setting.error === null ? null : <Problem error={setting.error} />}
            <button type="submit" className="button first" disabled={setting.isPending}>
              {setting.isPending ? words.setting : words.set}
            </button>
          </form>
        </Outside>
      )}
    </WithLink>
  );
}
