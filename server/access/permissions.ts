/** What a caller is: the owner who signed in, or whoever can read the server's data directory. */
export type Role = 'owner' | 'local-key';

const everybody: readonly Role[] = ['owner', 'local-key'];
const machine: readonly Role[] = ['local-key'];

/** The one table of rights. A permission that stands not in it is nobody's. */
const table: Readonly<Record<string, readonly Role[]>> = {
  'access:read': everybody,
  // Organisations and links come from whoever runs the server, not from somebody who is signed in.
  'access:write': machine,
  'accounts:read': everybody,
  'accounts:write': everybody,
  'datamap:read': everybody,
  'datamap:write': everybody,
  'ledger:read': everybody,
  'ledger:approve': everybody,
  'messages:read': everybody,
  // They tell of every organisation of the server.
  'metrics:read': machine,
  'policy:read': everybody,
  'policy:write': everybody,
  'policy:approve': everybody,
  'retention:read': everybody,
  'retention:write': everybody,
  'retention:approve': everybody,
  'webhooks:read': everybody,
  'webhooks:write': everybody,
  'webhooks:ingest': everybody,
};

/** Whether a role has a permission such as `retention:approve`. */
export function may(role: Role, permission: string): boolean {
  return Object.hasOwn(table, permission) && (table[permission]?.includes(role) ?? false);
}

/** Everything a role may do, in alphabetical order. */
export function permissionsOf(role: Role): string[] {
  return Object.keys(table).filter((permission) => may(role, permission));
}
