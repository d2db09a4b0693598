import type { Role } from '../../server/access/contract.ts';
import { may, permissions, privilegedRoles } from '../../server/access/permissions.ts';
import { useTitle } from '../frame/title.ts';
import { useWords } from '../language/language.ts';
import { type Column, SetTable } from '../look/set-table.tsx';
import { roles } from './roles.ts';
import { rolesWords } from './roles-words.ts';
import './access.css';

/** Sections of the console, in its order. */
const folders = [
  'policy',
  'datamap',
  'retention',
  'accounts',
  'webhooks',
  'messages',
  'mail',
  'mailboxes',
  'ledger',
  'access',
];
const acts = ['own', 'read', 'ingest', 'write', 'approve', 'audit'];

/** Rights that people can have; the others are for sessions that are not complete, and for whoever runs the server. */
const shown = permissions
  .filter((permission) => permission !== 'access:begin' && roles.some((role) => may(role, permission)))
  .sort((one, other) => placeOf(one) - placeOf(other));

function placeOf(permission: string): number {
  const [folder = '', act = ''] = permission.split(':');
  return folders.indexOf(folder) * acts.length + acts.indexOf(act);
}

/** Who may do what. */
export function RolesPage() {
  const words = useWords(rolesWords);
  useTitle(words.title);
  const columns: readonly Column<string>[] = [
    { head: words.right, isHead: true, cell: (permission) => words.rights[permission] ?? permission },
    ...roles.map((role) => ({
      head: words.names[role],
      cell: (permission: string) => <Right has={may(role, permission)} />,
    })),
  ];
  return (
    <div className="page">
      <header className="page-head">
        <h1>{words.title}</h1>
        <p className="lede">{words.lede}</p>
      </header>
      <dl className="facts roles">
        {roles.map((role) => (
          <RoleFact key={role} role={role} />
        ))}
      </dl>
      <p className="faint roles-note">{words.factorText}</p>
      <section className="part rights">
        <h2>{words.table}</h2>
        <SetTable label={words.table} rows={shown} columns={columns} keyOf={(permission) => permission} />
      </section>
    </div>
  );
}

function RoleFact({ role }: { role: Role }) {
  const words = useWords(rolesWords);
  return (
    <>
      <dt>{words.names[role]}</dt>
      <dd>
        {words.texts[role]}
        {privilegedRoles.includes(role) ? <span className="faint"> ({words.factor})</span> : null}
      </dd>
    </>
  );
}

function Right({ has }: { has: boolean }) {
  const words = useWords(rolesWords);
  if (!has)
    return (
      <span className="faint">
        <span aria-hidden="true">–</span>
        <span className="hidden">{words.no}</span>
      </span>
    );
  return (
    <>
      <svg className="tick" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
        <path d="M2.5 7.5l3 3 6-7" fill="none" stroke="currentColor" strokeWidth="1.7" />
      </svg>
      <span className="hidden">{words.yes}</span>
    </>
  );
}
