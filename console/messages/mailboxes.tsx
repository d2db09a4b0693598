import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  addMailbox,
  changeMailbox,
  type Mailbox,
  readMailboxNow,
  removeMailbox,
  renewMailboxSecret,
} from '../../server/messages/mailbox-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { ShownOnce } from '../frame/shown-once.tsx';
import { Instant } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { Source } from '../look/source.tsx';
import { Marked } from '../policy/status.tsx';
import { mailboxesQuery } from './mail-queries.ts';
import { mailWords } from './mail-words.ts';
import { blankMailbox, draftOfMailbox, inputOf, type MailboxDraft } from './mailbox-draft.ts';
import { MailboxForm } from './mailbox-form.tsx';

const shapes: Readonly<Record<Mailbox['state'], Status>> = {
  reading: 'kept',
  waiting: 'due',
  failing: 'broken',
  paused: 'unproven',
};

/** The mailboxes of the data protection officer, each with how it is read, and the form that adds one. */
export function Mailboxes() {
  const words = useWords(mailWords).mailboxes;
  const query = useQuery(mailboxesQuery);
  const may = useMay('mailboxes:write');
  const [secret, setSecret] = useState<string>();
  return (
    <>
      <section className="part">
        <h2>{words.title}</h2>
        <p className="explains">{words.text}</p>
        {secret === undefined ? null : (
          <ShownOnce
            title={words.shown}
            text={words.shownText}
            secret={secret}
            label={words.shown}
            done={words.kept}
            onKept={() => setSecret(undefined)}
          />
        )}
        <Loaded query={query} what={words.what}>
          {({ items }) =>
            items.length === 0 ? (
              <p className="faint">{words.empty}</p>
            ) : (
              items.map((mailbox) => (
                <OneMailbox key={mailbox.id} mailbox={mailbox} mayChange={may} onSecret={setSecret} />
              ))
            )
          }
        </Loaded>
      </section>
      {may ? <Add onSecret={setSecret} /> : null}
    </>
  );
}

function OneMailbox({
  mailbox,
  mayChange,
  onSecret,
}: {
  mailbox: Mailbox;
  mayChange: boolean;
  onSecret: (secret: string) => void;
}) {
  const words = useWords(mailWords).mailboxes;
  const { probe, webhook } = mailbox;
  const moment = (at: string | null) => (at === null ? words.never : <Instant at={at} />);
  return (
    <article className="rule">
      <h3>{mailbox.name}</h3>
      <p>
        <Marked as={shapes[mailbox.state]}>{words.states[mailbox.state]}</Marked>
        {mailbox.error === null ? null : ` ${words.errors[mailbox.error]}`}
      </p>
      <dl className="facts">
        <dt>{words.mailAddress}</dt>
        <dd>
          {mailbox.mailAddress}, {words.kinds[mailbox.kind]}
        </dd>
        {mailbox.failingSince === null ? null : (
          <>
            <dt>{words.since}</dt>
            <dd>{moment(mailbox.failingSince)}</dd>
          </>
        )}
        <dt>{words.read}</dt>
        <dd>{moment(mailbox.readAt)}</dd>
        <dt>{words.received}</dt>
        <dd>{moment(mailbox.receivedAt)}</dd>
        <dt>{words.probe}</dt>
        <dd>
          {moment(probe.sentAt)}
          {probe.takenAt === null ? null : (
            <>
              , {words.probeTaken} <Instant at={probe.takenAt} />
            </>
          )}
        </dd>
      </dl>
      {webhook === null ? null : (
        <>
          <p className="faint">
            {words.path}, {words.ends(webhook.lastFour)}
          </p>
          <Source text={webhook.path} label={words.path} wraps />
        </>
      )}
      {mayChange ? <Acts mailbox={mailbox} onSecret={onSecret} /> : null}
    </article>
  );
}

function Acts({ mailbox, onSecret }: { mailbox: Mailbox; onSecret: (secret: string) => void }) {
  const words = useWords(mailWords).mailboxes;
  const client = useQueryClient();
  const [draft, setDraft] = useState<MailboxDraft>();
  const params = { mailbox: mailbox.id };
  const settled = { onSettled: () => client.invalidateQueries({ queryKey: ['messages', 'mailboxes'] }) };
  const reading = useMutation({ mutationFn: () => call(readMailboxNow, { params }), ...settled });
  const renewing = useMutation({
    mutationFn: () => call(renewMailboxSecret, { params }),
    onSuccess: ({ secret }) => onSecret(secret),
    ...settled,
  });
  const saving = useMutation({
    mutationFn: (wanted: MailboxDraft) => call(changeMailbox, { params, body: inputOf(wanted) }),
    onSuccess: () => setDraft(undefined),
    ...settled,
  });
  const error = reading.error ?? renewing.error;
  return (
    <>
      <p className="row-of-acts">
        {mailbox.kind === 'imap' ? (
          <button type="button" className="button" disabled={reading.isPending} onClick={() => reading.mutate()}>
            {words.readNow}
          </button>
        ) : (
          <button type="button" className="button" disabled={renewing.isPending} onClick={() => renewing.mutate()}>
            {words.renew}
          </button>
        )}
        <button
          type="button"
          className="button"
          aria-expanded={draft !== undefined}
          onClick={() => setDraft((open) => (open === undefined ? draftOfMailbox(mailbox) : undefined))}
        >
          {words.change}
        </button>
        <ActDialog
          button={words.remove}
          title={words.removeTitle(mailbox.name)}
          text={<p>{words.removeText}</p>}
          confirm={words.removeConfirm}
          pending={words.removeConfirm}
          destroys
          look="careful"
          onConfirm={async () => {
            await call(removeMailbox, { params });
            await client.invalidateQueries({ queryKey: ['messages', 'mailboxes'] });
          }}
        />
        <span role="status" className="faint">
          {reading.isSuccess ? words.readAsked : ''}
        </span>
      </p>
      {error === null ? null : <Problem error={error} />}
      {draft === undefined ? null : (
        <MailboxForm
          draft={draft}
          mailbox={mailbox.id}
          saving={saving}
          onChange={setDraft}
          onSave={() => saving.mutate(draft)}
        />
      )}
    </>
  );
}

function Add({ onSecret }: { onSecret: (secret: string) => void }) {
  const words = useWords(mailWords).mailboxes;
  const client = useQueryClient();
  const [draft, setDraft] = useState(blankMailbox);
  const adding = useMutation({
    mutationFn: () => call(addMailbox, { body: inputOf(draft) }),
    onSuccess: async ({ secret }) => {
      setDraft(blankMailbox);
      if (secret !== null) onSecret(secret);
      await client.invalidateQueries({ queryKey: ['messages', 'mailboxes'] });
    },
  });
  return (
    <section className="part">
      <h2>{words.add}</h2>
      <MailboxForm draft={draft} saving={adding} onChange={setDraft} onSave={() => adding.mutate()} />
    </section>
  );
}
