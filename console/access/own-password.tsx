import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changePassword, type OwnAccount } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { Problem } from '../frame/problem.tsx';
import { Instant } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { accountWords } from './account-words.ts';
import { NewPassword, PasswordInput } from './password-input.tsx';

/** Changes the password, or sets the first one. */
export function OwnPassword({ account }: { account: OwnAccount }) {
  const words = useWords(accountWords).password;
  const client = useQueryClient();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const changing = useMutation({
    mutationFn: () => call(changePassword, { body: { ...(account.hasPassword ? { current } : {}), password } }),
    onSuccess: async () => {
      setCurrent('');
      setPassword('');
      await client.invalidateQueries({ queryKey: ['access'] });
    },
  });
  return (
    <section className="part">
      <h2>{words.title}</h2>
      {account.hasPassword ? (
        account.passwordChangedAt === null ? null : (
          <p className="faint">
            {words.since} <Instant at={account.passwordChangedAt} />.
          </p>
        )
      ) : (
        <p className="explains">{words.none}</p>
      )}
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!changing.isPending) changing.mutate();
        }}
      >
        <input type="hidden" autoComplete="username" value={account.email} readOnly />
        {account.hasPassword ? (
          <Field label={words.current}>
            {(id) => <PasswordInput id={id} value={current} onChange={setCurrent} autoComplete="current-password" />}
          </Field>
        ) : null}
        <NewPassword value={password} onChange={setPassword} />
        {changing.error === null ? null : <Problem error={changing.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button" disabled={changing.isPending}>
            {changing.isPending ? words.setting : account.hasPassword ? words.set : words.setFirst}
          </button>
          <span role="status" className="faint">
            {changing.isSuccess ? words.done : words.ends}
          </span>
        </p>
      </form>
    </section>
  );
}
