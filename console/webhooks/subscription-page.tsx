import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type EntryKind, entryKindTable } from '../../server/ledger/kinds-contract.ts';
import {
  changeSubscription,
  enableSubscription,
  pauseSubscription,
  removeSubscription,
  resumeSubscription,
  type Subscription,
  testSubscription,
} from '../../server/webhooks/subscriptions-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { DeliveriesTable } from './deliveries-page.tsx';
import { deliveriesQuery, subscriptionQuery } from './queries.ts';
import { Replay } from './replay.tsx';
import { Secrets } from './secrets.tsx';
import { SubscriptionMark } from './states.tsx';
import { type SubscriptionDraft, SubscriptionForm } from './subscription-form.tsx';
import { webhooksWords } from './words.ts';

const route = getRouteApi('/webhooks/subscriptions/$subscription');

/** One subscription: how it goes, how it signs, what was sent, and what can be done with it. */
export function SubscriptionPage() {
  const words = useWords(webhooksWords).one;
  const { subscription } = route.useParams();
  const query = useQuery(subscriptionQuery(subscription));
  useTitle(query.data?.name ?? '');
  return (
    <div className="page">
      <Link to="/webhooks" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {(found) => <Shown subscription={found} />}
      </Loaded>
    </div>
  );
}

function Shown({ subscription }: { subscription: Subscription }) {
  const words = useWords(webhooksWords).one;
  const may = useMay('webhooks:write');
  const latest = useQuery(deliveriesQuery({ subscription: subscription.id }, undefined));
  return (
    <>
      <header className="page-head">
        <h1>{subscription.name}</h1>
        <p className="lede">
          <SubscriptionMark of={subscription} />
        </p>
      </header>
      <Trouble of={subscription} />
      <dl className="facts">
        <dt>{words.address}</dt>
        <dd className="mono">{subscription.url}</dd>
        <dt>{words.hears}</dt>
        <dd>
          <Kinds kinds={subscription.kinds} />
        </dd>
        <dt>{words.order}</dt>
        <dd>{subscription.ordered ? <InOrder /> : words.unordered}</dd>
        <dt>{words.since}</dt>
        <dd>
          <Instant at={subscription.createdAt} />
        </dd>
      </dl>
      {may ? <Acts subscription={subscription} /> : null}
      <Figures of={subscription} />
      <Secrets subscription={subscription} mayChange={may} />
      <section className="part">
        <h2>{words.latest}</h2>
        <Loaded query={latest} what={words.latest}>
          {({ items }) => <DeliveriesTable deliveries={items.slice(0, 10)} isOfOne />}
        </Loaded>
        <p className="row-of-acts">
          <Link to="/webhooks/deliveries" search={{ subscription: subscription.id }}>
            {words.all}
          </Link>
        </p>
      </section>
      {may ? <Replay subscription={subscription.id} /> : null}
      {may ? <Change key={subscription.id} subscription={subscription} /> : null}
    </>
  );
}

function InOrder() {
  return useWords(webhooksWords).inOrder;
}

/** Why nothing is sent, or nothing accepted. */
function Trouble({ of: subscription }: { of: Subscription }) {
  const words = useWords(webhooksWords).one;
  const { state, disabledReason, failingSince, stoppedAt } = subscription;
  if (state === 'active' && failingSince === null) return null;
  const why =
    state === 'disabled' && disabledReason !== null
      ? words.disabled[disabledReason]
      : state === 'paused'
        ? words.paused
        : words.failingSince;
  const at = state === 'active' ? failingSince : stoppedAt;
  return (
    <p className="explains part-note">
      {why} {at === null ? null : <Instant at={at} />}
    </p>
  );
}

function Kinds({ kinds }: { kinds: readonly EntryKind[] | null }) {
  const words = useWords(webhooksWords);
  const language = useLanguage();
  const format = useFormat();
  if (kinds === null) return words.everyKind;
  return (
    <details>
      <summary>{words.kindsCount(format.number(kinds.length), kinds.length)}</summary>
      <ul>
        {kinds.map((kind) => (
          <li key={kind}>
            {entryKindTable[kind].label[language]} <code className="faint">{kind}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Figures({ of: { figures } }: { of: Subscription }) {
  const words = useWords(webhooksWords).one;
  const format = useFormat();
  return (
    <section className="part">
      <h2>{words.figures}</h2>
      <p className="explains">{words.figuresText}</p>
      <dl className="facts">
        <dt>{words.accepted}</dt>
        <dd className="figures">{format.number(figures.delivered)}</dd>
        <dt>{words.givenUp}</dt>
        <dd className="figures">{format.number(figures.failed)}</dd>
        <dt>{words.refusedAttempts}</dt>
        <dd className="figures">{format.number(figures.attemptsFailed)}</dd>
        <dt>{words.waits}</dt>
        <dd className="figures">{format.number(figures.waiting)}</dd>
        <dt>{words.oldest}</dt>
        <dd>{figures.oldestWaitingAt === null ? words.none : <Instant at={figures.oldestWaitingAt} />}</dd>
        <dt>{words.median}</dt>
        <dd>{figures.medianMs === null ? words.none : words.ms(format.number(figures.medianMs))}</dd>
      </dl>
    </section>
  );
}

function Acts({ subscription }: { subscription: Subscription }) {
  const words = useWords(webhooksWords).one;
  const { outcomes } = useWords(webhooksWords).delivery;
  const client = useQueryClient();
  const settled = { onSettled: () => client.invalidateQueries({ queryKey: ['webhooks'] }) };
  const params = { subscription: subscription.id };
  const pausing = useMutation({ mutationFn: () => call(pauseSubscription, { params }), ...settled });
  const going = useMutation({
    mutationFn: (from: 'catch-up' | 'skip') =>
      call(subscription.state === 'paused' ? resumeSubscription : enableSubscription, { params, body: { from } }),
    ...settled,
  });
  const testing = useMutation({ mutationFn: () => call(testSubscription, { params }), ...settled });
  const error = pausing.error ?? going.error ?? testing.error;
  const tested = testing.data;
  return (
    <section className="part" aria-label={words.test}>
      <p className="row-of-acts">
        <button type="button" className="button first" disabled={testing.isPending} onClick={() => testing.mutate()}>
          {testing.isPending ? words.testing : words.test}
        </button>
        {subscription.state === 'active' ? (
          <button type="button" className="button" disabled={pausing.isPending} onClick={() => pausing.mutate()}>
            {words.pause}
          </button>
        ) : (
          <>
            <button
              type="button"
              className="button"
              disabled={going.isPending}
              onClick={() => going.mutate('catch-up')}
            >
              {subscription.state === 'paused' ? words.resume : words.enable}
            </button>
            <button type="button" className="button" disabled={going.isPending} onClick={() => going.mutate('skip')}>
              {words.skip}
            </button>
          </>
        )}
        <Remove subscription={subscription} />
      </p>
      <p role="status">
        {tested === undefined ? null : (
          <>
            {words.tested(tested.lastOutcome === null ? '…' : outcomes[tested.lastOutcome])}{' '}
            <Link to="/webhooks/deliveries/$delivery" params={{ delivery: tested.id }}>
              {words.toTest}
            </Link>
          </>
        )}
      </p>
      {error === null ? null : <Problem error={error} />}
    </section>
  );
}

function Remove({ subscription: { id, name } }: { subscription: Subscription }) {
  const words = useWords(webhooksWords).one;
  const client = useQueryClient();
  const navigate = useNavigate();
  return (
    <ActDialog
      button={words.remove}
      title={words.removeTitle(name)}
      text={<p>{words.removeText}</p>}
      confirm={words.removeConfirm}
      pending={words.removing}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(removeSubscription, { params: { subscription: id } });
        client.removeQueries({ queryKey: ['webhooks', 'subscriptions', 'one', id] });
        await navigate({ to: '/webhooks' });
      }}
    />
  );
}

function Change({ subscription }: { subscription: Subscription }) {
  const words = useWords(webhooksWords);
  const client = useQueryClient();
  const { name, url, kinds, ordered } = subscription;
  const stored: SubscriptionDraft = { name, url, kinds, ordered, scheme: 'hmac-sha256' };
  // Until somebody types, what was saved elsewhere is what stands here.
  const [edited, setEdited] = useState<SubscriptionDraft>();
  const draft = edited ?? stored;
  const saving = useMutation({
    mutationFn: () =>
      call(changeSubscription, {
        params: { subscription: subscription.id },
        body: {
          name: draft.name.trim(),
          url: draft.url,
          kinds: draft.kinds === null ? null : [...draft.kinds],
          ordered: draft.ordered,
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['webhooks'] });
      setEdited(undefined);
    },
  });
  return (
    <section className="part">
      <h2>{words.one.edit}</h2>
      <SubscriptionForm draft={draft} isNew={false} saving={saving} onChange={setEdited} onSave={() => saving.mutate()}>
        <span role="status" className="faint">
          {saving.isSuccess && edited === undefined ? words.make.saved : ''}
        </span>
      </SubscriptionForm>
    </section>
  );
}
