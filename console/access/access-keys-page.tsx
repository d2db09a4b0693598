import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { type createKey, type Key, revokeKey } from '../../server/access/members-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { useMay } from '../frame/session.ts';
import { ShownOnce } from '../frame/shown-once.tsx';
import { useTitle } from '../frame/title.ts';
import { Day, Instant, useFormat } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { Marked } from '../policy/status.tsx';
import { accessKeysWords } from './access-keys-words.ts';
import { MakeKey } from './make-key.tsx';
import { keysQuery } from './queries.ts';
import { rolesWords } from './roles-words.ts';
import './access.css';

const route = getRouteApi('/settings/keys');

/** Keys of programs, and the form that makes one. */
export function AccessKeysPage() {
  const words = useWords(accessKeysWords);
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(keysQuery(after));
  const may = useMay('access:write');
  const [made, setMade] = useState<(typeof createKey.answer)['_output']>();
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      {made === undefined ? null : (
        <ShownOnce
          title={words.shown}
          text={words.shownText(made.name)}
          secret={made.key}
          label={words.key}
          done={words.done}
          onKept={() => setMade(undefined)}
        />
      )}
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty /> : <KeysTable keys={items} mayChange={may} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
      {may ? <MakeKey onMade={setMade} /> : null}
    </div>
  );
}

function Empty() {
  const { empty } = useWords(accessKeysWords);
  return (
    <div className="empty">
      <h2>{empty.title}</h2>
      <p>{empty.text}</p>
      <p className="faint">{empty.example}</p>
    </div>
  );
}

const shapes: Readonly<Record<Key['state'], Status>> = { active: 'kept', expired: 'unproven', revoked: 'unproven' };

function KeysTable({ keys, mayChange }: { keys: readonly Key[]; mayChange: boolean }) {
  const words = useWords(accessKeysWords);
  return (
    <SetTable
      label={words.title}
      rows={keys}
      keyOf={(key) => key.id}
      columns={[
        {
          head: words.key,
          isHead: true,
          cell: (key) => (
            <>
              {key.name}
              <span className="beneath">
                {words.ends(key.lastFour)}
                {key.createdBy === null ? null : `, ${words.by(key.createdBy)}`}
              </span>
            </>
          ),
        },
        { head: words.kind, cell: (key) => <KindOf of={key} /> },
        {
          head: words.state,
          cell: ({ state }) => <Marked as={shapes[state]}>{words.states[state]}</Marked>,
        },
        {
          head: words.used,
          cell: ({ lastUsedAt }) =>
            lastUsedAt === null ? <span className="faint">{words.never}</span> : <Instant at={lastUsedAt} />,
        },
        {
          head: words.expires,
          cell: ({ expiresAt }) =>
            expiresAt === null ? <span className="faint">{words.noExpiry}</span> : <Day at={expiresAt} />,
        },
        ...(mayChange ? [{ head: words.acts, cell: (key: Key) => <Revoke of={key} /> }] : []),
      ]}
    />
  );
}

/** The kind, and what it is limited to. */
function KindOf({ of: key }: { of: Key }) {
  const words = useWords(accessKeysWords);
  const { rights } = useWords(rolesWords);
  const format = useFormat();
  if (key.kind !== 'api' || key.scopes.length === 0) {
    return (
      <>
        {words.kinds[key.kind]}
        {key.origins.length === 0 ? null : <span className="beneath">{key.origins.join(', ')}</span>}
      </>
    );
  }
  return (
    <>
      {words.kinds[key.kind]}
      <details className="key-scopes">
        <summary>{words.scopesCount(format.number(key.scopes.length), key.scopes.length)}</summary>
        <ul>
          {key.scopes.map((scope) => (
            <li key={scope} title={scope}>
              {rights[scope] ?? scope}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

function Revoke({ of: key }: { of: Key }) {
  const words = useWords(accessKeysWords);
  const client = useQueryClient();
  if (key.state === 'revoked') return null;
  return (
    <ActDialog
      button={words.revoke}
      title={words.revokeTitle(key.name)}
      text={
        <>
          <p>{words.ends(key.lastFour)}</p>
          <p>{words.revokeText}</p>
        </>
      }
      confirm={words.revokeConfirm}
      pending={words.revokeConfirm}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(revokeKey, { params: { key: key.id } });
        await client.invalidateQueries({ queryKey: ['access', 'keys'] });
      }}
    />
  );
}
