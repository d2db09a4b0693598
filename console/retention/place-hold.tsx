import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type HoldTarget, placeHold } from '../../server/retention/contract.ts';
import { call } from '../api.ts';
import { dataMapQuery } from '../datamap/queries.ts';
import { Problem } from '../frame/problem.tsx';
import { textIn, useLanguage, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { documentQuery } from '../policy/queries.ts';
import { retentionWords } from './words.ts';

const kinds = ['account', 'subject', 'dataset', 'rows'] as const;
type Kind = (typeof kinds)[number];

interface Draft {
  readonly kind: Kind;
  readonly account: string;
  readonly subject: string;
  readonly id: string;
  readonly dataset: string;
  /** One row a line, columns of a key parted by commas. */
  readonly keys: string;
  readonly reason: string;
  readonly reviewOn: string;
}

const blank: Draft = {
  kind: 'account',
  account: '',
  subject: '',
  id: '',
  dataset: '',
  keys: '',
  reason: '',
  reviewOn: '',
};

/** The form that places a hold; it answers when no batch can touch what is held any more. */
export function PlaceHold() {
  const all = useWords(retentionWords);
  const words = all.holds;
  const client = useQueryClient();
  const [draft, setDraft] = useState(blank);
  const placing = useMutation({
    mutationFn: () =>
      call(placeHold, { body: { target: targetOf(draft), reason: draft.reason.trim(), reviewOn: draft.reviewOn } }),
    onSuccess: async () => {
      setDraft(blank);
      await client.invalidateQueries({ queryKey: ['retention'] });
    },
  });
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  return (
    <section className="part">
      <h2>{words.place}</h2>
      <p className="explains">{words.placeText}</p>
      <form
        className="hold-form"
        onSubmit={(event) => {
          event.preventDefault();
          placing.mutate();
        }}
      >
        <fieldset>
          <legend>{words.kind}</legend>
          <div className="choices">
            {kinds.map((kind) => (
              <label key={kind}>
                <input type="radio" name="kind" checked={draft.kind === kind} onChange={() => change({ kind })} />
                {words.kinds[kind]}
              </label>
            ))}
          </div>
        </fieldset>
        <TargetFields draft={draft} change={change} />
        <Field label={all.reason} hint={all.reasonHint}>
          {(id, hint) => (
            <textarea
              id={id}
              aria-describedby={hint}
              className="input"
              required
              maxLength={2000}
              value={draft.reason}
              onChange={(event) => change({ reason: event.target.value })}
            />
          )}
        </Field>
        <Field label={words.review} hint={words.reviewHint}>
          {(id, hint) => (
            <input
              id={id}
              aria-describedby={hint}
              type="date"
              className="input short"
              required
              value={draft.reviewOn}
              onChange={(event) => change({ reviewOn: event.target.value })}
            />
          )}
        </Field>
        {placing.error === null ? null : <Problem error={placing.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button first" disabled={placing.isPending}>
            {placing.isPending ? words.placing : words.place}
          </button>
        </p>
        <p role="status">{placing.isSuccess ? words.placed : ''}</p>
      </form>
    </section>
  );
}

function TargetFields({ draft, change }: { draft: Draft; change: (changed: Partial<Draft>) => void }) {
  const words = useWords(retentionWords).holds;
  const all = useWords(retentionWords);
  const language = useLanguage();
  const datasets = Object.keys(useQuery(dataMapQuery).data?.map.datasets ?? {});
  const subjects = useQuery(documentQuery).data?.subjects ?? [];
  const text = (name: 'account' | 'id', label: string, hint: string) => (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          className="input"
          required
          autoComplete="off"
          value={draft[name]}
          onChange={(event) => change({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const select = (name: 'subject' | 'dataset', label: string, options: readonly (readonly [string, string])[]) => (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          className="input"
          required
          value={draft[name]}
          onChange={(event) => change({ [name]: event.target.value })}
        >
          <option value="">{words.pick}</option>
          {options.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  if (draft.kind === 'account') return text('account', words.account, words.accountHint);
  if (draft.kind === 'subject') {
    const options = subjects.map(({ subject, title }) => [subject, textIn(title, language)?.text ?? subject] as const);
    return (
      <>
        {select('subject', words.subject, options)}
        {text('id', words.id, words.idHint)}
      </>
    );
  }
  return (
    <>
      {select(
        'dataset',
        all.dataset,
        datasets.map((name) => [name, name] as const),
      )}
      {draft.kind === 'dataset' ? null : (
        <Field label={words.keys} hint={words.keysHint}>
          {(id, hintId) => (
            <textarea
              id={id}
              aria-describedby={hintId}
              className="input mono"
              required
              value={draft.keys}
              onChange={(event) => change({ keys: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

function targetOf(draft: Draft): HoldTarget {
  switch (draft.kind) {
    case 'account':
      return { kind: 'account', account: draft.account.trim() };
    case 'subject':
      return { kind: 'subject', subject: draft.subject, id: draft.id.trim() };
    case 'dataset':
      return { kind: 'dataset', dataset: draft.dataset };
    case 'rows':
      return { kind: 'rows', dataset: draft.dataset, keys: keysOf(draft.keys) };
  }
}

function keysOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .filter((parts) => parts.some((part) => part !== ''));
}
