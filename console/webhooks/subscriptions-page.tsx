import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { createSubscription, type Subscription } from '../../server/webhooks/subscriptions-contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { ShownOnce } from '../frame/shown-once.tsx';
import { useTitle } from '../frame/title.ts';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { subscriptionsQuery } from './queries.ts';
import { SubscriptionMark } from './states.tsx';
import { blankSubscription, SubscriptionForm } from './subscription-form.tsx';
import { webhooksWords } from './words.ts';

const route = getRouteApi('/webhooks');

/** Addresses that hear of what is in the ledger, and the form that subscribes one. */
export function SubscriptionsPage() {
  const words = useWords(webhooksWords);
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(subscriptionsQuery(after));
  const may = useMay('webhooks:write');
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string }>();
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      {made === undefined ? null : (
        <ShownOnce
          title={words.secret.shown}
          text={words.secret.shownText(made.name)}
          secret={made.secret}
          label={words.secret.label}
          done={words.secret.kept}
          onKept={() => setMade(undefined)}
        />
      )}
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty /> : <SubscriptionsTable subscriptions={items} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
      {may ? <Make onMade={setMade} /> : null}
    </div>
  );
}

function Empty() {
  const { empty } = useWords(webhooksWords);
  return (
    <div className="empty">
      <h2>{empty.title}</h2>
      <p>{empty.text}</p>
      <p className="faint">{empty.example}</p>
    </div>
  );
}

function SubscriptionsTable({ subscriptions }: { subscriptions: readonly Subscription[] }) {
  const words = useWords(webhooksWords);
  const format = useFormat();
  return (
    <SetTable
      label={words.title}
      rows={subscriptions}
      keyOf={(subscription) => subscription.id}
      columns={[
        {
          head: words.name,
          isHead: true,
          cell: ({ id, name, url }) => (
            <>
              <Link to="/webhooks/subscriptions/$subscription" params={{ subscription: id }}>
                {name}
              </Link>
              <span className="beneath mono">{url}</span>
            </>
          ),
        },
        {
          head: words.kinds,
          cell: ({ kinds, ordered }) => (
            <>
              {kinds === null ? words.everyKind : words.kindsCount(format.number(kinds.length), kinds.length)}
              {ordered ? <span className="beneath">{words.inOrder}</span> : null}
            </>
          ),
        },
        { head: words.state, cell: (subscription) => <SubscriptionMark of={subscription} /> },
        { head: words.day, cell: (subscription) => <Counts of={subscription} /> },
      ]}
    />
  );
}

function Counts({ of: { figures } }: { of: Subscription }) {
  const words = useWords(webhooksWords);
  const format = useFormat();
  const told = [
    figures.delivered > 0 && words.delivered(format.number(figures.delivered)),
    figures.failed > 0 && words.failed(format.number(figures.failed)),
    figures.waiting > 0 && words.waiting(format.number(figures.waiting)),
  ].filter((part) => part !== false);
  if (told.length === 0) return <span className="faint">{words.nothing}</span>;
  return (
    <span className="counts">
      {told.map((part) => (
        <span key={part}>{part}</span>
      ))}
    </span>
  );
}

function Make({ onMade }: { onMade: (made: { name: string; secret: string } | undefined) => void }) {
  const words = useWords(webhooksWords).make;
  const client = useQueryClient();
  const [draft, setDraft] = useState(blankSubscription);
  const making = useMutation({
    mutationFn: () =>
      call(createSubscription, {
        body: { ...draft, name: draft.name.trim(), kinds: draft.kinds === null ? null : [...draft.kinds] },
      }),
    onSuccess: async ({ name, secret }) => {
      setDraft(blankSubscription);
      onMade(secret === null ? undefined : { name, secret });
      await client.invalidateQueries({ queryKey: ['webhooks', 'subscriptions'] });
    },
  });
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <SubscriptionForm draft={draft} isNew saving={making} onChange={setDraft} onSave={() => making.mutate()} />
    </section>
  );
}
