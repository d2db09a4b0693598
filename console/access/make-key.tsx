import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createKey, type Key } from '../../server/access/members-contract.ts';
import { keyScopes } from '../../server/access/permissions.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { startOfDay, useZone } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { accessKeysWords } from './access-keys-words.ts';
import { linesOf } from './lines.ts';
import { rolesWords } from './roles-words.ts';

interface Draft {
  readonly kind: Key['kind'];
  readonly name: string;
  readonly scopes: readonly string[];
  /** One a line. */
  readonly origins: string;
  /** Civil date, empty where it does not expire. */
  readonly expiresOn: string;
}

const blank: Draft = { kind: 'api', name: '', scopes: [], origins: '', expiresOn: '' };
const kinds = ['api', 'ingest', 'site'] as const;

/** The form that makes a key. */
export function MakeKey({ onMade }: { onMade: (made: (typeof createKey.answer)['_output']) => void }) {
  const words = useWords(accessKeysWords);
  const client = useQueryClient();
  const zone = useZone();
  const [draft, setDraft] = useState(blank);
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const making = useMutation({
    mutationFn: () =>
      call(createKey, {
        body: {
          kind: draft.kind,
          name: draft.name.trim(),
          scopes: draft.kind === 'api' ? [...draft.scopes] : [],
          origins: draft.kind === 'site' ? linesOf(draft.origins) : [],
          expiresAt: draft.expiresOn === '' ? null : startOfDay(draft.expiresOn, zone),
        },
      }),
    onSuccess: async (made) => {
      setDraft(blank);
      onMade(made);
      await client.invalidateQueries({ queryKey: ['access', 'keys'] });
    },
  });
  return (
    <section className="part">
      <h2>{words.form}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!making.isPending) making.mutate();
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
        <KindChoice draft={draft} change={change} />
        {draft.kind === 'api' ? <Scopes draft={draft} change={change} /> : null}
        {draft.kind === 'site' ? (
          <Field label={words.origins} hint={words.originsHint}>
            {(id, hintId) => (
              <textarea
                id={id}
                aria-describedby={hintId}
                className="input mono"
                required
                value={draft.origins}
                onChange={(event) => change({ origins: event.target.value })}
              />
            )}
          </Field>
        ) : null}
        <Field label={words.expiry} hint={words.expiryHint}>
          {(id, hintId) => (
            <input
              id={id}
              aria-describedby={hintId}
              type="date"
              className="input short"
              value={draft.expiresOn}
              onChange={(event) => change({ expiresOn: event.target.value })}
            />
          )}
        </Field>
        {making.error === null ? null : <Problem error={making.error} />}
        <p className="row-of-acts">
          <button
            type="submit"
            className="button first"
            disabled={making.isPending || (draft.kind === 'api' && draft.scopes.length === 0)}
          >
            {making.isPending ? words.pending : words.act}
          </button>
        </p>
      </form>
    </section>
  );
}

interface Part {
  readonly draft: Draft;
  readonly change: (changed: Partial<Draft>) => void;
}

function KindChoice({ draft, change }: Part) {
  const words = useWords(accessKeysWords);
  return (
    <fieldset>
      <legend>{words.kind}</legend>
      {kinds.map((kind) => (
        <label key={kind} className="choice">
          <input type="radio" name="key-kind" checked={draft.kind === kind} onChange={() => change({ kind })} />
          {words.kinds[kind]}
          <span className="hint">{words.kindTexts[kind]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Rights of a key, those that only read before those that change something. */
function Scopes({ draft, change }: Part) {
  const words = useWords(accessKeysWords);
  const { rights } = useWords(rolesWords);
  const groups = [
    { title: words.allRead, scopes: keyScopes.filter((scope) => scope.endsWith(':read')) },
    { title: words.allWrite, scopes: keyScopes.filter((scope) => !scope.endsWith(':read')) },
  ];
  const toggle = (scope: string, isChosen: boolean) =>
    change({ scopes: isChosen ? [...draft.scopes, scope] : draft.scopes.filter((each) => each !== scope) });
  return groups.map(({ title, scopes }) => (
    <fieldset key={title}>
      <legend>
        {words.scopes}: {title.toLowerCase()}
      </legend>
      {scopes.map((scope) => (
        <label key={scope} className="choice">
          <input
            type="checkbox"
            checked={draft.scopes.includes(scope)}
            onChange={(event) => toggle(scope, event.target.checked)}
          />
          <span>
            {rights[scope] ?? scope} <code className="faint">{scope}</code>
          </span>
        </label>
      ))}
    </fieldset>
  ));
}
