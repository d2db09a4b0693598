import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { beginTotp, confirmTotp } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { CodeInput } from './code-input.tsx';
import { factorWords } from './factor-words.ts';
import { addPasskey } from './passkey.ts';
import { QrCode } from './qr-code.tsx';
import './factors.css';

interface Enrolment {
  /** What the opening button says. */
  readonly label: string;
  /** @param codes recovery codes, empty where there are some already */
  readonly onEnrolled: (codes: readonly string[]) => void;
}

/** Sets up an authenticator app: the picture and the secret, then the first code. */
export function EnrolApp({ label, beside, onEnrolled }: Enrolment & { beside?: ReactNode }) {
  const words = useWords(factorWords).enrol;
  const beginning = useMutation({ mutationFn: () => call(beginTotp) });
  if (beginning.data !== undefined) {
    return <ConfirmApp {...beginning.data} onEnrolled={onEnrolled} onCancel={() => beginning.reset()} />;
  }
  return (
    <>
      {beginning.error === null ? null : <Problem error={beginning.error} />}
      <p className="row-of-acts">
        <button type="button" className="button" disabled={beginning.isPending} onClick={() => beginning.mutate()}>
          {label}
          <span className="hidden"> ({words.app})</span>
        </button>
        {beside}
      </p>
    </>
  );
}

function ConfirmApp({
  secret,
  uri,
  onEnrolled,
  onCancel,
}: {
  secret: string;
  uri: string;
  onEnrolled: Enrolment['onEnrolled'];
  onCancel: () => void;
}) {
  const words = useWords(factorWords).enrol;
  const [code, setCode] = useState('');
  const confirming = useMutation({
    mutationFn: () => call(confirmTotp, { body: { code } }),
    onSuccess: ({ recoveryCodes }) => onEnrolled(recoveryCodes),
    onError: () => setCode(''),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!confirming.isPending) confirming.mutate();
      }}
    >
      <p>{words.scan}</p>
      <QrCode text={uri} label={words.qr} />
      <dl className="facts totp-secret">
        <dt>{words.secret}</dt>
        <dd className="mono">{(secret.match(/.{1,4}/g) ?? []).join(' ')}</dd>
      </dl>
      <Field label={words.firstCode}>{(id) => <CodeInput id={id} value={code} onChange={setCode} takesFocus />}</Field>
      {confirming.error === null ? null : <Problem error={confirming.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button first" disabled={confirming.isPending}>
          {confirming.isPending ? words.confirming : words.confirm}
        </button>
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
      </p>
    </form>
  );
}

/** Makes a passkey under a name of the person's own. */
export function EnrolPasskey({ label, onEnrolled }: Enrolment) {
  const words = useWords(factorWords).enrol;
  const all = useWords(factorWords);
  const [name, setName] = useState(words.nameDefault);
  const id = useId();
  const adding = useMutation({ mutationFn: () => addPasskey(name), onSuccess: onEnrolled });
  if (!('PublicKeyCredential' in window)) return <p className="faint">{words.noPasskeys}</p>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!adding.isPending) adding.mutate();
      }}
    >
      <div className="field">
        <label htmlFor={id}>{words.name}</label>
        <input
          id={id}
          aria-describedby={`${id}-hint`}
          className="input"
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <span id={`${id}-hint`} className="hint">
          {words.nameHint}
        </span>
      </div>
      {adding.error === null ? null : <Problem error={adding.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button" disabled={adding.isPending}>
          {adding.isPending ? all.passkeyPending : label}
        </button>
      </p>
    </form>
  );
}
