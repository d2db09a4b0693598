import type { ReactNode } from 'react';
import type { EntryKind } from '../../server/ledger/kinds-contract.ts';
import type { SignatureScheme } from '../../server/webhooks/subscriptions-contract.ts';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { KindsChoice } from './kinds-choice.tsx';
import { webhooksWords } from './words.ts';
import './webhooks.css';

export interface SubscriptionDraft {
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly EntryKind[] | null;
  readonly ordered: boolean;
  /** Only asked for when it is made; later the secret is rotated. */
  readonly scheme: SignatureScheme;
}

export const blankSubscription: SubscriptionDraft = {
  name: '',
  url: '',
  kinds: null,
  ordered: false,
  scheme: 'hmac-sha256',
};

interface Saving {
  readonly isPending: boolean;
  readonly error: Error | null;
}

/** What a subscription is made of, new or to be changed. */
export function SubscriptionForm({
  draft,
  isNew,
  saving,
  onChange,
  onSave,
  children,
}: {
  draft: SubscriptionDraft;
  isNew: boolean;
  saving: Saving;
  onChange: (draft: SubscriptionDraft) => void;
  onSave: () => void;
  /** Beside the button. */
  children?: ReactNode;
}) {
  const words = useWords(webhooksWords).make;
  const change = (changed: Partial<SubscriptionDraft>) => onChange({ ...draft, ...changed });
  const [act, pending] = isNew ? [words.act, words.pending] : [words.save, words.saving];
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) onSave();
      }}
    >
      <Field label={words.name} hint={words.nameHint}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            className="input"
            required
            maxLength={100}
            autoComplete="off"
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.url} hint={words.urlHint}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            type="url"
            className="input mono"
            required
            maxLength={2000}
            autoComplete="off"
            spellCheck={false}
            value={draft.url}
            onChange={(event) => change({ url: event.target.value })}
          />
        )}
      </Field>
      <KindsChoice kinds={draft.kinds} onChange={(kinds) => change({ kinds })} />
      <Order ordered={draft.ordered} onChange={(ordered) => change({ ordered })} />
      {isNew ? <Scheme scheme={draft.scheme} onChange={(scheme) => change({ scheme })} /> : null}
      {saving.error === null ? null : <Problem error={saving.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button first" disabled={saving.isPending || draft.kinds?.length === 0}>
          {saving.isPending ? pending : act}
        </button>
        {children}
      </p>
    </form>
  );
}

function Order({ ordered, onChange }: { ordered: boolean; onChange: (ordered: boolean) => void }) {
  const words = useWords(webhooksWords).make;
  return (
    <fieldset>
      <legend>{words.order}</legend>
      <label className="choice">
        <input type="radio" name="order" checked={!ordered} onChange={() => onChange(false)} />
        {words.unordered}
        <span className="hint">{words.unorderedText}</span>
      </label>
      <label className="choice">
        <input type="radio" name="order" checked={ordered} onChange={() => onChange(true)} />
        {words.ordered}
        <span className="hint">{words.orderedText}</span>
      </label>
    </fieldset>
  );
}

function Scheme({ scheme, onChange }: { scheme: SignatureScheme; onChange: (scheme: SignatureScheme) => void }) {
  const words = useWords(webhooksWords).make;
  return (
    <fieldset>
      <legend>{words.scheme}</legend>
      {(['hmac-sha256', 'ed25519'] as const).map((each) => (
        <label key={each} className="choice">
          <input type="radio" name="scheme" checked={scheme === each} onChange={() => onChange(each)} />
          {words.schemes[each]}
          <span className="hint">{words.schemeTexts[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}
