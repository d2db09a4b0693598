import type { ReactNode } from 'react';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import type { EndpointDraft } from './endpoint-draft.ts';
import { inboundWords } from './inbound-words.ts';

const schemes = ['standard-webhooks', 'stripe', 'meta', 'shopify', 'hmac'] as const;
const ways = ['scheme', 'header', 'pointer', 'body'] as const;

interface Part {
  readonly draft: EndpointDraft;
  readonly change: (changed: Partial<EndpointDraft>) => void;
}

/** How an endpoint is called and how its sender signs, new or to be changed. */
export function EndpointForm({
  draft,
  isNew,
  saving,
  onChange,
  onSave,
  children,
}: {
  draft: EndpointDraft;
  isNew: boolean;
  saving: { readonly isPending: boolean; readonly error: Error | null };
  onChange: (draft: EndpointDraft) => void;
  onSave: () => void;
  /** Beside the button. */
  children?: ReactNode;
}) {
  const words = useWords(inboundWords).make;
  const change = (changed: Partial<EndpointDraft>) => onChange({ ...draft, ...changed });
  const [act, pending] = isNew ? [words.act, words.pending] : [words.save, words.saving];
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) onSave();
      }}
    >
      <TextField
        label={words.name}
        hint={words.nameHint}
        value={draft.name}
        required
        onChange={(name) => change({ name })}
      />
      <fieldset>
        <legend>{words.scheme}</legend>
        {schemes.map((kind) => (
          <label key={kind} className="choice">
            <input type="radio" name="scheme" checked={draft.kind === kind} onChange={() => change({ kind })} />
            {words.schemes[kind]}
          </label>
        ))}
      </fieldset>
      {draft.kind === 'hmac' ? <Hmac draft={draft} change={change} /> : null}
      <Identified draft={draft} change={change} />
      {isNew ? (
        <TextField
          label={words.secret}
          hint={words.secretHint}
          value={draft.secret}
          isCode
          onChange={(secret) => change({ secret })}
        />
      ) : (
        <label className="choice">
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.target.checked })}
          />
          {words.enabled}
        </label>
      )}
      {saving.error === null ? null : <Problem error={saving.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button first" disabled={saving.isPending}>
          {saving.isPending ? pending : act}
        </button>
        {children}
      </p>
    </form>
  );
}

function Hmac({ draft, change }: Part) {
  const words = useWords(inboundWords).make;
  return (
    <fieldset>
      <legend>{words.schemes.hmac}</legend>
      <TextField label={words.header} value={draft.header} required isCode onChange={(header) => change({ header })} />
      <TextField
        label={words.prefix}
        hint={words.prefixHint}
        value={draft.prefix}
        isCode
        onChange={(prefix) => change({ prefix })}
      />
      <div className="row-of-acts">
        <OneOf
          label={words.hash}
          value={draft.hash}
          options={['sha256', 'sha512', 'sha1']}
          onChange={(hash) => change({ hash })}
        />
        <OneOf
          label={words.encoding}
          value={draft.encoding}
          options={['hex', 'base64', 'base64url']}
          onChange={(encoding) => change({ encoding })}
        />
        <OneOf
          label={words.secret}
          value={draft.secretIs}
          options={['text', 'hex', 'base64']}
          onChange={(secretIs) => change({ secretIs })}
        />
      </div>
      <TextField
        label={words.signs}
        hint={words.signsHint}
        value={draft.signs}
        required
        isCode
        onChange={(signs) => change({ signs })}
      />
      <TextField
        label={words.timestampHeader}
        hint={words.timestampHint}
        value={draft.timestampHeader}
        isCode
        onChange={(timestampHeader) => change({ timestampHeader })}
      />
    </fieldset>
  );
}

function Identified({ draft, change }: Part) {
  const words = useWords(inboundWords).make;
  return (
    <fieldset>
      <legend>{words.identified}</legend>
      {ways.map((by) => (
        <label key={by} className="choice">
          <input type="radio" name="identified" checked={draft.by === by} onChange={() => change({ by })} />
          {words.identifiedBy[by]}
        </label>
      ))}
      {draft.by === 'header' ? (
        <TextField
          label={words.identifiedHeader}
          value={draft.idHeader}
          required
          isCode
          onChange={(idHeader) => change({ idHeader })}
        />
      ) : null}
      {draft.by === 'pointer' ? (
        <TextField
          label={words.identifiedPointer}
          value={draft.idPointer}
          required
          isCode
          onChange={(idPointer) => change({ idPointer })}
        />
      ) : null}
    </fieldset>
  );
}

function TextField({
  label,
  hint,
  value,
  required = false,
  isCode = false,
  onChange,
}: {
  label: string;
  hint?: string;
  value: string;
  required?: boolean;
  isCode?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label} {...(hint !== undefined && { hint })}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          className={isCode ? 'input mono' : 'input'}
          required={required}
          maxLength={500}
          autoComplete="off"
          spellCheck={!isCode}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

function OneOf<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: Value;
  options: readonly Value[];
  onChange: (value: Value) => void;
}) {
  return (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          className="input short"
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option === event.target.value);
            if (chosen !== undefined) onChange(chosen);
          }}
        >
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      )}
    </Field>
  );
}
