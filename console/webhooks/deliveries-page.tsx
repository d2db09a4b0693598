import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { entryKinds, entryKindTable } from '../../server/ledger/kinds-contract.ts';
import type { Delivery } from '../../server/webhooks/subscriptions-contract.ts';
import { FilterBy, Filters } from '../frame/filters.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { oneOf } from '../search.ts';
import { type DeliveryFilter, deliveriesQuery, someSubscriptionsQuery } from './queries.ts';
import { DeliveryMark } from './states.tsx';
import { webhooksWords } from './words.ts';
import './webhooks.css';

const route = getRouteApi('/webhooks/deliveries');
const states = ['waiting', 'delivered', 'failed', 'skipped'] as const;

/** What was sent to whom, newest first. */
export function DeliveriesPage() {
  const words = useWords(webhooksWords).deliveries;
  useTitle(words.title);
  const search = route.useSearch();
  const { after, ...rest } = search;
  const type = oneOf(rest.type, [...entryKinds, 'webhooks.test']);
  const filter: DeliveryFilter = {
    ...(rest.subscription === undefined ? {} : { subscription: rest.subscription }),
    ...(rest.state === undefined ? {} : { state: rest.state }),
    ...(type === undefined ? {} : { type }),
  };
  const isFiltered = Object.keys(filter).length > 0;
  const query = useQuery(deliveriesQuery(filter, after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <DeliverySearch isFiltered={isFiltered} />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty isFiltered={isFiltered} /> : <DeliveriesTable deliveries={items} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(webhooksWords).deliveries;
  if (isFiltered) return <p className="faint">{words.none}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
    </div>
  );
}

function DeliverySearch({ isFiltered }: { isFiltered: boolean }) {
  const all = useWords(webhooksWords);
  const words = all.deliveries;
  const language = useLanguage();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const subscriptions = useQuery(someSubscriptionsQuery).data?.items ?? [];
  const change = (field: 'subscription' | 'state' | 'type') => (value: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, after: undefined, [field]: value }), replace: true });
  return (
    <Filters label={words.find} isFiltered={isFiltered}>
      <FilterBy
        label={words.subscription}
        all={words.every}
        value={search.subscription}
        options={subscriptions.map(({ id, name }) => ({ value: String(id), word: name }))}
        onChange={change('subscription')}
      />
      <FilterBy
        label={words.state}
        all={words.every}
        value={search.state}
        options={states.map((state) => ({ value: state, word: all.delivery.states[state] }))}
        onChange={change('state')}
      />
      <FilterBy
        label={words.type}
        all={words.every}
        value={search.type}
        options={[
          ...entryKinds.map((kind) => ({ value: String(kind), word: entryKindTable[kind].label[language] })),
          { value: 'webhooks.test', word: words.test },
        ]}
        onChange={change('type')}
      />
    </Filters>
  );
}

/** @param isOfOne leaves out which subscription, where all are of one */
export function DeliveriesTable({
  deliveries,
  isOfOne = false,
}: {
  deliveries: readonly Delivery[];
  isOfOne?: boolean;
}) {
  const all = useWords(webhooksWords);
  const words = all.deliveries;
  const format = useFormat();
  const language = useLanguage();
  if (deliveries.length === 0) return <p className="faint">{words.empty.title}.</p>;
  return (
    <SetTable
      label={words.title}
      rows={deliveries}
      keyOf={(delivery) => delivery.id}
      columns={[
        {
          head: words.type,
          isHead: true,
          cell: ({ id, type, subscriptionName }) => (
            <>
              <Link to="/webhooks/deliveries/$delivery" params={{ delivery: id }}>
                {type === 'webhooks.test' ? words.test : entryKindTable[type].label[language]}
              </Link>
              {isOfOne ? null : <span className="beneath">{subscriptionName}</span>}
            </>
          ),
        },
        { head: words.made, cell: ({ createdAt }) => <Instant at={createdAt} /> },
        { head: words.state, cell: ({ state }) => <DeliveryMark state={state} /> },
        { head: words.attempts, isFigure: true, cell: ({ attempts }) => format.number(attempts) },
        {
          head: words.last,
          cell: ({ lastOutcome, lastStatus }) =>
            lastOutcome === null ? null : (
              <>
                {all.delivery.outcomes[lastOutcome]}
                {lastStatus === null ? null : <span className="beneath">{all.delivery.status(lastStatus)}</span>}
              </>
            ),
        },
        {
          head: words.next,
          cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? null : <Instant at={nextAttemptAt} />),
        },
      ]}
    />
  );
}
