import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { draftNotice, type NoticeState, type NoticeSummary } from '../../server/messages/notices-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { call } from '../api.ts';
import { FilterBy, Filters } from '../frame/filters.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { useFormat } from '../language/format.tsx';
import { useLanguage, useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Marked } from '../policy/status.tsx';
import { blankNotice, noticeDraftOf } from './notice-draft.ts';
import { NoticeForm } from './notice-form.tsx';
import { audiencesQuery, type NoticeFilter, noticesQuery } from './notice-queries.ts';
import { noticeWords } from './notice-words.ts';

const route = getRouteApi('/messages/notices');
const states = ['draft', 'announced', 'in-force', 'cancelled'] as const;
const shapes: Readonly<Record<NoticeState, Status>> = {
  draft: 'unproven',
  announced: 'due',
  'in-force': 'kept',
  cancelled: 'unproven',
};

export function NoticeMark({ state }: { state: NoticeState }) {
  return <Marked as={shapes[state]}>{useWords(noticeWords).states[state]}</Marked>;
}

/** Notices, newest first. */
export function NoticesPage() {
  const words = useWords(noticeWords);
  useTitle(words.title);
  const { after, state } = route.useSearch();
  const navigate = route.useNavigate();
  const filter: NoticeFilter = state === undefined ? {} : { state };
  const isFiltered = state !== undefined;
  const query = useQuery(noticesQuery(filter, after));
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      {useMay('messages:write') ? (
        <p className="row-of-acts before-list">
          <Link to="/messages/notices/new" className="button">
            {words.make}
          </Link>
        </p>
      ) : null}
      <Filters label={words.find} isFiltered={isFiltered}>
        <FilterBy
          label={words.state}
          all={words.all}
          value={state}
          options={states.map((each) => ({ value: each, word: words.states[each] }))}
          onChange={(value) =>
            void navigate({
              search: { state: states.find((each) => each === value) },
              replace: true,
            })
          }
        />
      </Filters>
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length > 0 ? <NoticesTable notices={items} /> : <Empty isFiltered={isFiltered} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(noticeWords);
  if (isFiltered) return <p className="faint">{words.none}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
      <p className="faint">{words.empty.example}</p>
    </div>
  );
}

function NoticesTable({ notices }: { notices: readonly NoticeSummary[] }) {
  const words = useWords(noticeWords);
  const language = useLanguage();
  const format = useFormat();
  const audiences = useQuery(audiencesQuery).data?.items ?? [];
  const audienceOf = (name: string) => audiences.find((each) => each.name === name)?.label[language] ?? name;
  return (
    <SetTable
      label={words.title}
      rows={notices}
      keyOf={({ id }) => id}
      columns={[
        {
          head: words.notice,
          isHead: true,
          cell: ({ id, title, mainLanguage, reason }) => (
            <>
              <Link to="/messages/notices/$notice" params={{ notice: id }} lang={mainLanguage}>
                {title}
              </Link>
              <span className="beneath">{words.reasons[reason]}</span>
            </>
          ),
        },
        { head: words.state, cell: ({ state }) => <NoticeMark state={state} /> },
        { head: words.audience, cell: ({ audience }) => audienceOf(audience.name) },
        {
          head: words.effective,
          cell: ({ effectiveOn }) => (effectiveOn === null ? null : format.day(`${effectiveOn}T12:00:00Z`)),
        },
      ]}
    />
  );
}

/** The form that makes a draft. */
export function NewNoticePage() {
  const words = useWords(noticeWords);
  useTitle(words.form.newTitle);
  const client = useQueryClient();
  const navigate = useNavigate();
  const language = useLanguage();
  const [fields, setFields] = useState(() => blankNotice(language));
  const saving = useMutation({
    mutationFn: () => call(draftNotice, { body: noticeDraftOf(fields) }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['messages', 'notices'] });
      await navigate({ to: '/messages/notices/$notice', params: { notice: id } });
    },
  });
  return (
    <div className="page">
      <Link to="/messages/notices" className="way-back">
        ← {words.back}
      </Link>
      <header className="page-head">
        <h1>{words.form.newTitle}</h1>
        <p className="lede">{words.empty.text}</p>
      </header>
      <NoticeForm fields={fields} saving={saving} onChange={setFields} onSave={() => saving.mutate()} />
    </div>
  );
}
