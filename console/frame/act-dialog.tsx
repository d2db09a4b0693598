import { AlertDialog } from '@base-ui/react/alert-dialog';
import { type ReactNode, useId, useState } from 'react';
import { useWords } from '../language/language.ts';
import { Problem } from './problem.tsx';
import { SecondFactorPlace } from './second-factor-place.tsx';
import { frameWords } from './words.ts';
import '../look/dialog.css';

interface Act {
  /** What opens the dialog. */
  readonly button: string;
  readonly title: string;
  readonly text: ReactNode;
  /** What carries it out; it names the act, and its number where it destroys. */
  readonly confirm: string;
  /** Shown on the button while it is carried out. */
  readonly pending: string;
  /** Destroys something, or is not to be done lightly: the confirming button is red. */
  readonly destroys?: boolean;
  /** How the opening button looks: `destroys` is for the one act a page is about, `careful` for others. */
  readonly look?: 'destroys' | 'careful';
  readonly disabled?: boolean;
  /** The person has to type this before the act can be confirmed: a number unless it is a text. */
  readonly typed?: {
    readonly label: string;
    readonly value: string;
    readonly mismatch: string;
    readonly isText?: boolean;
  };
  /** The person has to give a reason. */
  readonly reason?: { readonly label: string; readonly hint: string };
  /** Carries the act out; the dialog stays open with the problem when it fails. */
  readonly onConfirm: (reason: string) => Promise<unknown>;
}

/** A button whose act is confirmed in a dialog, after reading what it does. */
export function ActDialog(act: Act) {
  const [open, setOpen] = useState(false);
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <AlertDialog.Trigger className={`button ${act.look ?? ''}`} disabled={act.disabled}>
        {act.button}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="dialog-backdrop" />
        <AlertDialog.Popup className="dialog">
          <AlertDialog.Title>{act.title}</AlertDialog.Title>
          <AlertDialog.Description className="dialog-text" render={<div />}>
            {act.text}
          </AlertDialog.Description>
          <Confirmation act={act} onDone={() => setOpen(false)} />
          <SecondFactorPlace />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function Confirmation({ act, onDone }: { act: Act; onDone: () => void }) {
  const words = useWords(frameWords);
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const typedId = useId();
  const reasonId = useId();
  const matches = act.typed === undefined || isTyped(typed, act.typed);
  const ready = matches && (act.reason === undefined || reason.trim() !== '');
  async function carryOut() {
    setPending(true);
    setError(undefined);
    try {
      await act.onConfirm(reason.trim());
      onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setPending(false);
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !pending) void carryOut();
      }}
    >
      {act.reason === undefined ? null : (
        <div className="field">
          <label htmlFor={reasonId}>{act.reason.label}</label>
          <textarea
            id={reasonId}
            className="input"
            required
            maxLength={2000}
            aria-describedby={`${reasonId}-hint`}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <span id={`${reasonId}-hint`} className="hint">
            {act.reason.hint}
          </span>
        </div>
      )}
      {act.typed === undefined ? null : (
        <div className="field">
          <label htmlFor={typedId}>{act.typed.label}</label>
          <input
            id={typedId}
            className={act.typed.isText ? 'input' : 'input short figures'}
            inputMode={act.typed.isText ? 'text' : 'numeric'}
            autoComplete="off"
            value={typed}
            aria-describedby={`${typedId}-hint`}
            onChange={(event) => setTyped(event.target.value)}
          />
          <span id={`${typedId}-hint`} className="hint" role="status">
            {typed === '' || matches ? '' : act.typed.mismatch}
          </span>
        </div>
      )}
      {error === undefined ? null : <Problem error={error} />}
      <div className="row-of-acts">
        <AlertDialog.Close className="button">{words.cancel}</AlertDialog.Close>
        <button
          type="submit"
          className={act.destroys ? 'button destroys' : 'button first'}
          disabled={!ready || pending}
        >
          {pending ? act.pending : act.confirm}
        </button>
      </div>
    </form>
  );
}

function isTyped(typed: string, wanted: { readonly value: string; readonly isText?: boolean }): boolean {
  if (wanted.isText) return typed.trim().toLowerCase() === wanted.value.toLowerCase();
  return digitsOf(typed) === digitsOf(wanted.value);
}

/** '12,408', '12.408' and '12408' are the same number to whoever types it. */
function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}
