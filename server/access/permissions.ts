import type { Role as MemberRole } from './contract.ts';

/**
 * What a caller is: a member of the organisation by role, a person whose session still owes something (`beginner`) or
 * only an organisation (`visitor`), a
 * key by its kind, or whoever can read the server's data directory.
 */
export type Role = MemberRole | 'beginner' | 'visitor' | 'api-key' | 'ingest-key' | 'site-key' | 'local-key';

const members: readonly Role[] = ['owner', 'admin', 'dpo', 'engineer', 'agent', 'auditor'];
const machine: readonly Role[] = ['local-key'];
const readers: readonly Role[] = [...members, ...machine];
const governors: readonly Role[] = ['owner', 'admin'];
const deciders: readonly Role[] = ['owner', 'admin', 'dpo', ...machine];
const answerers: readonly Role[] = ['owner', 'admin', 'dpo', 'agent', ...machine];
const workers: readonly Role[] = ['owner', 'admin', 'dpo', 'engineer', ...machine];

/** The one table of rights. A permission that stands not in it is nobody's. */
const table: Readonly<Record<string, readonly Role[]>> = {
  // What a session may do before it is complete: show who it is, enrol a second factor, end.
  'access:begin': ['beginner', 'visitor', ...readers],
  // One's own account, sessions and data.
  'access:own': readers,
  // To take one's own data along and to go needs no organisation: whoever was removed from the last one keeps the right.
  'access:leave': ['visitor', ...readers],
  'access:read': readers,
  'access:write': [...governors, ...machine],
  'access:audit': ['owner', 'admin', 'dpo', 'auditor', ...machine],
  // Organisations, first owners and links come from whoever runs the server, not from somebody who is signed in.
  'access:operate': machine,
  'accounts:read': readers,
  'accounts:write': workers,
  'datamap:read': readers,
  'datamap:write': workers,
  // What may be exported, the right of each kind of export says.
  'exports:read': readers,
  'exports:write': readers,
  'ledger:read': readers,
  'ledger:approve': deciders,
  // What people wrote to the organisation: for those who answer them.
  'mail:read': answerers,
  'mail:write': answerers,
  'mailboxes:read': readers,
  'mailboxes:write': deciders,
  // Notices for members.
  'messages:own': readers,
  'messages:read': readers,
  // An announcement or a letter to somebody: also for those who answer people.
  'messages:write': ['owner', 'admin', 'dpo', 'engineer', 'agent', ...machine],
  'messages:approve': deciders,
  // To whom, and what it said.
  'messages:audit': [...answerers, 'auditor'],
  // They tell of every organisation of the server.
  'metrics:read': machine,
  'policy:read': readers,
  'policy:write': workers,
  'policy:approve': deciders,
  'retention:read': readers,
  'retention:write': workers,
  'retention:approve': deciders,
  'webhooks:read': readers,
  'webhooks:write': workers,
  'webhooks:ingest': ['ingest-key', ...workers],
};

/** Rights that an api key can be given: to read and to write, but neither to decide nor to change who has access. */
export const keyScopes: readonly string[] = Object.keys(table).filter(
  (permission) => /:(read|write|ingest)$/.test(permission) && !/^(access:write|metrics:)/.test(permission),
);

/** Roles that always need a second factor. */
export const privilegedRoles: readonly MemberRole[] = ['owner', 'admin', 'dpo'];

/**
 * Whether a role has a permission such as `retention:approve`.
 * @param scopes what an api key was given; no other role has any
 */
export function may(role: Role, permission: string, scopes: readonly string[] = []): boolean {
  if (role === 'api-key') return keyScopes.includes(permission) && scopes.includes(permission);
  return Object.hasOwn(table, permission) && (table[permission]?.includes(role) ?? false);
}

/** Everything a role may do, in alphabetical order. */
export function permissionsOf(role: Role, scopes: readonly string[] = []): string[] {
  return Object.keys(table)
    .filter((permission) => may(role, permission, scopes))
    .sort();
}

/** Every permission there is, in alphabetical order. */
export const permissions: readonly string[] = Object.keys(table).sort();
