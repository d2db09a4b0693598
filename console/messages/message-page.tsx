import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type readMessage, resendMessage } from '../../server/messages/contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { Source } from '../look/source.tsx';
import { MailPage } from './mail-page.tsx';
import { MessageMark } from './message-state.tsx';
import { messageQuery } from './queries.ts';
import { messagesWords } from './words.ts';
import './messages.css';

const route = getRouteApi('/messages/$message');
type Message = (typeof readMessage.answer)['_output'];

/** One message with its address and content; looking at it is recorded. */
export function MessagePage() {
  const words = useWords(messagesWords).one;
  const { message } = route.useParams();
  const query = useQuery(messageQuery(message));
  useTitle(query.data?.subject ?? query.data?.template ?? '');
  return (
    <div className="page">
      <Link to="/messages" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.what} isPage>
        {(found) => <Shown message={found} />}
      </Loaded>
    </div>
  );
}

function Shown({ message }: { message: Message }) {
  const all = useWords(messagesWords);
  const words = all.one;
  const may = useMay('messages:approve');
  return (
    <>
      <header className="page-head">
        <h1>{message.subject ?? message.template}</h1>
        <p className="lede">
          <MessageMark state={message.state} />
          {message.reason === null ? null : `, ${all.reasons[message.reason]}`}
        </p>
      </header>
      <Facts of={message} />
      {may && message.resendable ? <Resend message={message} /> : null}
      <section className="part">
        <h2>{words.content}</h2>
        {message.sealed ? <p className="explains">{words.sealed}</p> : null}
        {message.html === null ? null : <MailPage html={message.html} label={words.asPage} />}
        {message.text === null ? null : (
          <details className="figures-of">
            <summary>{words.asText}</summary>
            <Source text={message.text} label={words.asText} wraps />
          </details>
        )}
      </section>
    </>
  );
}

function Facts({ of: message }: { of: Message }) {
  const all = useWords(messagesWords);
  const words = all.one;
  const format = useFormat();
  const moments = [
    [words.queued, message.queuedAt],
    [words.sent, message.sentAt],
    [words.bounced, message.bouncedAt],
    [words.failed, message.failedAt],
    [words.purged, message.purgedAt],
  ] as const;
  const texts = [
    [words.to, message.recipient],
    [words.from, message.from],
    [words.replyTo, message.replyTo],
    [all.log.template, message.template],
    [all.log.category, all.categories[message.category]],
    [words.reply, message.reply],
    [words.attempts, format.number(message.attempts)],
    [words.messageId, message.messageId],
  ] as const;
  return (
    <dl className="facts">
      {texts.map(([word, text]) =>
        text === null ? null : (
          <div key={word} className="fact">
            <dt>{word}</dt>
            <dd>{text}</dd>
          </div>
        ),
      )}
      {moments.map(([word, at]) =>
        at === null ? null : (
          <div key={word} className="fact">
            <dt>{word}</dt>
            <dd>
              <Instant at={at} />
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Resend({ message }: { message: Message }) {
  const words = useWords(messagesWords).one;
  const client = useQueryClient();
  const [to, setTo] = useState(message.recipient ?? '');
  const resending = useMutation({
    mutationFn: () => call(resendMessage, { params: { message: message.id }, body: { to: to.trim() } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['messages'] }),
  });
  return (
    <section className="part">
      <h2>{words.resend}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!resending.isPending) resending.mutate();
        }}
      >
        <Field label={words.resendTo} hint={words.resendHint}>
          {(id, hintId) => (
            <input
              id={id}
              aria-describedby={hintId}
              type="email"
              className="input"
              required
              maxLength={254}
              autoComplete="off"
              value={to}
              onChange={(event) => setTo(event.target.value)}
            />
          )}
        </Field>
        {resending.error === null ? null : <Problem error={resending.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button" disabled={resending.isPending}>
            {resending.isPending ? words.resending : words.resendAct}
          </button>
          <span role="status">{resending.isSuccess ? words.resent : ''}</span>
        </p>
      </form>
    </section>
  );
}
