import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { addOptOut, checkOptOut, withdrawOptOut } from '../../server/messages/opt-out-contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { SetTable } from '../look/set-table.tsx';
import { optOutsQuery } from './queries.ts';
import { messagesWords } from './words.ts';

const route = getRouteApi('/messages/opt-outs');

/** Who wants no announcements, which nobody can read here; an address can be looked up. */
export function OptOutsPage() {
  const words = useWords(messagesWords).optOuts;
  useTitle(words.title);
  const format = useFormat();
  const { after } = route.useSearch();
  const query = useQuery(optOutsQuery(after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      {useMay('messages:write') ? <LookUp /> : null}
      <Loaded query={query} what={words.what}>
        {({ items, next, count }) => (
          <>
            <p>{items.length === 0 ? words.none : words.count(format.number(count), count)}</p>
            {items.length === 0 ? null : (
              <SetTable
                label={words.title}
                rows={items}
                keyOf={({ id }) => id}
                columns={[
                  { head: words.at, isHead: true, cell: ({ optedOutAt }) => <Instant at={optedOutAt} /> },
                  { head: words.via, cell: ({ via }) => words.vias[via] },
                  {
                    head: words.withdrawn,
                    cell: ({ withdrawnAt }) => (withdrawnAt === null ? null : <Instant at={withdrawnAt} />),
                  },
                ]}
              />
            )}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

const acts = { check: checkOptOut, add: addOptOut, withdraw: withdrawOptOut } as const;

function LookUp() {
  const words = useWords(messagesWords).optOuts;
  const client = useQueryClient();
  const [address, setAddress] = useState('');
  const doing = useMutation({
    mutationFn: async (act: keyof typeof acts) => {
      const written = address.trim();
      return { address: written, ...(await call(acts[act], { body: { address: written } })) };
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['messages', 'opt-outs'] }),
  });
  const found = doing.data;
  return (
    <section className="part">
      <h2>{words.check}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!doing.isPending) doing.mutate('check');
        }}
      >
        <Field label={words.address} hint={words.checkHint}>
          {(id, hintId) => (
            <input
              id={id}
              aria-describedby={hintId}
              type="email"
              className="input"
              required
              maxLength={254}
              autoComplete="off"
              value={address}
              onChange={(event) => setAddress(event.target.value)}
            />
          )}
        </Field>
        {doing.error === null ? null : <Problem error={doing.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button" disabled={doing.isPending}>
            {words.act}
          </button>
          {found === undefined ? null : (
            <button
              type="button"
              className="button"
              disabled={doing.isPending}
              onClick={() => doing.mutate(found.optedOut ? 'withdraw' : 'add')}
            >
              {found.optedOut ? words.withdraw : words.add}
            </button>
          )}
          <span role="status">
            {found === undefined ? null : found.optedOutAt !== null && found.optedOut ? (
              <>
                {found.address} {words.isOut} <Instant at={found.optedOutAt} />
              </>
            ) : (
              `${found.address} ${words.isIn}`
            )}
          </span>
        </p>
      </form>
    </section>
  );
}
