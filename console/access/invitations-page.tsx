import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Role } from '../../server/access/contract.ts';
import { type Invitation, invite, revokeInvitation } from '../../server/access/members-contract.ts';
import type { Status } from '../../server/policy/contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { Problem } from '../frame/problem.tsx';
import { useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant } from '../language/format.tsx';
import { languageNames, languages, useLanguage, useWords } from '../language/language.ts';
import { Field } from '../look/field.tsx';
import { SetTable } from '../look/set-table.tsx';
import { StatusShape } from '../policy/status.tsx';
import { membersWords } from './members-words.ts';
import { PeopleTabs } from './people-tabs.tsx';
import { invitationsQuery } from './queries.ts';
import { roles } from './roles.ts';
import { rolesWords } from './roles-words.ts';
import './access.css';

const route = getRouteApi('/settings/invitations');

/** Who was invited, and the form that invites. */
export function InvitationsPage() {
  const words = useWords(membersWords).invite;
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(invitationsQuery(after));
  const may = useMay('access:write');
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <PeopleTabs current="invitations" />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <Empty /> : <InvitationsTable invitations={items} mayChange={may} />}
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
      {may ? <InviteForm /> : null}
    </div>
  );
}

function Empty() {
  const { empty } = useWords(membersWords).invite;
  return (
    <div className="empty">
      <h2>{empty.title}</h2>
      <p>{empty.text}</p>
      <p className="faint">{empty.example}</p>
    </div>
  );
}

const shapes: Readonly<Record<Invitation['state'], Status>> = {
  open: 'due',
  accepted: 'kept',
  revoked: 'unproven',
  expired: 'unproven',
};

function InvitationsTable({ invitations, mayChange }: { invitations: readonly Invitation[]; mayChange: boolean }) {
  const all = useWords(membersWords);
  const words = all.invite;
  const { names } = useWords(rolesWords);
  return (
    <SetTable
      label={words.title}
      rows={invitations}
      keyOf={(invitation) => invitation.id}
      columns={[
        {
          head: words.email,
          isHead: true,
          cell: (invitation) => (
            <>
              {invitation.email}
              {invitation.invitedBy === null ? null : (
                <span className="beneath">
                  {words.by} {invitation.invitedBy}
                </span>
              )}
            </>
          ),
        },
        { head: words.role, cell: (invitation) => names[invitation.role] },
        {
          head: words.state,
          cell: ({ state }) => (
            <span className={`status ${shapes[state]}`}>
              <StatusShape status={shapes[state]} />
              {words.states[state]}
            </span>
          ),
        },
        {
          head: words.mail,
          cell: ({ mail }) => (
            <span className={mail === 'failed' ? 'broken' : undefined}>
              {mail === null ? words.noMail : words.mails[mail]}
            </span>
          ),
        },
        { head: words.expires, cell: (invitation) => <Instant at={invitation.expiresAt} /> },
        ...(mayChange ? [{ head: all.acts, cell: (invitation: Invitation) => <Acts invitation={invitation} /> }] : []),
      ]}
    />
  );
}

function Acts({ invitation }: { invitation: Invitation }) {
  const words = useWords(membersWords).invite;
  const client = useQueryClient();
  const language = useLanguage();
  const refresh = () => client.invalidateQueries({ queryKey: ['access', 'invitations'] });
  const again = useMutation({
    mutationFn: () => call(invite, { body: { email: invitation.email, role: invitation.role, language } }),
    onSettled: refresh,
  });
  if (invitation.state === 'accepted' || invitation.state === 'revoked') return null;
  return (
    <>
      <span className="row-of-acts">
        <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate()}>
          {again.isPending ? words.pending : words.again}
        </button>
        {invitation.state === 'open' ? (
          <ActDialog
            button={words.revoke}
            title={words.revokeTitle(invitation.email)}
            text={<p>{words.revokeText}</p>}
            confirm={words.revokeConfirm}
            pending={words.revokeConfirm}
            destroys
            look="careful"
            onConfirm={async () => {
              await call(revokeInvitation, { params: { invitation: invitation.id } });
              await refresh();
            }}
          />
        ) : null}
      </span>
      {again.error === null ? null : <Problem error={again.error} />}
    </>
  );
}

function InviteForm() {
  const words = useWords(membersWords).invite;
  const { names, texts } = useWords(rolesWords);
  const client = useQueryClient();
  const own = useLanguage();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('auditor');
  const [language, setLanguage] = useState(own);
  const inviting = useMutation({
    mutationFn: () => call(invite, { body: { email: email.trim(), role, language } }),
    onSuccess: async () => {
      setEmail('');
      await client.invalidateQueries({ queryKey: ['access', 'invitations'] });
    },
  });
  return (
    <section className="part">
      <h2>{words.form}</h2>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!inviting.isPending) inviting.mutate();
        }}
      >
        <Field label={words.email}>
          {(id) => (
            <input
              id={id}
              type="email"
              className="input"
              required
              maxLength={254}
              autoComplete="off"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label={words.role} hint={texts[role]}>
          {(id, hintId) => (
            <select
              id={id}
              aria-describedby={hintId}
              className="input"
              value={role}
              onChange={(event) => setRole(roles.find((each) => each === event.target.value) ?? role)}
            >
              {roles.map((each) => (
                <option key={each} value={each}>
                  {names[each]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={words.language}>
          {(id) => (
            <select
              id={id}
              className="input short"
              value={language}
              onChange={(event) => setLanguage(languages.find((each) => each === event.target.value) ?? language)}
            >
              {languages.map((each) => (
                <option key={each} value={each} lang={each}>
                  {languageNames[each]}
                </option>
              ))}
            </select>
          )}
        </Field>
        {inviting.error === null ? null : <Problem error={inviting.error} />}
        <p className="row-of-acts">
          <button type="submit" className="button first" disabled={inviting.isPending}>
            {inviting.isPending ? words.pending : words.act}
          </button>
        </p>
        <p role="status">{inviting.data === undefined ? '' : words.sent(inviting.data.email)}</p>
      </form>
    </section>
  );
}
