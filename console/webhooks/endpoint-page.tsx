import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { changeEndpoint, type Endpoint, removeEndpoint } from '../../server/webhooks/endpoints-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Marked } from '../policy/status.tsx';
import { draftOf, type EndpointDraft, identifiedByOf, schemeOf } from './endpoint-draft.ts';
import { EndpointForm } from './endpoint-form.tsx';
import { EndpointSecretList } from './endpoint-secrets.tsx';
import { InboundAddress } from './inbound-address.tsx';
import { endpointQuery, receivedQuery } from './inbound-queries.ts';
import { inboundWords } from './inbound-words.ts';
import { MappingRules } from './mapping-rules.tsx';
import { ReceivedTable } from './received-page.tsx';
import { ReplayReceived } from './replay-received.tsx';
import './webhooks.css';

const route = getRouteApi('/webhooks/endpoints/$endpoint');

/** One endpoint: its address, secrets, rules and what it received. */
export function EndpointPage() {
  const words = useWords(inboundWords);
  const { endpoint } = route.useParams();
  const query = useQuery(endpointQuery(endpoint));
  useTitle(query.data?.name ?? '');
  return (
    <div className="page">
      <Link to="/webhooks/endpoints" className="way-back">
        ← {words.endpoints.back}
      </Link>
      <Loaded query={query} what={words.one.what} isPage>
        {(found) => <Shown endpoint={found} />}
      </Loaded>
    </div>
  );
}

function Shown({ endpoint }: { endpoint: Endpoint }) {
  const all = useWords(inboundWords);
  const words = all.one;
  const may = useMay('webhooks:write');
  const latest = useQuery(receivedQuery({ endpoint: endpoint.id }, undefined));
  return (
    <>
      <header className="page-head">
        <h1>{endpoint.name}</h1>
        <p className="lede">
          <Marked as={endpoint.enabled ? 'kept' : 'unproven'}>
            {endpoint.enabled ? all.endpoints.on : all.endpoints.off}
          </Marked>
          {', '}
          {all.make.schemes[endpoint.scheme.kind]}
        </p>
      </header>
      <InboundAddress url={endpoint.url} />
      <Figures of={endpoint} />
      <MappingRules endpoint={endpoint} mayChange={may} />
      <EndpointSecretList endpoint={endpoint} mayChange={may} />
      <section className="part">
        <h2>{words.latest}</h2>
        <Loaded query={latest} what={all.received.what}>
          {({ items }) => <ReceivedTable received={items.slice(0, 10)} isOfOne />}
        </Loaded>
        <p className="row-of-acts">
          <Link to="/webhooks/received" search={{ endpoint: endpoint.id }}>
            {words.all}
          </Link>
        </p>
      </section>
      {may ? (
        <>
          <ReplayReceived endpoint={endpoint.id} />
          <Change key={endpoint.id} endpoint={endpoint} />
        </>
      ) : null}
    </>
  );
}

function Figures({ of: { figures } }: { of: Endpoint }) {
  const all = useWords(inboundWords);
  const words = all.one;
  const format = useFormat();
  const states = ['mapped', 'unmapped', 'failed', 'unreadable', 'waiting'] as const;
  return (
    <section className="part">
      <h2>{words.figures}</h2>
      <dl className="facts">
        <dt>{words.received}</dt>
        <dd className="figures">{format.number(figures.received)}</dd>
        {states
          .filter((state) => figures.byState[state] > 0)
          .map((state) => (
            <div key={state} className="fact">
              <dt>{all.states[state]}</dt>
              <dd className="figures">{format.number(figures.byState[state])}</dd>
            </div>
          ))}
        <dt>{words.repeated}</dt>
        <dd className="figures">{format.number(figures.repeated)}</dd>
        <dt>{words.refusals}</dt>
        <dd className="figures">
          {figures.refusals.length === 0
            ? words.noRefusals
            : figures.refusals.map(({ reason, count }) => `${format.number(count)} ${all.refusals[reason]}`).join(', ')}
        </dd>
      </dl>
    </section>
  );
}

function Change({ endpoint }: { endpoint: Endpoint }) {
  const words = useWords(inboundWords).make;
  const client = useQueryClient();
  // Until somebody types, what was saved elsewhere is what stands here.
  const [edited, setEdited] = useState<EndpointDraft>();
  const draft = edited ?? draftOf(endpoint);
  const saving = useMutation({
    mutationFn: () =>
      call(changeEndpoint, {
        params: { endpoint: endpoint.id },
        body: {
          name: draft.name.trim(),
          scheme: schemeOf(draft),
          identifiedBy: identifiedByOf(draft),
          enabled: draft.enabled,
        },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['webhooks', 'endpoints'] });
      setEdited(undefined);
    },
  });
  return (
    <section className="part">
      <h2>{words.change}</h2>
      <EndpointForm draft={draft} isNew={false} saving={saving} onChange={setEdited} onSave={() => saving.mutate()}>
        <Remove endpoint={endpoint} />
        <span role="status" className="faint">
          {saving.isSuccess && edited === undefined ? words.saved : ''}
        </span>
      </EndpointForm>
    </section>
  );
}

function Remove({ endpoint: { id, name } }: { endpoint: Endpoint }) {
  const words = useWords(inboundWords).one;
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
        await call(removeEndpoint, { params: { endpoint: id } });
        client.removeQueries({ queryKey: ['webhooks', 'endpoints', 'one', id] });
        await navigate({ to: '/webhooks/endpoints' });
      }}
    />
  );
}
