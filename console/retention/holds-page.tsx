import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type Hold, type HoldTarget, releaseHold } from '../../server/retention/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { ActorName } from '../frame/actor.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { textIn, useLanguage, useWords } from '../language/language.ts';
import { documentQuery } from '../policy/queries.ts';
import { PlaceHold } from './place-hold.tsx';
import { holdsQuery } from './queries.ts';
import { retentionWords } from './words.ts';
import './retention.css';

const route = getRouteApi('/retention/holds');

/** Holds in force or released, and the form that places one. */
export function HoldsPage() {
  const words = useWords(retentionWords).holds;
  useTitle(words.title);
  const { after, released } = route.useSearch();
  const isReleased = released === 'yes';
  const query = useQuery(holdsQuery(isReleased, after));
  const may = useMay('retention:write');
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <nav className="filters" aria-label={words.which}>
        <Link to="/retention/holds" search={{}} aria-current={isReleased ? undefined : 'page'}>
          {words.inForce}
        </Link>
        <Link to="/retention/holds" search={{ released: 'yes' }} aria-current={isReleased ? 'page' : undefined}>
          {words.released}
        </Link>
      </nav>
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty isReleased={isReleased} /> : null}
            <ul>
              {items.map((hold) => (
                <HoldEntry key={hold.id} hold={hold} />
              ))}
            </ul>
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
      {may && !isReleased ? <PlaceHold /> : null}
    </div>
  );
}

function Empty({ isReleased }: { isReleased: boolean }) {
  const words = useWords(retentionWords).holds;
  if (isReleased) return <p className="faint">{words.emptyReleased}</p>;
  return (
    <div className="empty">
      <h2>{words.empty.title}</h2>
      <p>{words.empty.text}</p>
      <p className="faint">{words.empty.example}</p>
    </div>
  );
}

function HoldEntry({ hold }: { hold: Hold }) {
  const all = useWords(retentionWords);
  const words = all.holds;
  const client = useQueryClient();
  const may = useMay('retention:approve');
  return (
    <li className="step hold">
      <div className="step-text">
        <h2>
          <Target target={hold.target} />
        </h2>
        <p className="hold-reason">{hold.reason}</p>
      </div>
      <span className="leader" aria-hidden="true" />
      <div className="note">
        {hold.releasedAt === null ? (
          <p className={hold.overdue ? 'due' : undefined}>
            {hold.overdue ? <strong>{words.overdue}: </strong> : `${words.review} `}
            <Day at={hold.reviewOn} />
          </p>
        ) : (
          <p>
            {words.releasedAt} <Instant at={hold.releasedAt} />
            {hold.releasedBy === null ? null : (
              <>
                , <ActorName actor={hold.releasedBy} />
              </>
            )}
          </p>
        )}
        <p className="faint">
          {words.placedAt} <Instant at={hold.placedAt} />, <ActorName actor={hold.placedBy} />
        </p>
        {hold.entry === null ? null : (
          <p>
            <Link to="/ledger/entries/$entry" params={{ entry: hold.entry }}>
              {all.receipt}
            </Link>
          </p>
        )}
        {may && hold.releasedAt === null ? (
          <p className="row-of-acts">
            <ActDialog
              button={words.release}
              title={words.releaseTitle}
              text={
                <>
                  <p>
                    <Target target={hold.target} />. {hold.reason}
                  </p>
                  <p>{words.releaseText}</p>
                </>
              }
              confirm={words.releaseConfirm}
              pending={words.releaseConfirm}
              destroys
              reason={{ label: all.reason, hint: all.reasonHint }}
              onConfirm={async (reason) => {
                await call(releaseHold, { params: { hold: hold.id }, body: { reason } });
                await client.invalidateQueries({ queryKey: ['retention'] });
              }}
            />
          </p>
        ) : null}
      </div>
    </li>
  );
}

/** What a hold is on, in words. */
function Target({ target }: { target: HoldTarget }) {
  const { on } = useWords(retentionWords).holds;
  const format = useFormat();
  const language = useLanguage();
  const subjects = useQuery(documentQuery).data?.subjects;
  switch (target.kind) {
    case 'account':
      return on.account(target.account);
    case 'dataset':
      return on.dataset(target.dataset);
    case 'rows':
      return on.rows(format.number(target.keys.length), target.keys.length, target.dataset);
    case 'subject': {
      const title = subjects?.find(({ subject }) => subject === target.subject)?.title;
      return on.subject(textIn(title, language)?.text ?? target.subject, target.id);
    }
  }
}
