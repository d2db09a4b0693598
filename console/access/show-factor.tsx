import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Session, showSecondFactor } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { CodeInput } from './code-input.tsx';
import { factorWords } from './factor-words.ts';
import { showPasskey } from './passkey.ts';

/** Takes a second factor that the person has: a code, a recovery code, or a passkey. */
export function ShowFactor({
  factors,
  onShown,
  cancel,
}: {
  factors: Session['factors'];
  onShown: (session: Session) => void;
  /** A button beside the one that goes on. */
  cancel?: React.ReactNode;
}) {
  const words = useWords(factorWords);
  const hasApp = factors.includes('totp');
  const hasRecovery = factors.includes('recovery-code');
  const [recovering, setRecovering] = useState(!hasApp);
  const showing = useMutation({ mutationFn: showPasskey, onSuccess: onShown });
  return (
    <>
      {factors.includes('passkey') ? (
        <>
          <p className="row-of-acts">
            <PasskeyButton isPending={showing.isPending} takesFocus={!hasApp} onClick={() => showing.mutate()} />
            {hasApp || hasRecovery ? <span className="faint">{words.or}</span> : null}
            {hasApp || hasRecovery ? null : cancel}
          </p>
          {showing.error === null ? null : <Problem error={showing.error} />}
        </>
      ) : null}
      {hasApp || hasRecovery ? (
        <CodeForm
          key={String(recovering)}
          isRecovery={recovering}
          takesFocus={hasApp}
          cancel={cancel}
          other={
            hasApp && hasRecovery ? (
              <button type="button" className="button plain" onClick={() => setRecovering(!recovering)}>
                {recovering ? words.useApp : words.useRecovery}
              </button>
            ) : null
          }
          onShown={onShown}
        />
      ) : null}
    </>
  );
}

function PasskeyButton({
  isPending,
  takesFocus,
  onClick,
}: {
  isPending: boolean;
  takesFocus: boolean;
  onClick: () => void;
}) {
  const words = useWords(factorWords);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (takesFocus) button.current?.focus();
  }, [takesFocus]);
  return (
    <button
      ref={button}
      type="button"
      className={takesFocus ? 'button first' : 'button'}
      disabled={isPending}
      onClick={onClick}
    >
      {isPending ? words.passkeyPending : words.passkey}
    </button>
  );
}

function CodeForm({
  isRecovery,
  takesFocus,
  cancel,
  other,
  onShown,
}: {
  isRecovery: boolean;
  takesFocus: boolean;
  cancel: React.ReactNode;
  /** The way to another kind of code. */
  other: React.ReactNode;
  onShown: (session: Session) => void;
}) {
  const words = useWords(factorWords);
  const [code, setCode] = useState('');
  const showing = useMutation({
    mutationFn: () => call(showSecondFactor, { body: { code } }),
    onSuccess: onShown,
    // The next one is typed anew.
    onError: () => setCode(''),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (!showing.isPending) showing.mutate();
      }}
    >
      <Field label={isRecovery ? words.recovery : words.code} hint={isRecovery ? words.recoveryHint : words.codeHint}>
        {(id, hintId) => (
          <CodeInput
            id={id}
            hintId={hintId}
            value={code}
            onChange={setCode}
            isRecovery={isRecovery}
            takesFocus={takesFocus}
          />
        )}
      </Field>
      {showing.error === null ? null : <Problem error={showing.error} />}
      {/* In a dialog what goes on stands last, as in every dialog. */}
      <p className="row-of-acts">
        {cancel === undefined ? null : other}
        {cancel}
        <button type="submit" className="button first" disabled={showing.isPending}>
          {showing.isPending ? words.showing : words.show}
        </button>
        {cancel === undefined ? other : null}
      </p>
    </form>
  );
}
