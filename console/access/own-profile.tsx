import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeEmail, changeOwnAccount, type OwnAccount } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { Day } from '../language/format.tsx';
import { languageNames, languages, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { accountWords } from './account-words.ts';

/** Name, language and e-mail address. */
export function OwnProfile({ account }: { account: OwnAccount }) {
  const words = useWords(accountWords).profile;
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <dl className="facts">
        <dt>{words.email}</dt>
        <dd>
          {account.email}{' '}
          <span className="faint">({account.emailVerifiedAt === null ? words.unverified : words.verified})</span>
        </dd>
        {account.identities.length === 0 ? null : (
          <>
            <dt>{words.identities}</dt>
            <dd>{account.identities.map(({ provider }) => provider).join(', ')}</dd>
          </>
        )}
        <dt>{words.since}</dt>
        <dd>
          <Day at={account.createdAt} />
        </dd>
      </dl>
      <NameForm account={account} />
      <EmailForm />
    </section>
  );
}

function NameForm({ account }: { account: OwnAccount }) {
  const words = useWords(accountWords).profile;
  const client = useQueryClient();
  const [name, setName] = useState(account.name);
  const [language, setLanguage] = useState(account.language);
  const saving = useMutation({
    mutationFn: () => call(changeOwnAccount, { body: { name: name.trim(), language } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['access'] }),
  });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) saving.mutate();
      }}
    >
      <Field label={words.name}>
        {(id) => (
          <input
            id={id}
            className="input"
            required
            maxLength={200}
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.language}>
        {(id) => (
          <select
            id={id}
            className="input short"
            value={language}
            onChange={(event) => setLanguage(languages.find((each) => each === event.target.value) ?? language)}
          >
            {languages.map((each) => (
              <option key={each} value={each} lang={each}>
                {languageNames[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {saving.error === null ? null : <Problem error={saving.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button" disabled={saving.isPending}>
          {saving.isPending ? words.saving : words.save}
        </button>
        <span role="status" className="faint">
          {saving.isSuccess ? words.saved : ''}
        </span>
      </p>
    </form>
  );
}

function EmailForm() {
  const words = useWords(accountWords).profile;
  const [email, setEmail] = useState('');
  const changing = useMutation({
    mutationFn: () => call(changeEmail, { body: { email: email.trim() } }),
  });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!changing.isPending) changing.mutate();
      }}
    >
      <Field label={words.newEmail} hint={words.newEmailHint}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            type="email"
            className="input"
            required
            maxLength={254}
            autoComplete="email"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      {changing.error === null ? null : <Problem error={changing.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button" disabled={changing.isPending}>
          {changing.isPending ? words.sending : words.changeEmail}
        </button>
        <span role="status" className="faint">
          {changing.isSuccess ? words.sent(email.trim()) : ''}
        </span>
      </p>
    </form>
  );
}
