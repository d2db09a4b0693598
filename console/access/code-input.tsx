import { useEffect, useRef } from 'react';
import './code-input.css';

/** A code of an authenticator app, or a recovery code. */
export function CodeInput({
  id,
  hintId,
  value,
  onChange,
  isRecovery = false,
  takesFocus = false,
}: {
  id: string;
  hintId?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  isRecovery?: boolean;
  /** Takes the focus when it appears. */
  takesFocus?: boolean;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (takesFocus) input.current?.focus();
  }, [takesFocus]);
  return (
    <input
      ref={input}
      id={id}
      aria-describedby={hintId}
      className={isRecovery ? 'input mono' : 'input short code figures'}
      inputMode={isRecovery ? 'text' : 'numeric'}
      autoComplete={isRecovery ? 'off' : 'one-time-code'}
      autoCapitalize="none"
      spellCheck={false}
      required
      minLength={6}
      maxLength={40}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
