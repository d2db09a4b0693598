import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { Thread, ThreadState } from '../../server/messages/mailbox-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { someMembersQuery } from '../access/queries.ts';
import { FilterBy, Filters, LabelledFilter } from '../frame/filters.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Marked } from '../policy/status.tsx';
import { type ThreadFilter, threadsQuery } from './mail-queries.ts';
import { mailWords } from './mail-words.ts';

const route = getRouteApi('/messages/threads');
const states = ['open', 'closed', 'dismissed'] as const;
const shapes: Readonly<Record<ThreadState, Status>> = { open: 'due', closed: 'kept', dismissed: 'unproven' };

export function ThreadMark({ state }: { state: ThreadState }) {
  return <Marked as={shapes[state]}>{useWords(mailWords).states[state]}</Marked>;
}

/** What people wrote and what was answered, the latest first. */
export function ThreadsPage() {
  const words = useWords(mailWords).threads;
  useTitle(words.title);
  const { after, state, assignee, waiting, q } = route.useSearch();
  const filter: ThreadFilter = {
    ...(state === undefined ? {} : { state }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(waiting === undefined ? {} : { awaitsReply: waiting === 'yes' ? ('true' as const) : ('false' as const) }),
    ...(q === undefined ? {} : { search: q }),
  };
  const isFiltered = Object.keys(filter).length > 0;
  const query = useQuery(threadsQuery(filter, after));
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
            {items.length > 0 ? <ThreadsTable threads={items} /> : <Empty isFiltered={isFiltered} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(mailWords).threads;
  const may = useMay('mailboxes:read');
  if (isFiltered) return <p className="faint">{words.none}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
      {may ? (
        <Link to="/messages/settings" className="button">
          {words.empty.act}
        </Link>
      ) : null}
    </div>
  );
}

function Search({ isFiltered }: { isFiltered: boolean }) {
  const all = useWords(mailWords);
  const words = all.threads;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const members = useQuery(someMembersQuery).data?.items ?? [];
  const change = (field: 'state' | 'assignee' | 'waiting' | 'q') => (value: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, after: undefined, [field]: value }), replace: true });
  return (
    <Filters label={words.find} isFiltered={isFiltered}>
      <LabelledFilter label={words.search}>
        {(id) => (
          <input
            key={search.q}
            id={id}
            type="search"
            className="input"
            maxLength={200}
            defaultValue={search.q ?? ''}
            onBlur={(event) => {
              const written = event.target.value.trim();
              if (written !== (search.q ?? '')) change('q')(written === '' ? undefined : written);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter') event.currentTarget.blur();
            }}
          />
        )}
      </LabelledFilter>
      <FilterBy
        label={words.state}
        all={words.all}
        value={search.state}
        options={states.map((state) => ({ value: state, word: all.states[state] }))}
        onChange={change('state')}
      />
      <FilterBy
        label={words.assignee}
        all={words.all}
        value={search.assignee}
        options={[
          { value: 'nobody', word: words.nobody },
          ...members.map(({ person, name }) => ({ value: String(person), word: name })),
        ]}
        onChange={change('assignee')}
      />
      <FilterBy
        label={words.waiting}
        all={words.all}
        value={search.waiting}
        options={[
          { value: 'yes', word: words.yes },
          { value: 'no', word: words.no },
        ]}
        onChange={change('waiting')}
      />
    </Filters>
  );
}

function ThreadsTable({ threads }: { threads: readonly Thread[] }) {
  const words = useWords(mailWords);
  const format = useFormat();
  return (
    <SetTable
      label={words.threads.title}
      rows={threads}
      keyOf={({ id }) => id}
      columns={[
        {
          head: words.threads.subject,
          isHead: true,
          cell: ({ id, subject, purgedAt, awaitsReply }) => (
            <>
              <Link to="/messages/threads/$thread" params={{ thread: id }}>
                {purgedAt === null ? (subject ?? words.thread.noSubject) : words.threads.purged}
              </Link>
              {awaitsReply ? <span className="beneath">{words.threads.waiting}</span> : null}
            </>
          ),
        },
        {
          head: words.threads.correspondent,
          cell: ({ correspondent }) =>
            correspondent === null ? null : (
              <>
                {correspondent.name === '' ? correspondent.mailAddress : correspondent.name}
                {correspondent.name === '' ? null : <span className="beneath">{correspondent.mailAddress}</span>}
              </>
            ),
        },
        { head: words.threads.state, cell: ({ state }) => <ThreadMark state={state} /> },
        { head: words.threads.mails, isFigure: true, cell: ({ mails }) => format.number(mails) },
        { head: words.threads.last, cell: ({ lastMailAt }) => <Instant at={lastMailAt} /> },
      ]}
    />
  );
}
