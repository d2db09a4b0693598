import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type getReceived, type Received, replayReceived } from '../../server/webhooks/endpoints-contract.ts';
import type { MappingTarget } from '../../server/webhooks/mapping-contract.ts';
import { call } from '../api.ts';
import { FilterBy, Filters } from '../frame/filters.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Source } from '../look/source.tsx';
import { oneReceivedQuery, type ReceivedFilter, receivedQuery, someEndpointsQuery } from './inbound-queries.ts';
import { inboundWords } from './inbound-words.ts';
import { ReceivedMark, Troubles } from './received-parts.tsx';
import './webhooks.css';

const listRoute = getRouteApi('/webhooks/received');
const oneRoute = getRouteApi('/webhooks/received/$received');
const states = ['waiting', 'mapped', 'unmapped', 'failed', 'unreadable'] as const;
const types: readonly MappingTarget['type'][] = [
  'account.cancelled',
  'account.reactivated',
  'grant.revoked',
  'person.deleted',
  'contact.opted-out',
];

/** What came in within the last 30 days, newest first. */
export function ReceivedPage() {
  const words = useWords(inboundWords).received;
  useTitle(words.title);
  const { after, endpoint, state, type } = listRoute.useSearch();
  const filter: ReceivedFilter = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(state === undefined ? {} : { state }),
    ...(type === undefined ? {} : { type }),
  };
  const isFiltered = Object.keys(filter).length > 0;
  const query = useQuery(receivedQuery(filter, after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Search isFiltered={isFiltered} />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length > 0 ? <ReceivedTable received={items} /> : <Empty isFiltered={isFiltered} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(inboundWords).received;
  if (isFiltered) return <p className="faint">{words.none}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
    </div>
  );
}

function Search({ isFiltered }: { isFiltered: boolean }) {
  const all = useWords(inboundWords);
  const words = all.received;
  const search = listRoute.useSearch();
  const navigate = listRoute.useNavigate();
  const endpoints = useQuery(someEndpointsQuery).data?.items ?? [];
  const change = (field: 'endpoint' | 'state' | 'type') => (value: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, after: undefined, [field]: value }), replace: true });
  return (
    <Filters label={words.find} isFiltered={isFiltered}>
      <FilterBy
        label={words.endpoint}
        all={words.all}
        value={search.endpoint}
        options={endpoints.map(({ id, name }) => ({ value: String(id), word: name }))}
        onChange={change('endpoint')}
      />
      <FilterBy
        label={words.state}
        all={words.all}
        value={search.state}
        options={states.map((state) => ({ value: state, word: all.states[state] }))}
        onChange={change('state')}
      />
      <FilterBy
        label={words.type}
        all={words.all}
        value={search.type}
        options={types.map((type) => ({ value: type, word: all.rules.events[type] }))}
        onChange={change('type')}
      />
    </Filters>
  );
}

/** @param isOfOne leaves out which endpoint, where all are of one */
export function ReceivedTable({ received, isOfOne = false }: { received: readonly Received[]; isOfOne?: boolean }) {
  const all = useWords(inboundWords);
  const words = all.received;
  const format = useFormat();
  // What came in may hold anything, so it is shown to those who set endpoints up.
  const may = useMay('webhooks:write');
  if (received.length === 0) return <p className="faint">{words.empty.title}.</p>;
  return (
    <SetTable
      label={words.title}
      rows={received}
      keyOf={({ id }) => id}
      columns={[
        {
          head: words.at,
          isHead: true,
          cell: ({ id, receivedAt, endpointName }) => (
            <>
              {may ? (
                <Link to="/webhooks/received/$received" params={{ received: id }}>
                  <Instant at={receivedAt} />
                </Link>
              ) : (
                <Instant at={receivedAt} />
              )}
              {isOfOne ? null : <span className="beneath">{endpointName}</span>}
            </>
          ),
        },
        { head: words.state, cell: ({ state }) => <ReceivedMark state={state} /> },
        {
          head: words.type,
          cell: ({ events }) =>
            events.length === 0 ? null : [...new Set(events.map(({ type }) => all.rules.events[type]))].join(', '),
        },
        {
          head: words.id,
          cell: ({ senderId, repeats }) => (
            <>
              {senderId === null ? <span className="faint">{words.byBody}</span> : <code>{senderId}</code>}
              {repeats > 0 ? <span className="beneath">{words.repeats(format.number(repeats), repeats)}</span> : null}
            </>
          ),
        },
        { head: words.size, isFigure: true, cell: ({ bytes }) => format.bytes(bytes) },
      ]}
    />
  );
}

/** One webhook as it came, and what became of it. */
export function OneReceivedPage() {
  const words = useWords(inboundWords).received;
  const { received } = oneRoute.useParams();
  const query = useQuery(oneReceivedQuery(received));
  useTitle(words.title);
  return (
    <div className="page">
      <Link to="/webhooks/received" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.oneWhat} isPage>
        {(found) => <Shown received={found} />}
      </Loaded>
    </div>
  );
}

function Shown({ received }: { received: (typeof getReceived.answer)['_output'] }) {
  const all = useWords(inboundWords);
  const words = all.received;
  const { body } = received;
  return (
    <>
      <header className="page-head">
        <h1>{received.endpointName}</h1>
        <p className="lede">
          <Instant at={received.receivedAt} />
          {' · '}
          <ReceivedMark state={received.state} />
        </p>
      </header>
      <section className="part">
        <h2>{words.became}</h2>
        {received.events.length === 0 ? (
          <p>{words.nothing}</p>
        ) : (
          <ul>
            {received.events.map((event) => (
              <li key={event.event}>
                {all.rules.events[event.type]} <code className="faint">{event.rule}</code>
              </li>
            ))}
          </ul>
        )}
        {received.trouble.length === 0 ? null : (
          <>
            <h3>{words.trouble}</h3>
            <Troubles of={received.trouble} />
          </>
        )}
        {useMay('webhooks:write') ? <Replay received={received.id} /> : null}
      </section>
      <section className="part">
        <h2>{words.body}</h2>
        {body.encoding === 'base64' ? <p className="explains">{words.base64}</p> : null}
        <Source text={body.content} label={words.body} wraps />
      </section>
      <section className="part">
        <h2>{words.headers}</h2>
        <p className="explains">{words.headersText}</p>
        <Source
          text={received.headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}
          label={words.headers}
          wraps
        />
      </section>
    </>
  );
}

function Replay({ received }: { received: string }) {
  const words = useWords(inboundWords).received;
  const client = useQueryClient();
  const replaying = useMutation({
    mutationFn: () => call(replayReceived, { params: { received } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <>
      <p className="row-of-acts">
        <button type="button" className="button" disabled={replaying.isPending} onClick={() => replaying.mutate()}>
          {replaying.isPending ? words.replaying : words.replay}
        </button>
        <span role="status">{replaying.isSuccess ? words.replayed : ''}</span>
      </p>
      {replaying.error === null ? null : <Problem error={replaying.error} />}
    </>
  );
}
