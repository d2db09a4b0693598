import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { entryKindTable } from '../../server/ledger/kinds-contract.ts';
import { type Attempt, type getDelivery, replayDelivery } from '../../server/webhooks/subscriptions-contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { Source } from '../look/source.tsx';
import { deliveryQuery } from './queries.ts';
import { DeliveryMark } from './states.tsx';
import { webhooksWords } from './words.ts';
import './webhooks.css';

const route = getRouteApi('/webhooks/deliveries/$delivery');
type Found = (typeof getDelivery.answer)['_output'];

/** One delivery: what is sent, and each attempt with what was answered. */
export function DeliveryPage() {
  const words = useWords(webhooksWords).delivery;
  const { delivery } = route.useParams();
  const query = useQuery(deliveryQuery(delivery));
  return (
    <div className="page">
      <Link to="/webhooks/deliveries" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {(found) => <Shown delivery={found} />}
      </Loaded>
    </div>
  );
}

function Shown({ delivery }: { delivery: Found }) {
  const all = useWords(webhooksWords);
  const words = all.delivery;
  const language = useLanguage();
  const title = delivery.type === 'webhooks.test' ? all.deliveries.test : entryKindTable[delivery.type].label[language];
  useTitle(title);
  return (
    <>
      <header className="page-head">
        <h1>{title}</h1>
        <p className="lede">
          <DeliveryMark state={delivery.state} />
        </p>
      </header>
      <Facts of={delivery} />
      {useMay('webhooks:write') && delivery.state !== 'waiting' && delivery.type !== 'webhooks.test' ? (
        <Replay delivery={delivery.id} />
      ) : null}
      <section className="part">
        <h2>{words.body}</h2>
        <p className="explains">{words.bodyText}</p>
        <Source text={delivery.body} label={words.body} wraps />
      </section>
      <section className="part">
        <h2>{words.attempts}</h2>
        {delivery.attemptLog.length === 0 ? <p className="faint">{words.noAttempts}</p> : null}
        <ol className="attempts">
          {delivery.attemptLog.map((attempt) => (
            <li key={attempt.number}>
              <Tried attempt={attempt} />
            </li>
          ))}
        </ol>
      </section>
    </>
  );
}

function Facts({ of: delivery }: { of: Found }) {
  const words = useWords(webhooksWords).delivery;
  const moments = [
    [words.made, delivery.createdAt],
    [words.next, delivery.nextAttemptAt],
    [words.settled, delivery.settledAt],
  ] as const;
  return (
    <dl className="facts">
      <dt>{words.id}</dt>
      <dd className="mono">{delivery.webhookId}</dd>
      <dt>{words.subscription}</dt>
      <dd>
        <Link to="/webhooks/subscriptions/$subscription" params={{ subscription: delivery.subscription }}>
          {delivery.subscriptionName}
        </Link>
      </dd>
      {delivery.entry === null ? null : (
        <>
          <dt>{words.entry}</dt>
          <dd>
            <Link to="/ledger/entries/$entry" params={{ entry: delivery.entry }}>
              <code>{delivery.entry}</code>
            </Link>
          </dd>
        </>
      )}
      {moments.map(([word, at]) =>
        at === null ? null : (
          <div key={word} className="fact">
            <dt>{word}</dt>
            <dd>
              <Instant at={at} />
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Replay({ delivery }: { delivery: string }) {
  const words = useWords(webhooksWords).delivery;
  const client = useQueryClient();
  const replaying = useMutation({
    mutationFn: () => call(replayDelivery, { params: { delivery } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks', 'deliveries'] }),
  });
  return (
    <section className="part" aria-label={words.replay}>
      <p className="row-of-acts">
        <button type="button" className="button" disabled={replaying.isPending} onClick={() => replaying.mutate()}>
          {replaying.isPending ? words.replaying : words.replay}
        </button>
        <span role="status">{replaying.isSuccess ? words.replayed : ''}</span>
      </p>
      {replaying.error === null ? null : <Problem error={replaying.error} />}
    </section>
  );
}

type Headers = Attempt['request']['headers'];

function Tried({ attempt }: { attempt: Attempt }) {
  const words = useWords(webhooksWords).delivery;
  const format = useFormat();
  const { response } = attempt;
  return (
    <>
      <h3>{words.attempt(format.number(attempt.number))}</h3>
      <p className="says">
        <Instant at={attempt.startedAt} />
        <span>
          {words.outcomes[attempt.outcome]}
          {response === null ? null : ` · ${words.status(response.status)}`}
        </span>
        <span className="faint">{words.took(format.number(attempt.durationMs))}</span>
      </p>
      <div className="exchange">
        <div>
          <h4>{words.request}</h4>
          <Source
            text={`POST ${attempt.request.url}\n${linesOf(attempt.request.headers)}`}
            label={words.request}
            wraps
          />
        </div>
        <div>
          <h4>{words.response}</h4>
          {response === null ? (
            <p className="faint">{words.noResponse}</p>
          ) : (
            <>
              <Source text={linesOf(response.headers)} label={words.headers} wraps />
              {response.body === '' ? (
                <p className="faint">{words.emptyBody}</p>
              ) : (
                <Source text={response.body} label={words.response} wraps />
              )}
              {response.isCut ? <p className="faint">{words.cut}</p> : null}
            </>
          )}
        </div>
      </div>
    </>
  );
}

function linesOf(headers: Headers): string {
  return headers.map(({ name, value }) => `${name}: ${value}`).join('\n');
}
