import { failuresOf } from '../platform/failure.ts';
import { accessProblems, type Role } from './contract.ts';
import type { Role as CallerRole } from './permissions.ts';

const fail = failuresOf(accessProblems);

/**
 * Owners are made and unmade by owners, or whoever runs the server: an admin must not rise by themselves.
 * @param roles those that are given or taken
 * @throws Failure `not-permitted`
 */
export function demandMayGive(caller: CallerRole, roles: readonly Role[]): void {
  if (roles.includes('owner') && caller !== 'owner' && caller !== 'local-key')
    throw fail('not-permitted', 'Only an owner makes others owners, or takes that from them.');
}
