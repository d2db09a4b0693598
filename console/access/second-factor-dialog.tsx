import { Dialog } from '@base-ui/react/dialog';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Session, showPassword } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import type { Showing } from '../frame/second-factor.ts';
import { sessionQuery } from '../frame/session.ts';
import { frameWords } from '../frame/words.ts';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { factorWords } from './factor-words.ts';
import { PasswordInput } from './password-input.tsx';
import { ShowFactor } from './show-factor.tsx';
import { signInWords } from './sign-in-words.ts';
import '../look/dialog.css';

/** Asked by an act that needs something shown afresh; the act goes on by itself once it was. */
export function SecondFactorDialog({ what, onAnswer }: { what: Showing; onAnswer: (shown: boolean) => void }) {
  const words = useWords(factorWords);
  const { cancel } = useWords(frameWords);
  const client = useQueryClient();
  const session = useQuery(sessionQuery).data;
  const factors = session?.factors ?? [];
  const close = <Dialog.Close className="button">{cancel}</Dialog.Close>;
  const onShown = (shown: Session) => {
    client.setQueryData(sessionQuery.queryKey, shown);
    onAnswer(true);
  };
  const hasNothing = what === 'second-factor' && factors.length === 0;
  return (
    <Dialog.Root open disablePointerDismissal onOpenChange={(open) => open || onAnswer(false)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>
            {what === 'password' ? words.passwordTitle : hasNothing ? words.noneTitle : words.freshTitle}
          </Dialog.Title>
          <Dialog.Description className="dialog-text">
            {hasNothing ? words.noneText : words.freshText}
            {hasNothing && session?.ownFreshBy === 'sign-in' ? ` ${words.orSignIn}` : null}
          </Dialog.Description>
          {what === 'password' ? (
            <ShowPassword cancel={close} onShown={onShown} />
          ) : hasNothing ? (
            <div className="row-of-acts">
              {close}
              <Link to="/account" className="button first" onClick={() => onAnswer(false)}>
                {words.toAccount}
              </Link>
            </div>
          ) : (
            <ShowFactor factors={factors} cancel={close} onShown={onShown} />
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function ShowPassword({ cancel, onShown }: { cancel: ReactNode; onShown: (session: Session) => void }) {
  const words = useWords(factorWords);
  const { password: label } = useWords(signInWords);
  const [password, setPassword] = useState('');
  const showing = useMutation({
    mutationFn: () => call(showPassword, { body: { password } }),
    onSuccess: onShown,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (!showing.isPending) showing.mutate();
      }}
    >
      <Field label={label}>
        {(id) => (
          <PasswordInput id={id} value={password} onChange={setPassword} autoComplete="current-password" takesFocus />
        )}
      </Field>
      {showing.error === null ? null : <Problem error={showing.error} />}
      <p className="row-of-acts">
        {cancel}
        <button type="submit" className="button first" disabled={showing.isPending}>
          {showing.isPending ? words.showing : words.show}
        </button>
      </p>
    </form>
  );
}
