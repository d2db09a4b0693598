import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Provider, removeProvider } from '../../server/access/providers-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Day } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { StatusShape } from '../policy/status.tsx';
import { Domains } from './domains.tsx';
import { ProviderForm } from './provider-form.tsx';
import { ProviderTest } from './provider-test.tsx';
import { providersWords } from './providers-words.ts';
import { providersQuery } from './queries.ts';
import { rolesWords } from './roles-words.ts';
import './access.css';
import './providers.css';

/** Identity providers, and the domains they speak for. */
export function ProvidersPage() {
  const words = useWords(providersWords);
  useTitle(words.title);
  const query = useQuery(providersQuery);
  const may = useMay('access:write');
  const [adding, setAdding] = useState(false);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <Loaded query={query} what={words.what}>
        {({ items }) => (
          <>
            {items.length === 0 && !adding ? <Empty /> : null}
            {items.map((provider) => (
              <ProviderEntry key={provider.id} provider={provider} mayChange={may} />
            ))}
          </>
        )}
      </Loaded>
      {may ? (
        adding ? (
          <section className="part">
            <h2>{words.form.add}</h2>
            <ProviderForm onDone={() => setAdding(false)} />
          </section>
        ) : (
          <p className="row-of-acts after-list">
            <button type="button" className="button" onClick={() => setAdding(true)}>
              {words.form.add}
            </button>
          </p>
        )
      ) : null}
      <Domains providers={query.data?.items ?? []} mayChange={may} />
    </div>
  );
}

function Empty() {
  const { empty } = useWords(providersWords);
  return (
    <div className="empty">
      <h2>{empty.title}</h2>
      <p>{empty.text}</p>
      <p className="faint">{empty.example}</p>
    </div>
  );
}

function ProviderEntry({ provider, mayChange }: { provider: Provider; mayChange: boolean }) {
  const words = useWords(providersWords);
  const { names } = useWords(rolesWords);
  const [changing, setChanging] = useState(false);
  const shape = provider.enabled ? 'kept' : 'unproven';
  return (
    <article className="provider">
      <div className="provider-head">
        <h2>{provider.name}</h2>
        <p className="faint">{words.kinds[provider.kind]}</p>
        <p>
          <span className={`status ${shape}`}>
            <StatusShape status={shape} />
            {provider.enabled ? words.enabled : words.disabled}
          </span>
        </p>
        <p className="faint">
          {provider.testedAt === null ? (
            words.neverTested
          ) : (
            <>
              {words.tested} <Day at={provider.testedAt} />
            </>
          )}
        </p>
      </div>
      {changing ? (
        <div>
          <h3>{words.form.changeTitle(provider.name)}</h3>
          <ProviderForm provider={provider} onDone={() => setChanging(false)} />
        </div>
      ) : (
        <div>
          <p>{provider.admits ? words.admits(names[provider.defaultRole]) : words.invitedOnly}.</p>
          <Settings provider={provider} />
          {mayChange ? (
            <>
              <ProviderTest provider={provider} />
              <p className="row-of-acts">
                <button type="button" className="button" onClick={() => setChanging(true)}>
                  {words.change}
                </button>
                <Remove provider={provider} />
              </p>
            </>
          ) : null}
        </div>
      )}
    </article>
  );
}

function Settings({ provider }: { provider: Provider }) {
  const words = useWords(providersWords);
  const { settings, register } = provider;
  const own =
    'signInUrl' in settings
      ? [
          [words.form.entityId, settings.entityId],
          [words.form.signInUrl, settings.signInUrl],
        ]
      : [
          ...('issuer' in settings ? [[words.form.issuer, settings.issuer]] : []),
          [words.form.clientId, settings.clientId],
        ];
  const toRegister = [
    [provider.kind === 'saml' ? words.acsUrl : words.redirectUrl, register.redirectUrl],
    [words.entityId, register.entityId],
    [words.metadataUrl, register.metadataUrl],
  ];
  return (
    <>
      <Facts facts={own} />
      <h3>{words.register}</h3>
      <Facts facts={toRegister} />
    </>
  );
}

function Facts({ facts }: { facts: readonly (readonly (string | null | undefined)[])[] }) {
  return (
    <dl className="facts">
      {facts.map(([term, value]) =>
        value === null || value === undefined ? null : (
          <div key={term} className="provider-fact">
            <dt>{term}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Remove({ provider }: { provider: Provider }) {
  const words = useWords(providersWords);
  const client = useQueryClient();
  return (
    <ActDialog
      button={words.remove}
      title={words.removeTitle(provider.name)}
      text={<p>{words.removeText}</p>}
      confirm={words.removeConfirm}
      pending={words.removeConfirm}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(removeProvider, { params: { provider: provider.id } });
        await client.invalidateQueries({ queryKey: ['access'] });
      }}
    />
  );
}
