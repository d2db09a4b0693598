import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { setUp } from '../../server/access/contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { useEnter } from '../frame/session.ts';
import { useLanguage, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { joiningWords } from './joining-words.ts';
import { Outside } from './outside.tsx';
import { NewPassword } from './password-input.tsx';
import { useLinkToken, WithLink } from './with-link.tsx';

/** Makes the first organisation and its owner, with the link that the server printed in the terminal. */
export function SetupPage() {
  const words = useWords(joiningWords).setUp;
  const token = useLinkToken();
  return (
    <WithLink token={token} kind="setup" title={words.title} invalidText={words.invalidText}>
      {() => (
        <Outside title={words.title}>
          <p className="prose">{words.text}</p>
          <SetupForm token={token} />
        </Outside>
      )}
    </WithLink>
  );
}

interface Draft {
  readonly organisation: string;
  /** Follows the organisation's name until it is written by hand. */
  readonly slug: string | undefined;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

const blank: Draft = { organisation: '', slug: undefined, name: '', email: '', password: '' };

function SetupForm({ token }: { token: string }) {
  const all = useWords(joiningWords);
  const words = all.setUp;
  const language = useLanguage();
  const enter = useEnter();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(blank);
  const change = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const slug = draft.slug ?? slugOf(draft.organisation);
  const settingUp = useMutation({
    mutationFn: () =>
      call(setUp, {
        body: {
          token,
          organisation: { slug, name: draft.organisation.trim() },
          name: draft.name.trim(),
          email: draft.email.trim(),
          password: draft.password,
          language,
        },
      }),
    onSuccess: async (session) => {
      enter(session);
      await navigate({ to: '/policy', replace: true });
    },
  });
  const text = (
    value: string,
    onChange: (value: string) => void,
    rest: { autoComplete: string; maxLength: number; type?: 'email'; pattern?: string },
  ) => {
    return (id: string, hintId: string | undefined) => (
      <input
        id={id}
        aria-describedby={hintId}
        className="input"
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
        {...rest}
      />
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!settingUp.isPending) settingUp.mutate();
      }}
    >
      <Field label={words.organisation} hint={words.organisationHint}>
        {text(draft.organisation, (organisation) => change({ organisation }), {
          autoComplete: 'organization',
          maxLength: 200,
        })}
      </Field>
      <Field label={words.slug} hint={words.slugHint}>
        {text(slug, (written) => change({ slug: written }), {
          autoComplete: 'off',
          maxLength: 63,
          pattern: '[a-z0-9][a-z0-9\\-]*',
        })}
      </Field>
      <h2>{words.you}</h2>
      <Field label={all.name}>
        {text(draft.name, (name) => change({ name }), { autoComplete: 'name', maxLength: 200 })}
      </Field>
      <Field label={all.email}>
        {text(draft.email, (email) => change({ email }), { autoComplete: 'username', maxLength: 254, type: 'email' })}
      </Field>
      <NewPassword value={draft.password} onChange={(password) => change({ password })} />
      {settingUp.error === null ? null : <Problem error={settingUp.error} />}
      <button type="submit" className="button first" disabled={settingUp.isPending}>
        {settingUp.isPending ? words.pending : words.act}
      </button>
    </form>
  );
}

/** 'Maré Comunicação' → 'mare-comunicacao' */
function slugOf(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}
