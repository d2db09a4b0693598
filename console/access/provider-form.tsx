import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeProvider, createProvider, type Provider } from '../../server/access/providers-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { blankDraft, draftOf, inputOf, type ProviderDraft } from './provider-draft.ts';
import { providersWords } from './providers-words.ts';
import { rolesWords } from './roles-words.ts';

const kinds = ['oidc', 'google', 'saml'] as const;
const admittedRoles = ['engineer', 'agent', 'auditor'] as const;

/** Sets a provider up, or changes one. */
export function ProviderForm({ provider, onDone }: { provider?: Provider; onDone: () => void }) {
  const words = useWords(providersWords).form;
  const client = useQueryClient();
  const [draft, setDraft] = useState(provider === undefined ? blankDraft : draftOf(provider));
  const change = (changed: Partial<ProviderDraft>) => setDraft((before) => ({ ...before, ...changed }));
  const saving = useMutation({
    mutationFn: () =>
      provider === undefined
        ? call(createProvider, { body: inputOf(draft) })
        : call(changeProvider, { params: { provider: provider.id }, body: inputOf(draft) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['access'] });
      onDone();
    },
  });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) saving.mutate();
      }}
    >
      {provider === undefined ? <KindChoice draft={draft} change={change} /> : null}
      <Text draft={draft} change={change} field="name" label={words.name} hint={words.nameHint} />
      {draft.kind === 'saml' ? (
        <SamlFields draft={draft} change={change} />
      ) : (
        <ClientFields draft={draft} change={change} hasSecret={provider?.hasSecret ?? false} />
      )}
      <Admission draft={draft} change={change} />
      {saving.error === null ? null : <Problem error={saving.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button first" disabled={saving.isPending}>
          {saving.isPending ? words.saving : words.save}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {words.cancel}
        </button>
      </p>
    </form>
  );
}

interface Part {
  readonly draft: ProviderDraft;
  readonly change: (changed: Partial<ProviderDraft>) => void;
}

function KindChoice({ draft, change }: Part) {
  const words = useWords(providersWords);
  return (
    <fieldset>
      <legend>{words.kind}</legend>
      <div className="choices">
        {kinds.map((kind) => (
          <label key={kind}>
            <input type="radio" name="provider-kind" checked={draft.kind === kind} onChange={() => change({ kind })} />
            {words.kinds[kind]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function ClientFields({ draft, change, hasSecret }: Part & { hasSecret: boolean }) {
  const words = useWords(providersWords).form;
  const part = { draft, change };
  return (
    <>
      {draft.kind === 'oidc' ? (
        <Text {...part} field="issuer" label={words.issuer} hint={words.issuerHint} type="url" />
      ) : null}
      <Text {...part} field="clientId" label={words.clientId} />
      <Text
        {...part}
        field="secret"
        label={words.secret}
        hint={hasSecret ? words.secretKept : words.secretHint}
        type="password"
        isOptional={hasSecret}
      />
    </>
  );
}

function SamlFields({ draft, change }: Part) {
  const words = useWords(providersWords).form;
  const part = { draft, change };
  return (
    <>
      <Text {...part} field="entityId" label={words.entityId} />
      <Text {...part} field="signInUrl" label={words.signInUrl} hint={words.signInUrlHint} type="url" />
      <Field label={words.certificates} hint={words.certificatesHint}>
        {(id, hintId) => (
          <textarea
            id={id}
            aria-describedby={hintId}
            className="input mono"
            required
            spellCheck={false}
            value={draft.certificates}
            onChange={(event) => change({ certificates: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function Admission({ draft, change }: Part) {
  const words = useWords(providersWords).form;
  const { names } = useWords(rolesWords);
  return (
    <>
      <Field label={words.role}>
        {(id) => (
          <select
            id={id}
            className="input short"
            value={draft.defaultRole}
            onChange={(event) =>
              change({
                defaultRole: admittedRoles.find((role) => role === event.target.value) ?? draft.defaultRole,
              })
            }
          >
            {admittedRoles.map((role) => (
              <option key={role} value={role}>
                {names[role]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {(['admits', 'enabled'] as const).map((field) => (
        <label key={field} className="choice">
          <input
            type="checkbox"
            checked={draft[field]}
            onChange={(event) => change({ [field]: event.target.checked })}
          />
          {words[field]}
        </label>
      ))}
    </>
  );
}

function Text({
  draft,
  change,
  field,
  label,
  hint,
  type = 'text',
  isOptional = false,
}: Part & {
  field: 'name' | 'issuer' | 'clientId' | 'secret' | 'entityId' | 'signInUrl';
  label: string;
  hint?: string;
  type?: 'text' | 'url' | 'password';
  isOptional?: boolean;
}) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, hintId) => (
        <input
          id={id}
          aria-describedby={hintId}
          type={type}
          className="input"
          required={!isOptional}
          maxLength={500}
          // A secret of a provider is nobody's password.
          autoComplete={type === 'password' ? 'one-time-code' : 'off'}
          spellCheck={false}
          value={draft[field]}
          onChange={(event) => change({ [field]: event.target.value })}
        />
      )}
    </Field>
  );
}
