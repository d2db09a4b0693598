import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Role } from '../../server/access/contract.ts';
import { changeRole, type Member, removeMember } from '../../server/access/members-contract.ts';
import { call } from '../api.ts';
import { ActDialog } from '../frame/act-dialog.tsx';
import { Loaded } from '../frame/loaded.tsx';
import { Pager } from '../frame/pager.tsx';
import { sessionQuery, useMay } from '../frame/session.ts';
import { useTitle } from '../frame/title.ts';
import { Instant } from '../language/format.tsx';
import { useWords } from '../language/language.ts';
import { SetTable } from '../look/set-table.tsx';
import { StatusShape } from '../policy/status.tsx';
import { membersWords } from './members-words.ts';
import { PeopleTabs } from './people-tabs.tsx';
import { membersQuery } from './queries.ts';
import { roles } from './roles.ts';
import { rolesWords } from './roles-words.ts';
import './access.css';

const route = getRouteApi('/settings/members');

/** Who belongs to the organisation. */
export function MembersPage() {
  const words = useWords(membersWords);
  useTitle(words.title);
  const { after } = route.useSearch();
  const query = useQuery(membersQuery(after));
  const may = useMay('access:write');
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <PeopleTabs current="members" />
      <Loaded query={query} what={words.what}>
        {({ items, next }) => (
          <>
            <MembersTable members={items} mayChange={may} />
            <Pager after={after} next={next} />
          </>
        )}
      </Loaded>
      {may ? (
        <p className="row-of-acts after-list">
          <Link to="/settings/invitations" className="button">
            {words.invite.form}
          </Link>
        </p>
      ) : null}
    </div>
  );
}

function MembersTable({ members, mayChange }: { members: readonly Member[]; mayChange: boolean }) {
  const words = useWords(membersWords);
  const { names } = useWords(rolesWords);
  const self = useQuery(sessionQuery).data?.person?.id;
  return (
    <SetTable
      label={words.title}
      rows={members}
      keyOf={(member) => member.person}
      columns={[
        {
          head: words.member,
          isHead: true,
          cell: (member) => (
            <>
              {member.name}
              {member.person === self ? <span className="faint"> ({words.you})</span> : null}
              <span className="beneath">
                {member.email}
                {member.provider === null ? null : `, ${words.through(member.provider)}`}
              </span>
            </>
          ),
        },
        {
          head: words.role,
          cell: (member) => (mayChange ? <RoleChoice key={member.role} member={member} /> : names[member.role]),
        },
        { head: words.factor, cell: (member) => <FactorState has={member.hasSecondFactor} /> },
        {
          head: words.lastSeen,
          cell: (member) =>
            member.lastSeenAt === null ? (
              <span className="faint">{words.never}</span>
            ) : (
              <Instant at={member.lastSeenAt} />
            ),
        },
        ...(mayChange ? [{ head: words.acts, cell: (member: Member) => <RemoveMember member={member} /> }] : []),
      ]}
    />
  );
}

function FactorState({ has }: { has: boolean }) {
  const words = useWords(membersWords);
  const shape = has ? 'kept' : 'unproven';
  return (
    <span className={`status ${shape}`}>
      <StatusShape status={shape} />
      {has ? words.hasFactor : words.noFactor}
    </span>
  );
}

/** The member's role; another one is given after a question that says what it means. */
function RoleChoice({ member }: { member: Member }) {
  const words = useWords(membersWords);
  const { names, texts } = useWords(rolesWords);
  const client = useQueryClient();
  const [role, setRole] = useState<Role>(member.role);
  return (
    <span className="row-of-acts">
      <select
        className="input short"
        aria-label={words.roleOf(member.name)}
        value={role}
        onChange={(event) => setRole(roles.find((each) => each === event.target.value) ?? member.role)}
      >
        {roles.map((each) => (
          <option key={each} value={each}>
            {names[each]}
          </option>
        ))}
      </select>
      {role === member.role ? null : (
        <ActDialog
          button={words.change}
          title={words.changeTitle(member.name, names[role])}
          text={
            <>
              <p>{texts[role]}</p>
              <p>{words.changeText}</p>
            </>
          }
          confirm={words.changeConfirm(names[role])}
          pending={words.changeConfirm(names[role])}
          onConfirm={async () => {
            await call(changeRole, { params: { person: member.person }, body: { role } });
            await client.invalidateQueries({ queryKey: ['access'] });
          }}
        />
      )}
    </span>
  );
}

function RemoveMember({ member }: { member: Member }) {
  const words = useWords(membersWords);
  const client = useQueryClient();
  return (
    <ActDialog
      button={words.remove}
      title={words.removeTitle(member.name)}
      text={
        <>
          <p>{member.email}</p>
          <p>{words.removeText(member.name)}</p>
        </>
      }
      confirm={words.removeConfirm(member.name)}
      pending={words.removeConfirm(member.name)}
      destroys
      look="careful"
      onConfirm={async () => {
        await call(removeMember, { params: { person: member.person } });
        await client.invalidateQueries({ queryKey: ['access'] });
      }}
    />
  );
}
