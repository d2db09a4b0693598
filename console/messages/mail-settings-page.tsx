import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeSender, type readSender } from '../../server/messages/sender-contract.ts';
import { call } from '../api.ts';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { Mailboxes } from './mailboxes.tsx';
import { senderQuery } from './queries.ts';
import { messagesWords } from './words.ts';

type Sender = (typeof readSender.answer)['_output'];

/** In whose name the organisation writes, and where it is written to. */
export function MailSettingsPage() {
  const words = useWords(messagesWords).settings;
  useTitle(words.title);
  const query = useQuery(senderQuery);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <section className="part">
        <h2>{words.sender}</h2>
        <p className="explains">{words.senderText}</p>
        <Loaded query={query} what={words.senderWhat}>
          {(sender) => <SenderForm sender={sender} />}
        </Loaded>
      </section>
      {useMay('mailboxes:read') ? <Mailboxes /> : null}
    </div>
  );
}

function SenderForm({ sender }: { sender: Sender }) {
  const words = useWords(messagesWords).settings;
  const may = useMay('messages:approve');
  const client = useQueryClient();
  // Until somebody types, what was saved elsewhere is what stands here.
  const [edited, setEdited] = useState<{ fromName: string; replyTo: string }>();
  const draft = edited ?? { fromName: sender.fromName ?? '', replyTo: sender.replyTo ?? '' };
  const textOf = (written: string) => (written.trim() === '' ? null : written.trim());
  const saving = useMutation({
    mutationFn: () =>
      call(changeSender, { body: { fromName: textOf(draft.fromName), replyTo: textOf(draft.replyTo) } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['messages'] });
      setEdited(undefined);
    },
  });
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) saving.mutate();
      }}
    >
      <dl className="facts mail-head">
        <dt>{words.now}</dt>
        <dd>{sender.from}</dd>
      </dl>
      <Field label={words.fromName} hint={words.fromNameHint}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            className="input"
            maxLength={80}
            autoComplete="off"
            disabled={!may}
            value={draft.fromName}
            onChange={(event) => setEdited({ ...draft, fromName: event.target.value })}
          />
        )}
      </Field>
      <Field label={words.replyTo} hint={words.replyToHint}>
        {(id, hintId) => (
          <input
            id={id}
            aria-describedby={hintId}
            type="email"
            className="input"
            maxLength={254}
            autoComplete="off"
            disabled={!may}
            value={draft.replyTo}
            onChange={(event) => setEdited({ ...draft, replyTo: event.target.value })}
          />
        )}
      </Field>
      {saving.error === null ? null : <Problem error={saving.error} />}
      {may ? (
        <p className="row-of-acts">
          <button type="submit" className="button first" disabled={saving.isPending || edited === undefined}>
            {saving.isPending ? words.saving : words.save}
          </button>
          <span role="status" className="faint">
            {saving.isSuccess && edited === undefined ? words.saved : ''}
          </span>
        </p>
      ) : null}
    </form>
  );
}
