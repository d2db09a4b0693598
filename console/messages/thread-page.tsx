import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import {
  type Attachment,
  changeThread,
  linkAttachment,
  type Mail,
  replyInThread,
  type Thread,
  type ThreadState,
} from '../../server/messages/mailbox-contract.ts';
import { someMembersQuery } from '../access/queries.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { threadQuery } from './mail-queries.ts';
import { mailWords } from './mail-words.ts';
import { ThreadMark } from './threads-page.tsx';
import './messages.css';

const route = getRouteApi('/messages/threads/$thread');

/** One conversation, newest mail first, and the answer to it. */
export function ThreadPage() {
  const words = useWords(mailWords).thread;
  const { thread } = route.useParams();
  const { after } = route.useSearch();
  const query = useQuery(threadQuery(thread, after));
  useTitle(query.data?.thread.subject ?? words.noSubject);
  return (
    <div className="page">
      <Link to="/messages/threads" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {(found) => (
          <>
            <Head thread={found.thread} />
            <Reply thread={found.thread} />
            <ol className="mails">
              {found.mails.items.map((mail) => (
                <li key={mail.id}>
                  <OneMail mail={mail} />
                </li>
              ))}
            </ol>
            <Pager after={after} next={found.mails.next} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Head({ thread }: { thread: Thread }) {
  const words = useWords(mailWords).thread;
  const { correspondent } = thread;
  return (
    <>
      <header className="page-head">
        <h1>{thread.subject ?? words.noSubject}</h1>
        <p className="lede">
          <ThreadMark state={thread.state} />
        </p>
      </header>
      <dl className="facts">
        {correspondent === null ? null : (
          <>
            <dt>{words.with}</dt>
            <dd>
              {correspondent.name} {correspondent.mailAddress}
            </dd>
          </>
        )}
        <dt>{words.opened}</dt>
        <dd>
          <Instant at={thread.openedAt} />
        </dd>
      </dl>
      {useMay('mail:write') ? <Handling thread={thread} /> : null}
    </>
  );
}

function Handling({ thread }: { thread: Thread }) {
  const words = useWords(mailWords).thread;
  const { nobody } = useWords(mailWords).threads;
  const client = useQueryClient();
  const members = useQuery(someMembersQuery).data?.items ?? [];
  const changing = useMutation({
    mutationFn: (changed: { state?: ThreadState; assignee?: string | null }) =>
      call(changeThread, { params: { thread: thread.id }, body: changed }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['messages', 'threads'] }),
  });
  const act = (state: ThreadState, word: string) => (
    <button type="button" className="button" disabled={changing.isPending} onClick={() => changing.mutate({ state })}>
      {word}
    </button>
  );
  return (
    <section className="part" aria-label={words.assignedTo}>
      <Field label={words.assignedTo}>
        {(id) => (
          <select
            id={id}
            className="input short"
            value={thread.assignee ?? ''}
            disabled={changing.isPending}
            onChange={(event) => changing.mutate({ assignee: event.target.value === '' ? null : event.target.value })}
          >
            <option value="">{nobody}</option>
            {members.map(({ person, name }) => (
              <option key={person} value={person}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <p className="row-of-acts">
        {thread.state === 'open' ? act('closed', words.close) : act('open', words.reopen)}
        {thread.state === 'open' ? act('dismissed', words.dismiss) : null}
      </p>
      {changing.error === null ? null : <Problem error={changing.error} />}
    </section>
  );
}

function Reply({ thread }: { thread: Thread }) {
  const words = useWords(mailWords).thread;
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [closes, setCloses] = useState(false);
  // The same key until it went, so that pressing twice answers once.
  const [key, setKey] = useState(() => crypto.randomUUID());
  const replying = useMutation({
    mutationFn: () =>
      call(replyInThread, {
        params: { thread: thread.id },
        body: { text: text.trim(), idempotencyKey: key, closes },
      }),
    onSuccess: async () => {
      setText('');
      setCloses(false);
      setKey(crypto.randomUUID());
      await client.invalidateQueries({ queryKey: ['messages', 'threads'] });
    },
  });
  if (!useMay('mail:write') || thread.correspondent === null) return null;
  return (
    <section className="part">
      <h2>{words.reply}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!replying.isPending) replying.mutate();
        }}
      >
        <Field label={words.replyText}>
          {(id) => (
            <textarea
              id={id}
              className="input"
              required
              rows={8}
              maxLength={50_000}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <label className="choice">
          <input type="checkbox" checked={closes} onChange={(event) => setCloses(event.target.checked)} />
          {words.closes}
        </label>
        {replying.error === null ? null : <Problem error={replying.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button first" disabled={replying.isPending || text.trim() === ''}>
            {replying.isPending ? words.sending : words.send}
          </button>
          <span role="status">{replying.isSuccess && text === '' ? words.sent : ''}</span>
        </p>
      </form>
    </section>
  );
}

function OneMail({ mail }: { mail: Mail }) {
  const words = useWords(mailWords).thread;
  return (
    <article className={mail.kind === 'reply' ? 'mail ours' : 'mail'}>
      <header className="says">
        <strong>{words.kinds[mail.kind]}</strong>
        {mail.from === null ? null : (
          <span>
            {mail.from.name} {mail.from.mailAddress}
          </span>
        )}
        <Instant at={mail.receivedAt} />
        {mail.bounceCode === null ? null : <code>{mail.bounceCode}</code>}
        {mail.message === null || mail.delivery === null ? null : (
          <Link to="/messages/$message" params={{ message: mail.message }}>
            {mail.delivery}
          </Link>
        )}
      </header>
      {mail.defects.map((defect) => (
        <p key={defect} className="faint">
          {words.defects[defect]}
        </p>
      ))}
      {mail.wasPage ? <p className="faint">{words.wasPage}</p> : null}
      {mail.text === null ? <p className="faint">{words.purged}</p> : <div className="mail-text">{mail.text}</div>}
      {mail.attachments.length === 0 ? null : (
        <section>
          <h3>{words.attachments}</h3>
          <ul className="lines">
            {mail.attachments.map((attachment) => (
              <li key={attachment.id}>
                <OneAttachment attachment={attachment} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </article>
  );
}

function OneAttachment({ attachment }: { attachment: Attachment }) {
  const words = useWords(mailWords).thread;
  const format = useFormat();
  const { id, name, bytes, mediaType, available, expiresAt } = attachment;
  const linking = useMutation({
    mutationFn: () => call(linkAttachment, { params: { attachment: id } }),
    onSuccess: ({ path }) => {
      const link = document.createElement('a');
      link.href = path;
      link.download = name ?? '';
      link.click();
    },
  });
  return (
    <>
      <span>
        {name ?? words.gone}
        <span className="beneath">
          {mediaType}, {format.bytes(bytes)},{' '}
          {available ? (
            <>
              {words.until} <Day at={expiresAt} />
            </>
          ) : (
            words.gone
          )}
        </span>
      </span>
      {available ? (
        <button type="button" className="button" disabled={linking.isPending} onClick={() => linking.mutate()}>
          {words.download}
        </button>
      ) : null}
      {linking.error === null ? null : <Problem error={linking.error} />}
    </>
  );
}
