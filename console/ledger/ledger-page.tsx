import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useId } from 'react';
import type { Entry } from '../../server/ledger/contract.ts';
import { type EntryKind, entryKinds, entryKindTable } from '../../server/ledger/kinds-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { ActorName } from '../frame/actor.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { StatusShape } from '../policy/status.tsx';
import { policyWords } from '../policy/words.ts';
import { entriesQuery } from './queries.ts';
import { ledgerWords } from './words.ts';
import './ledger.css';

const route = getRouteApi('/ledger');

/** Entries of the ledger, newest first, by kind if the address says so. */
export function LedgerPage() {
  const words = useWords(ledgerWords);
  useTitle(words.title);
  const search = route.useSearch();
  const kind = entryKinds.find((each) => each === search.kind);
  const query = useQuery(entriesQuery(kind, search.after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <KindFilter kind={kind} />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty kind={kind} /> : <Entries entries={items} />}
            <Pager after={search.after} next={next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function KindFilter({ kind }: { kind: EntryKind | undefined }) {
  const words = useWords(ledgerWords);
  const language = useLanguage();
  const navigate = route.useNavigate();
  const id = useId();
  return (
    <p className="row-of-acts kind-filter">
      <label htmlFor={id}>{words.kind}</label>
      <select
        id={id}
        className="input short"
        value={kind ?? ''}
        onChange={(event) => {
          const chosen = entryKinds.find((each) => each === event.target.value);
          void navigate({ search: chosen === undefined ? {} : { kind: chosen } });
        }}
      >
        <option value="">{words.allKinds}</option>
        {entryKinds.map((each) => (
          <option key={each} value={each}>
            {entryKindTable[each].label[language]}
          </option>
        ))}
      </select>
    </p>
  );
}

function Entries({ entries }: { entries: readonly Entry[] }) {
  const words = useWords(ledgerWords);
  const statuses = useWords(policyWords).status;
  const language = useLanguage();
  const format = useFormat();
  return (
    <SetTable
      label={words.entries}
      rows={entries}
      keyOf={(entry) => entry.id}
      columns={[
        {
          head: words.index,
          isFigure: true,
          cell: (entry) => (entry.index === null ? words.noIndex : format.number(entry.index)),
        },
        {
          head: words.kind,
          isHead: true,
          cell: (entry) => (
            <>
              <Link to="/ledger/entries/$entry" params={{ entry: entry.id }}>
                {entryKindTable[entry.kind].label[language]}
              </Link>{' '}
              <span className="faint said">{shortBody(entry, statuses)}</span>
            </>
          ),
        },
        { head: words.at, cell: (entry) => <Instant at={entry.at} /> },
        { head: words.actor, cell: (entry) => <ActorName actor={entry.actor} /> },
        { head: words.state, cell: (entry) => <EntryState state={entry.state} /> },
      ]}
    />
  );
}

const shapes: Readonly<Record<Entry['state'], Status>> = { pending: 'unproven', sequenced: 'due', signed: 'kept' };

/** How far an entry is on its way to a receipt. */
export function EntryState({ state }: { state: Entry['state'] }) {
  const words = useWords(ledgerWords);
  return (
    <span className={`status ${shapes[state]}`} title={words.stateMeans[state]}>
      <StatusShape status={shapes[state]} />
      {words.states[state]}
    </span>
  );
}

const statusNames = ['kept', 'due', 'broken', 'unproven'] as const satisfies readonly Status[];

/** The words of an entry's body that a person tells entries apart by: the promise, the dataset, the account. */
function shortBody(entry: Entry, statuses: Readonly<Record<Status, string>>): string {
  const { body } = entry;
  if (typeof body !== 'object' || body === null) return '';
  const telling = new Map(Object.entries(body));
  return ['promise', 'status', 'dataset', 'account', 'template', 'type']
    .flatMap((name) => {
      const value = telling.get(name);
      if (typeof value !== 'string') return [];
      const status = statusNames.find((each) => name === 'status' && each === value);
      return [status === undefined ? value : statuses[status].toLowerCase()];
    })
    .join(', ');
}

function Empty({ kind }: { kind: EntryKind | undefined }) {
  const words = useWords(ledgerWords);
  if (kind !== undefined) return <p className="faint">{words.emptyKind}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
    </div>
  );
}
