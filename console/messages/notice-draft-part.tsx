import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import {
  announceNotice,
  discardNotice,
  editNotice,
  giveList,
  type Notice,
  type NoticePreview,
} from '../../server/messages/notices-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useFormat } from '../language/format.tsx';
import { languageNames, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { MailPage } from './mail-page.tsx';
import { fieldsOf, type NoticeFields, noticeDraftOf } from './notice-draft.ts';
import { NoticeForm } from './notice-form.tsx';
import { noticePreviewQuery } from './notice-queries.ts';
import { noticeWords } from './notice-words.ts';

/** A draft: what it would do and what keeps it from going, then the form. */
export function NoticeDraftPart({ notice }: { notice: Notice }) {
  const words = useWords(noticeWords);
  const client = useQueryClient();
  const may = useMay('messages:write');
  // Until somebody types, what was saved elsewhere is what stands here.
  const [edited, setEdited] = useState<NoticeFields>();
  const preview = useQuery(noticePreviewQuery(notice.id, notice.revision));
  const saving = useMutation({
    mutationFn: (fields: NoticeFields) =>
      call(editNotice, {
        params: { notice: notice.id },
        body: { revision: notice.revision, draft: noticeDraftOf(fields) },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['messages', 'notices'] });
      setEdited(undefined);
    },
  });
  const fields = edited ?? fieldsOf(notice);
  return (
    <>
      <section>
        <h2>{words.preview.title}</h2>
        <Loaded query={preview} what={words.preview.what}>
          {(shown) => <Preview notice={notice} preview={shown} isSaved={edited === undefined} />}
        </Loaded>
      </section>
      {may ? (
        <>
          {notice.audience.name === 'list' ? <List notice={notice} /> : null}
          <section className="part">
            <h2>{words.form.editTitle}</h2>
            <NoticeForm fields={fields} saving={saving} onChange={setEdited} onSave={() => saving.mutate(fields)}>
              <Discard notice={notice.id} />
              <span role="status" className="faint">
                {saving.isSuccess && edited === undefined ? words.form.saved : ''}
              </span>
            </NoticeForm>
          </section>
        </>
      ) : null}
    </>
  );
}

function Preview({ notice, preview, isSaved }: { notice: Notice; preview: NoticePreview; isSaved: boolean }) {
  const words = useWords(noticeWords).preview;
  const format = useFormat();
  const client = useQueryClient();
  const may = useMay('messages:approve');
  const { byChannel } = preview;
  const counts = [
    [words.recipients, preview.recipients],
    [words.byMail, byChannel['e-mail']],
    [words.inProduct, byChannel['in-product']],
    [words.withoutAddress, preview.withoutAddress],
    [words.languageUnknown, preview.languageUnknown],
  ] as const;
  const count = format.number(preview.recipients);
  return (
    <>
      <dl className="facts">
        {counts.map(([word, number]) =>
          number === null ? null : (
            <div key={word} className="fact">
              <dt>{word}</dt>
              <dd className="figures">{format.number(number)}</dd>
            </div>
          ),
        )}
        <dt>{words.earliest}</dt>
        <dd>{format.day(`${preview.earliestOn}T12:00:00Z`)}</dd>
      </dl>
      {preview.obstacles.length === 0 ? null : (
        <section className="problem">
          <h3>{words.obstacles}</h3>
          <ul>
            {preview.obstacles.map((obstacle) => (
              <li key={obstacle}>
                {words.obstacle[obstacle]}
                {obstacle === 'language-missing'
                  ? ` ${words.missing} ${preview.missingLanguages.map((each) => languageNames[each]).join(', ')}.`
                  : null}
              </li>
            ))}
          </ul>
        </section>
      )}
      {preview.mails.map((mail) => (
        <details key={mail.language} className="figures-of">
          <summary>
            {words.mail}, <span lang={mail.language}>{languageNames[mail.language]}</span>
          </summary>
          <p>
            {words.subject}: <strong lang={mail.language}>{mail.subject}</strong>
          </p>
          <MailPage html={mail.html} label={words.mail} />
        </details>
      ))}
      {may ? (
        <p className="row-of-acts before-list">
          <ActDialog
            button={words.announce(count)}
            title={words.announceTitle}
            text={<p>{words.announceText(count)}</p>}
            confirm={words.announce(count)}
            pending={words.announcing}
            disabled={!isSaved || preview.obstacles.length > 0 || preview.revision !== notice.revision}
            onConfirm={async () => {
              await call(announceNotice, {
                params: { notice: notice.id },
                body: { revision: preview.revision, recipients: preview.recipients },
              });
              await client.invalidateQueries({ queryKey: ['messages', 'notices'] });
            }}
          />
          {isSaved ? null : <span className="faint">{words.unsaved}</span>}
        </p>
      ) : null}
    </>
  );
}

function List({ notice }: { notice: Notice }) {
  const words = useWords(noticeWords).form;
  const format = useFormat();
  const client = useQueryClient();
  const [csv, setCsv] = useState('');
  const giving = useMutation({
    mutationFn: () => call(giveList, { params: { notice: notice.id }, body: { csv } }),
    onSuccess: async () => {
      setCsv('');
      await client.invalidateQueries({ queryKey: ['messages', 'notices'] });
    },
  });
  return (
    <section className="part">
      <h2>{words.list}</h2>
      <p className="explains">{words.listed(format.number(notice.listed))}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!giving.isPending) giving.mutate();
        }}
      >
        <Field label={words.list} hint={words.listHint}>
          {(id, hintId) => (
            <textarea
              id={id}
              aria-describedby={hintId}
              className="input mono"
              required
              rows={6}
              spellCheck={false}
              value={csv}
              onChange={(event) => setCsv(event.target.value)}
            />
          )}
        </Field>
        {giving.error === null ? null : <Problem error={giving.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button" disabled={giving.isPending}>
            {giving.isPending ? words.givingList : words.giveList}
          </button>
        </p>
      </form>
    </section>
  );
}

function Discard({ notice }: { notice: string }) {
  const words = useWords(noticeWords).form;
  const client = useQueryClient();
  const navigate = useNavigate();
  return (
    <ActDialog
      button={words.discard}
      title={words.discardTitle}
      text={<p>{words.discardText}</p>}
      confirm={words.discardConfirm}
      pending={words.discardConfirm}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(discardNotice, { params: { notice } });
        client.removeQueries({ queryKey: ['messages', 'notices', 'one', notice] });
        await navigate({ to: '/messages/notices' });
      }}
    />
  );
}
