import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { AuditEntry } from '../../server/access/members-contract.ts';
import { makeExport } from '../../server/exports/contract.ts';
import { entryKinds, entryKindTable } from '../../server/ledger/kinds-contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { Problem } from '../frame/problem.tsx';
import { useTitle } from '../frame/title.ts';
import { dayAfter, Instant, startOfDay, useZone } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { AuditSearch } from './audit-search.tsx';
import { auditWords } from './audit-words.ts';
import { useCountry, useDevice } from './device.ts';
import { type AuditFilter, auditQuery } from './queries.ts';
import './access.css';

const route = getRouteApi('/settings/audit');

/** Who did, saw and was refused what, from where. */
export function AuditPage() {
  const words = useWords(auditWords);
  useTitle(words.title);
  const search = route.useSearch();
  const zone = useZone();
  const filter: AuditFilter = {
    ...(search.kind === undefined ? {} : { kind: search.kind }),
    ...(search.person === undefined ? {} : { person: search.person }),
    ...(search.address === undefined ? {} : { address: search.address }),
    ...(search.from === undefined ? {} : { from: startOfDay(search.from, zone) }),
    ...(search.to === undefined ? {} : { to: startOfDay(dayAfter(search.to), zone) }),
  };
  const query = useQuery(auditQuery(filter, search.after));
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <AuditSearch />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty isFiltered={isFiltered} /> : <AuditTable entries={items} />}
            <Pager after={search.after} next={next} />
          </>
        )}
      </Loaded>
      <Export filter={filter} />
    </div>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(auditWords);
  if (isFiltered) return <p className="faint">{words.none}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
    </div>
  );
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const words = useWords(auditWords);
  const language = useLanguage();
  return (
    <SetTable
      label={words.table}
      rows={entries}
      keyOf={(entry) => entry.entry}
      columns={[
        { head: words.at, cell: (entry) => <Instant at={entry.at} /> },
        {
          head: words.kind,
          isHead: true,
          cell: (entry) => {
            const kind = entryKinds.find((each) => each === entry.kind);
            return (
              <>
                <Link to="/ledger/entries/$entry" params={{ entry: entry.entry }}>
                  {kind === undefined ? entry.kind : entryKindTable[kind].label[language]}
                </Link>
                <span className="beneath mono" title={words.route}>
                  {entry.route}
                </span>
              </>
            );
          },
        },
        { head: words.who, cell: (entry) => <Who entry={entry} /> },
        { head: words.where, cell: (entry) => <Where entry={entry} /> },
      ]}
    />
  );
}

function Who({ entry }: { entry: AuditEntry }) {
  const words = useWords(auditWords);
  if (entry.person !== null) {
    return (
      <>
        {entry.person.name}
        <span className="beneath">{entry.person.email}</span>
      </>
    );
  }
  if (entry.key === null) return <span className="faint">{words.unknown}</span>;
  return <span className="faint">{entry.key === 'local' ? words.localKey : words.key(entry.key)}</span>;
}

function Where({ entry }: { entry: AuditEntry }) {
  const words = useWords(auditWords);
  const device = useDevice();
  const country = useCountry();
  return (
    <>
      {entry.address === null ? <span className="faint">{words.gone}</span> : <code>{entry.address}</code>}
      <span className="beneath">
        {[entry.country === null ? '' : country(entry.country), device(entry.device)]
          .filter((part) => part !== '')
          .join(', ')}
      </span>
    </>
  );
}

function Export({ filter }: { filter: AuditFilter }) {
  const words = useWords(auditWords);
  const exporting = useMutation({
    mutationFn: (format: 'csv' | 'json') =>
      call(makeExport, { body: { kind: 'audit-trail', format, parameters: { ...filter } } }),
  });
  return (
    <section className="part">
      <h2>{words.export}</h2>
      <p className="explains">{words.exportText}</p>
      <p className="row-of-acts">
        {(['csv', 'json'] as const).map((as) => (
          <button
            key={as}
            type="button"
            className="button"
            disabled={exporting.isPending}
            onClick={() => exporting.mutate(as)}
          >
            {exporting.isPending && exporting.variables === as ? words.exporting : words[as]}
          </button>
        ))}
        <span role="status">
          {exporting.isSuccess ? (
            <>
              {words.exported} <Link to="/exports">{words.toExports}</Link>
            </>
          ) : null}
        </span>
      </p>
      {exporting.error === null ? null : <Problem error={exporting.error} />}
    </section>
  );
}
