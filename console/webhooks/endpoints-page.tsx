import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { createEndpoint, type Endpoint } from '../../server/webhooks/endpoints-contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Marked } from '../policy/status.tsx';
import { blankEndpoint, identifiedByOf, schemeOf } from './endpoint-draft.ts';
import { EndpointForm } from './endpoint-form.tsx';
import { endpointsQuery } from './inbound-queries.ts';
import { inboundWords } from './inbound-words.ts';
import { type EndpointSecrets, MadeSecrets } from './made-secrets.tsx';
import './webhooks.css';

const route = getRouteApi('/webhooks/endpoints');

/** Addresses at which platforms tell Kept what happened there, and the form that makes one. */
export function EndpointsPage() {
  const words = useWords(inboundWords).endpoints;
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(endpointsQuery(after));
  const [made, setMade] = useState<EndpointSecrets>();
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      {made === undefined ? null : <MadeSecrets made={made} onKept={setMade} />}
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty /> : <EndpointsTable endpoints={items} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
      {useMay('webhooks:write') ? <Make onMade={setMade} /> : null}
    </div>
  );
}

function Empty() {
  const { empty } = useWords(inboundWords).endpoints;
  return (
    <div className="empty">
      <h2>{empty.title}</h2>
      <p>{empty.text}</p>
      <p className="faint">{empty.example}</p>
    </div>
  );
}

function EndpointsTable({ endpoints }: { endpoints: readonly Endpoint[] }) {
  const all = useWords(inboundWords);
  const words = all.endpoints;
  return (
    <SetTable
      label={words.title}
      rows={endpoints}
      keyOf={({ id }) => id}
      columns={[
        {
          head: words.name,
          isHead: true,
          cell: ({ id, name }) => (
            <Link to="/webhooks/endpoints/$endpoint" params={{ endpoint: id }}>
              {name}
            </Link>
          ),
        },
        { head: words.scheme, cell: ({ scheme }) => all.make.schemes[scheme.kind] },
        {
          head: words.state,
          cell: ({ enabled }) => <Marked as={enabled ? 'kept' : 'unproven'}>{enabled ? words.on : words.off}</Marked>,
        },
        { head: words.received, cell: (endpoint) => <Counts of={endpoint} /> },
        {
          head: words.last,
          cell: ({ figures: { lastReceivedAt } }) =>
            lastReceivedAt === null ? <span className="faint">{words.never}</span> : <Instant at={lastReceivedAt} />,
        },
      ]}
    />
  );
}

function Counts({ of: { figures } }: { of: Endpoint }) {
  const words = useWords(inboundWords).endpoints;
  const format = useFormat();
  const notUnderstood = figures.byState.failed + figures.byState.unreadable;
  const refused = figures.refusals.reduce((sum, { count }) => sum + count, 0);
  return (
    <span className="counts">
      <span>{words.count(format.number(figures.received))}</span>
      {notUnderstood > 0 ? <span>{words.failed(format.number(notUnderstood))}</span> : null}
      {refused > 0 ? <span>{words.refused(format.number(refused))}</span> : null}
    </span>
  );
}

function Make({ onMade }: { onMade: (made: EndpointSecrets) => void }) {
  const words = useWords(inboundWords).make;
  const client = useQueryClient();
  const [draft, setDraft] = useState(blankEndpoint);
  const making = useMutation({
    mutationFn: () =>
      call(createEndpoint, {
        body: {
          name: draft.name.trim(),
          scheme: schemeOf(draft),
          identifiedBy: identifiedByOf(draft),
          secret: draft.secret.trim() === '' ? null : draft.secret.trim(),
        },
      }),
    onSuccess: async ({ endpoint, secret, verifyToken }) => {
      setDraft(blankEndpoint);
      onMade({ name: endpoint.name, url: endpoint.url, secret, verifyToken });
      await client.invalidateQueries({ queryKey: ['webhooks', 'endpoints'] });
    },
  });
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <EndpointForm draft={draft} isNew saving={making} onChange={setDraft} onSave={() => making.mutate()} />
    </section>
  );
}
