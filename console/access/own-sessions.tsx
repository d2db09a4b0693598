import { useQuery, useQueryClient } from '@tanstack/react-query';
import { endOtherSessions, endOwnSession, type OwnSession } from '../../server/access/own-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { accountWords } from './account-words.ts';
import { useCountry, useDevice } from './device.ts';
import { ownSessionsQuery } from './queries.ts';

/** Browsers in which the person is signed in; any of them can be signed out. */
export function OwnSessions() {
  const words = useWords(accountWords).sessions;
  const query = useQuery(ownSessionsQuery);
  return (
    <section className="part">
      <h2>{words.title}</h2>
      <p className="explains">{words.text}</p>
      <Loaded query={query} what={words.what}>
        {({ items }) => (
          <>
            <SessionsTable sessions={items} />
            <EndOthers others={items.filter(({ isThis }) => !isThis).length} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function SessionsTable({ sessions }: { sessions: readonly OwnSession[] }) {
  const words = useWords(accountWords).sessions;
  const device = useDevice();
  const country = useCountry();
  return (
    <SetTable
      label={words.title}
      rows={sessions}
      keyOf={(session) => session.id}
      columns={[
        {
          head: words.device,
          isHead: true,
          cell: (session) => (
            <>
              {device(session.device)}
              {session.isThis ? <span className="faint"> ({words.isThis})</span> : null}
              <span className="beneath">{session.methods.map((method) => words.method[method]).join(', ')}</span>
            </>
          ),
        },
        {
          head: words.where,
          cell: (session) => (
            <>
              {session.country === null ? words.unknown : country(session.country)}
              {session.address === null ? null : (
                <span className="beneath">
                  <code>{session.address}</code>
                </span>
              )}
            </>
          ),
        },
        { head: words.seen, cell: (session) => <Instant at={session.seenAt} /> },
        { head: words.since, cell: (session) => <Instant at={session.createdAt} /> },
        { head: words.until, cell: (session) => <Instant at={session.expiresAt} /> },
        { head: words.acts, cell: (session) => (session.isThis ? null : <End session={session} />) },
      ]}
    />
  );
}

function End({ session }: { session: OwnSession }) {
  const words = useWords(accountWords).sessions;
  const client = useQueryClient();
  const device = useDevice()(session.device);
  return (
    <ActDialog
      button={words.end}
      title={words.endTitle(device)}
      text={<p>{words.endText}</p>}
      confirm={words.endConfirm}
      pending={words.endConfirm}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(endOwnSession, { params: { session: session.id } });
        await client.invalidateQueries({ queryKey: ownSessionsQuery.queryKey });
      }}
    />
  );
}

function EndOthers({ others }: { others: number }) {
  const words = useWords(accountWords).sessions;
  const format = useFormat();
  const client = useQueryClient();
  if (others === 0) return null;
  return (
    <p className="row-of-acts after-list">
      <ActDialog
        button={words.endOthers}
        title={words.endOthersTitle}
        text={<p>{words.endOthersText(format.number(others), others)}</p>}
        confirm={words.endOthersConfirm}
        pending={words.endOthersConfirm}
        destroys
        look="careful"
        onConfirm={async () => {
          await call(endOtherSessions);
          await client.invalidateQueries({ queryKey: ownSessionsQuery.queryKey });
        }}
      />
    </p>
  );
}
