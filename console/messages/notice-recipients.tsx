import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { NoticeRecipient, RecipientState } from '../../server/messages/notices-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { FilterBy, Filters, LabelledFilter } from '../frame/filters.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { Instant } from '../language/format.tsx';
import { languageNames, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Marked } from '../policy/status.tsx';
import { type RecipientFilter, recipientsQuery } from './notice-queries.ts';
import { noticeWords } from './notice-words.ts';

const route = getRouteApi('/messages/notices/$notice');
const states = ['waiting', 'sent', 'bounced', 'failed', 'opted-out', 'without-address', 'placed'] as const;
const shapes: Readonly<Record<RecipientState, Status>> = {
  waiting: 'due',
  sent: 'kept',
  placed: 'kept',
  bounced: 'broken',
  failed: 'broken',
  'opted-out': 'unproven',
  'without-address': 'unproven',
};

/**
 * What became of a notice for each recipient, who is named by the organisation's own reference.
 * @param isMoving whether people are still being told
 */
export function NoticeRecipients({ notice, isMoving }: { notice: string; isMoving: boolean }) {
  const { all, recipients: words } = useWords(noticeWords);
  const { after, state, seen, reference } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (field: 'state' | 'seen' | 'reference') => (value: string | undefined) =>
    void navigate({
      search: (before) => ({ ...before, after: undefined, [field]: value }),
      replace: true,
      resetScroll: false,
    });
  const filter: RecipientFilter = {
    ...(state === undefined ? {} : { state }),
    ...(seen === undefined ? {} : { seen: seen === 'yes' ? ('true' as const) : ('false' as const) }),
    ...(reference === undefined ? {} : { reference }),
  };
  const query = useQuery({ ...recipientsQuery(notice, filter, after), refetchInterval: isMoving ? 3_000 : false });
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <Filters label={words.find} isFiltered={Object.keys(filter).length > 0}>
        <FilterBy
          label={words.state}
          all={all}
          value={state}
          options={states.map((each) => ({ value: each, word: words.states[each] }))}
          onChange={change('state')}
        />
        <FilterBy
          label={words.seen}
          all={all}
          value={seen}
          options={[
            { value: 'yes', word: words.yes },
            { value: 'no', word: words.no },
          ]}
          onChange={change('seen')}
        />
        <LabelledFilter label={words.begins}>
          {(id) => (
            <input
              key={reference}
              id={id}
              className="input mono"
              maxLength={200}
              defaultValue={reference ?? ''}
              onBlur={(event) => {
                const written = event.target.value.trim();
                if (written !== (reference ?? '')) change('reference')(written === '' ? undefined : written);
              }}
              onKeyDown={(event) => {
                if (event.key === 'Enter') event.currentTarget.blur();
              }}
            />
          )}
        </LabelledFilter>
      </Filters>
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <p className="faint">{words.none}</p> : <Table recipients={items} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Table({ recipients }: { recipients: readonly NoticeRecipient[] }) {
  const words = useWords(noticeWords).recipients;
  const may = useMay('messages:audit');
  return (
    <SetTable
      label={words.title}
      rows={recipients}
      keyOf={({ reference }) => reference}
      columns={[
        { head: words.reference, isHead: true, cell: ({ reference }) => <code>{reference}</code> },
        {
          head: words.state,
          cell: ({ state, mailReason, message }) => (
            <>
              <Marked as={shapes[state]}>{words.states[state]}</Marked>
              {mailReason === null ? null : (
                <span className="beneath">
                  {may && message !== null ? (
                    <Link to="/messages/$message" params={{ message }}>
                      {mailReason}
                    </Link>
                  ) : (
                    mailReason
                  )}
                </span>
              )}
            </>
          ),
        },
        { head: words.language, cell: ({ language }) => languageNames[language] },
        {
          head: words.concluded,
          cell: ({ concludedAt }) => (concludedAt === null ? null : <Instant at={concludedAt} />),
        },
        { head: words.seen, cell: ({ seenAt }) => (seenAt === null ? null : <Instant at={seenAt} />) },
        {
          head: words.proof,
          cell: ({ commitment }) => <code title={commitment}>{commitment.slice(0, 8)}…</code>,
        },
      ]}
    />
  );
}
