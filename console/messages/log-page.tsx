import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { listMessages } from '../../server/messages/contract.ts';
import { FilterBy, Filters, LabelledFilter } from '../frame/filters.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { dayAfter, Instant, startOfDay, useZone } from '../language/format.tsx';
import { languageNames, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { SetTable } from '../look/set-table.tsx';
import { MessageMark } from './message-state.tsx';
import { type MessageFilter, messagesQuery, messagesToQuery, templatesQuery } from './queries.ts';
import { messagesWords } from './words.ts';
import './messages.css';

type Message = (typeof listMessages.answer)['_output']['items'][number];

const route = getRouteApi('/messages');
const states = ['queued', 'sent', 'bounced', 'failed'] as const;
const categories = ['transactional', 'legal', 'announcement'] as const;

/** Every message, what it was and what became of it; to one address for who may look for it. */
export function MailLogPage() {
  const words = useWords(messagesWords).log;
  useTitle(words.title);
  const [recipient, setRecipient] = useState('');
  const may = useMay('messages:audit');
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      {may ? <RecipientSearch recipient={recipient} onSearch={setRecipient} /> : null}
      {recipient === '' ? <Log /> : <ToRecipient recipient={recipient} />}
    </div>
  );
}

function Log() {
  const words = useWords(messagesWords).log;
  const search = route.useSearch();
  const zone = useZone();
  const { after, state, category, template, from, to } = search;
  const filter: MessageFilter = {
    ...(state === undefined ? {} : { state }),
    ...(category === undefined ? {} : { category }),
    ...(template === undefined ? {} : { template }),
    ...(from === undefined ? {} : { queuedFrom: startOfDay(from, zone) }),
    ...(to === undefined ? {} : { queuedBefore: startOfDay(dayAfter(to), zone) }),
  };
  const isFiltered = Object.keys(filter).length > 0;
  const query = useQuery(messagesQuery(filter, after));
  return (
    <>
      <Search isFiltered={isFiltered} />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length > 0 ? <MessagesTable messages={items} /> : <Empty isFiltered={isFiltered} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
    </>
  );
}

function ToRecipient({ recipient }: { recipient: string }) {
  const words = useWords(messagesWords).log;
  const query = useQuery(messagesToQuery(recipient));
  return (
    <Loaded query={query} what={words.what}>
      {({ items }) => (items.length > 0 ? <MessagesTable messages={items} /> : <Empty isFiltered />)}
    </Loaded>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords(messagesWords).log;
  if (isFiltered) return <p className="faint">{words.none}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
    </div>
  );
}

/** The address goes in the body of a call, never into the address of the page. */
function RecipientSearch({ recipient, onSearch }: { recipient: string; onSearch: (recipient: string) => void }) {
  const words = useWords(messagesWords).log;
  const [typed, setTyped] = useState('');
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch(typed.trim());
      }}
    >
      <Field label={words.recipient} hint={words.recipientHint}>
        {(id, hintId) => (
          <span className="row-of-acts">
            <input
              id={id}
              aria-describedby={hintId}
              type="email"
              className="input short"
              required
              maxLength={254}
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <button type="submit" className="button">
              {words.search}
            </button>
            {recipient === '' ? null : (
              <button type="button" className="button plain" onClick={() => onSearch('')}>
                {words.stopSearch}
              </button>
            )}
          </span>
        )}
      </Field>
    </form>
  );
}

function Search({ isFiltered }: { isFiltered: boolean }) {
  const all = useWords(messagesWords);
  const words = all.log;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const templates = useQuery(templatesQuery).data?.items ?? [];
  const change = (field: 'state' | 'category' | 'template' | 'from' | 'to') => (value: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, after: undefined, [field]: value }), replace: true });
  return (
    <Filters label={words.find} isFiltered={isFiltered}>
      <FilterBy
        label={words.state}
        all={words.all}
        value={search.state}
        options={states.map((state) => ({ value: state, word: all.states[state] }))}
        onChange={change('state')}
      />
      <FilterBy
        label={words.category}
        all={words.all}
        value={search.category}
        options={categories.map((category) => ({ value: category, word: all.categories[category] }))}
        onChange={change('category')}
      />
      <FilterBy
        label={words.template}
        all={words.all}
        value={search.template}
        options={templates.map(({ name }) => ({ value: name, word: name }))}
        onChange={change('template')}
      />
      {(['from', 'to'] as const).map((field) => (
        <LabelledFilter key={field} label={words[field]}>
          {(id) => (
            <input
              id={id}
              type="date"
              className="input"
              value={search[field] ?? ''}
              onChange={(event) => change(field)(event.target.value === '' ? undefined : event.target.value)}
            />
          )}
        </LabelledFilter>
      ))}
    </Filters>
  );
}

function MessagesTable({ messages }: { messages: readonly Message[] }) {
  const all = useWords(messagesWords);
  const words = all.log;
  const may = useMay('messages:audit');
  return (
    <SetTable
      label={words.title}
      rows={messages}
      keyOf={({ id }) => id}
      columns={[
        {
          head: words.template,
          isHead: true,
          cell: ({ id, template, category, language }) => (
            <>
              {may ? (
                <Link to="/messages/$message" params={{ message: id }}>
                  <code>{template}</code>
                </Link>
              ) : (
                <code>{template}</code>
              )}
              <span className="beneath">
                {all.categories[category]}, {languageNames[language]}
              </span>
            </>
          ),
        },
        { head: words.queued, cell: ({ queuedAt }) => <Instant at={queuedAt} /> },
        {
          head: words.state,
          cell: ({ state, reason, reply }) => (
            <>
              <MessageMark state={state} />
              {reason === null ? null : (
                <span className="beneath">
                  {all.reasons[reason]}
                  {reply === null ? null : ` (${reply})`}
                </span>
              )}
            </>
          ),
        },
        { head: words.sent, cell: ({ sentAt }) => (sentAt === null ? null : <Instant at={sentAt} />) },
        {
          head: words.next,
          cell: ({ nextAttemptAt }) => (nextAttemptAt === null ? null : <Instant at={nextAttemptAt} />),
        },
      ]}
    />
  );
}
