import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  addDomain,
  type Domain,
  type Provider,
  removeDomain,
  verifyDomain,
} from '../../server/access/providers-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { Day } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { SetTable } from '../look/set-table.tsx';
import { StatusShape } from '../policy/status.tsx';
import { providersWords } from './providers-words.ts';
import { domainsQuery } from './queries.ts';

interface Part {
  readonly providers: readonly Provider[];
  readonly mayChange: boolean;
}

/** Domains of the organisation, with the record that proves each. */
export function Domains({ providers, mayChange }: Part) {
  const words = useWords(providersWords).domains;
  const query = useQuery(domainsQuery);
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <p className="explains">{words.text}</p>
      <Loaded query={query} what={words.what}>
        {({ items }) =>
          items.length === 0 ? (
            <div className="empty">
              <h3>{words.empty.title}</h3>
              <p>{words.empty.text}</p>
            </div>
          ) : (
            <DomainsTable domains={items} providers={providers} mayChange={mayChange} />
          )
        }
      </Loaded>
      {mayChange ? <AddDomain providers={providers} /> : null}
    </section>
  );
}

function DomainsTable({ domains, providers, mayChange }: Part & { domains: readonly Domain[] }) {
  const words = useWords(providersWords).domains;
  const nameOf = (id: Domain['provider']) => providers.find((provider) => provider.id === id)?.name ?? words.noProvider;
  return (
    <SetTable
      label={words.title}
      rows={domains}
      keyOf={({ domain }) => domain}
      columns={[
        { head: words.domain, isHead: true, cell: ({ domain }) => domain },
        { head: words.provider, cell: ({ provider }) => nameOf(provider) },
        {
          head: words.record,
          cell: ({ record }) => (
            <>
              <code className="record" title={words.recordName}>
                {record.name}
              </code>
              <code className="record faint" title={words.recordValue}>
                {record.value}
              </code>
            </>
          ),
        },
        { head: words.state, cell: (domain) => <DomainState domain={domain} /> },
        ...(mayChange ? [{ head: words.acts, cell: (domain: Domain) => <DomainActs domain={domain} /> }] : []),
      ]}
    />
  );
}

function DomainState({ domain: { verifiedAt } }: { domain: Domain }) {
  const words = useWords(providersWords).domains;
  const shape = verifiedAt === null ? 'due' : 'kept';
  return (
    <>
      <span className={`status ${shape}`}>
        <StatusShape status={shape} />
        {verifiedAt === null ? words.waiting : words.proved}
      </span>
      {verifiedAt === null ? null : (
        <span className="beneath">
          <Day at={verifiedAt} />
        </span>
      )}
    </>
  );
}

function DomainActs({ domain: { domain, verifiedAt } }: { domain: Domain }) {
  const words = useWords(providersWords).domains;
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: ['access', 'domains'] });
  const verifying = useMutation({
    mutationFn: () => call(verifyDomain, { params: { domain } }),
    onSuccess: refresh,
  });
  return (
    <>
      <span className="row-of-acts">
        {verifiedAt === null ? (
          <button type="button" className="button" disabled={verifying.isPending} onClick={() => verifying.mutate()}>
            {verifying.isPending ? words.verifying : words.verify}
          </button>
        ) : null}
        <ActDialog
          button={words.remove}
          title={words.removeTitle(domain)}
          text={<p>{words.removeText}</p>}
          confirm={words.removeConfirm}
          pending={words.removeConfirm}
          destroys
          look="careful"
          onConfirm={async () => {
            await call(removeDomain, { params: { domain } });
            await refresh();
          }}
        />
      </span>
      {verifying.error === null ? null : <Problem error={verifying.error} />}
    </>
  );
}

function AddDomain({ providers }: { providers: readonly Provider[] }) {
  const words = useWords(providersWords).domains;
  const client = useQueryClient();
  const [domain, setDomain] = useState('');
  const [provider, setProvider] = useState<Domain['provider']>(null);
  const adding = useMutation({
    mutationFn: () => call(addDomain, { body: { domain: domain.trim().toLowerCase(), provider } }),
    onSuccess: async () => {
      setDomain('');
      await client.invalidateQueries({ queryKey: ['access', 'domains'] });
    },
  });
  return (
    <form
      className="form add-domain"
      onSubmit={(event) => {
        event.preventDefault();
        if (!adding.isPending) adding.mutate();
      }}
    >
      <Field label={words.domain} hint={words.hint}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            className="input"
            required
            maxLength={253}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={domain}
            onChange={(event) => setDomain(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.provider}>
        {(id) => (
          <select
            id={id}
            className="input"
            value={provider ?? ''}
            onChange={(event) => setProvider(providers.find((each) => each.id === event.target.value)?.id ?? null)}
          >
            <option value="">{words.noProvider}</option>
            {providers.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {adding.error === null ? null : <Problem error={adding.error} />}
      <p className="row-of-acts">
        <button type="submit" className="button" disabled={adding.isPending}>
          {adding.isPending ? words.adding : words.add}
        </button>
      </p>
    </form>
  );
}
