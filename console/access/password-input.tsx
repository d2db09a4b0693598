import { useEffect, useRef, useState } from 'react';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { signInWords } from './sign-in-words.ts';
import './password-input.css';

/** A password, which can be shown while it is typed: nobody types 20 characters blindly without a mistake. */
export function PasswordInput({
  id,
  hintId,
  value,
  onChange,
  autoComplete,
  minLength,
  takesFocus = false,
}: {
  id: string;
  hintId?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  autoComplete: 'current-password' | 'new-password';
  minLength?: number;
  /** Takes the focus when it appears. */
  takesFocus?: boolean;
}) {
  const words = useWords(signInWords);
  const [shown, setShown] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus) input.current?.focus();
  }, [takesFocus]);
  return (
    <span className="password">
      <input
        ref={input}
        id={id}
        aria-describedby={hintId}
        type={shown ? 'text' : 'password'}
        className="input"
        required
        minLength={minLength}
        maxLength={200}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <button type="button" className="button plain" onClick={() => setShown(!shown)}>
        {shown ? words.hide : words.show}
        <span className="hidden"> ({words.password})</span>
      </button>
    </span>
  );
}

/** A password that is being chosen. */
export function NewPassword({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const words = useWords(signInWords);
  return (
    <Field label={words.newPassword} hint={words.newPasswordHint}>
      {(id, hintId) => (
        <PasswordInput
          id={id}
          hintId={hintId}
          value={value}
          onChange={onChange}
          autoComplete="new-password"
          minLength={12}
        />
      )}
    </Field>
  );
}
