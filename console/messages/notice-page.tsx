import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import {
  bringNoticeIntoForce,
  cancelNotice,
  type Notice,
  type NoticeFigures,
  type NoticeTexts,
} from '../../server/messages/notices-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant, useFormat } from '../language/format.tsx';
import { languageNames, languages, useLanguage, useWords } from '../language/language.ts';
import { blankNotice, textsOf } from './notice-draft.ts';
import { NoticeDraftPart } from './notice-draft-part.tsx';
import { audiencesQuery, noticeQuery } from './notice-queries.ts';
import { NoticeRecipients } from './notice-recipients.tsx';
import { NoticeTextFields } from './notice-text-fields.tsx';
import { noticeWords } from './notice-words.ts';
import { NoticeMark } from './notices-page.tsx';
import './messages.css';

const route = getRouteApi('/messages/notices/$notice');

/** One notice: as a draft with what it would do, afterwards with whom it reached. */
export function NoticePage() {
  const words = useWords(noticeWords);
  const { notice } = route.useParams();
  const query = useQuery(noticeQuery(notice));
  useTitle(query.data?.title ?? '');
  return (
    <div className="page">
      <Link to="/messages/notices" className="way-back">
        ← {words.back}
      </Link>
      <Loaded query={query} what={words.oneWhat} isPage>
        {(found) => (
          <>
            <header className="page-head">
              <h1 lang={found.mainLanguage}>{found.title}</h1>
              <p className="lede">
                <NoticeMark state={found.state} />
              </p>
            </header>
            {found.state === 'draft' ? <NoticeDraftPart key={found.id} notice={found} /> : <Announced notice={found} />}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Announced({ notice }: { notice: Notice }) {
  const words = useWords(noticeWords).one;
  const may = useMay('messages:approve');
  return (
    <>
      <Facts of={notice} />
      {may && notice.state === 'announced' ? <InForce notice={notice} /> : null}
      <Figures of={notice.figures} isCancelled={notice.state === 'cancelled'} />
      <NoticeRecipients notice={notice.id} isMoving={notice.toldAt === null} />
      <section className="part">
        <h2>{words.texts}</h2>
        <Texts of={notice.texts} />
      </section>
      {notice.cancellation === null ? null : (
        <section className="part">
          <h2>{words.cancelled}</h2>
          <Texts of={notice.cancellation} />
        </section>
      )}
      {may && notice.state === 'announced' ? <Cancel key={notice.id} notice={notice} /> : null}
    </>
  );
}

function Facts({ of: notice }: { of: Notice }) {
  const all = useWords(noticeWords);
  const words = all.one;
  const language = useLanguage();
  const format = useFormat();
  const audiences = useQuery(audiencesQuery).data?.items ?? [];
  const audience = audiences.find(({ name }) => name === notice.audience.name)?.label[language];
  const day = (date: string | null) => (date === null ? words.notYet : format.day(`${date}T12:00:00Z`));
  const texts = [
    [all.reason, all.reasons[notice.reason]],
    [all.category, `${all.categories[notice.category]} ${notice.legalBasis.join(', ')}`],
    [all.audience, audience ?? notice.audience.name],
    [all.form.leadDays, words.days(format.number(notice.leadDays), notice.leadDays)],
    [words.mayFrom, day(notice.mayTakeEffectOn)],
    [words.effective, day(notice.effectiveOn)],
    [words.zone, notice.timeZone],
  ] as const;
  const moments = [
    [words.announced, notice.announcedAt],
    [words.toldAt, notice.toldAt],
    [words.inForce, notice.inForceAt],
    [words.cancelled, notice.cancelledAt],
  ] as const;
  return (
    <dl className="facts">
      {texts.map(([word, text]) => (
        <div key={word} className="fact">
          <dt>{word}</dt>
          <dd>{text}</dd>
        </div>
      ))}
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
      {notice.page === null ? null : (
        <>
          <dt>{words.page}</dt>
          <dd>
            <a href={notice.page}>{notice.page}</a>
          </dd>
        </>
      )}
    </dl>
  );
}

const shownFigures = [
  'recipients',
  'told',
  'sent',
  'waiting',
  'bounced',
  'failed',
  'optedOut',
  'withoutAddress',
  'seen',
];

function Figures({ of: figures, isCancelled }: { of: NoticeFigures; isCancelled: boolean }) {
  const words = useWords(noticeWords).one;
  const format = useFormat();
  const rows = (
    [
      ['recipients', figures.recipients],
      ['told', figures.told],
      ['sent', figures.sent],
      ['waiting', figures.waiting],
      ['bounced', figures.bounced],
      ['failed', figures.failed],
      ['optedOut', figures.optedOut],
      ['withoutAddress', figures.withoutAddress],
      ['seen', figures.seen],
      ['followUpsSent', figures.followUpsSent],
      ['followUpsWaiting', figures.followUpsWaiting],
    ] as const
  ).filter(([name]) => isCancelled || shownFigures.includes(name));
  return (
    <section className="part">
      <h2>{words.figures}</h2>
      <dl className="facts">
        {rows.map(([name, count]) => (
          <div key={name} className="fact">
            <dt>{words.figure[name]}</dt>
            <dd className="figures">{format.number(count)}</dd>
          </div>
        ))}
      </dl>
      {figures.waiting > 0 ? (
        <progress
          aria-label={words.figures}
          max={Math.max(1, figures.recipients)}
          value={figures.recipients - figures.waiting}
        />
      ) : null}
    </section>
  );
}

function Texts({ of: texts }: { of: NoticeTexts }) {
  return languages.map((language) => {
    const text = texts[language];
    return text === undefined ? null : (
      <details key={language} className="figures-of">
        <summary lang={language}>{languageNames[language]}</summary>
        <h3 lang={language}>{text.title}</h3>
        <div lang={language} className="mail-text">
          {text.body}
        </div>
        {text.link === null ? null : (
          <p>
            <a href={text.link.url} rel="noreferrer">
              {text.link.label}
            </a>
          </p>
        )}
      </details>
    );
  });
}

function InForce({ notice }: { notice: Notice }) {
  const words = useWords(noticeWords).one;
  const client = useQueryClient();
  return (
    <p className="row-of-acts part">
      <ActDialog
        button={words.enforce}
        title={words.enforceTitle}
        text={<p>{words.enforceText}</p>}
        confirm={words.enforceConfirm}
        pending={words.enforceConfirm}
        disabled={notice.mayTakeEffectOn === null}
        onConfirm={async () => {
          await call(bringNoticeIntoForce, { params: { notice: notice.id } });
          await client.invalidateQueries({ queryKey: ['messages', 'notices'] });
        }}
      />
      {notice.mayTakeEffectOn === null ? <span className="faint">{words.waits}</span> : null}
    </p>
  );
}

function Cancel({ notice }: { notice: Notice }) {
  const words = useWords(noticeWords).one;
  const client = useQueryClient();
  const [texts, setTexts] = useState(() => blankNotice(notice.mainLanguage).texts);
  const cancelling = useMutation({
    mutationFn: () => call(cancelNotice, { params: { notice: notice.id }, body: { texts: textsOf(texts) } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['messages', 'notices'] }),
  });
  return (
    <section className="part">
      <h2>{words.cancel}</h2>
      <p className="explains">{words.cancelText}</p>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!cancelling.isPending) cancelling.mutate();
        }}
      >
        <NoticeTextFields texts={texts} main={notice.mainLanguage} only={notice.languages} onChange={setTexts} />
        {cancelling.error === null ? null : <Problem error={cancelling.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button careful" disabled={cancelling.isPending}>
            {cancelling.isPending ? words.cancelling : words.cancelAct}
          </button>
        </p>
      </form>
    </section>
  );
}
