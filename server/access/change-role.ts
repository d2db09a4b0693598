import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems, type Role } from './contract.ts';
import { demandMayGive } from './given-role.ts';
import { deleteMembership, lockRole, type MemberRow, selectMembers, updateRole } from './member-store.ts';
import { countOwners, lockOrganisation } from './organisation-store.ts';
import type { Role as CallerRole } from './permissions.ts';
import type { PersonId } from './person-store.ts';
import { deleteIdentitiesOf } from './provider-store.ts';
import { deleteSessionsOf } from './session-store.ts';

const fail = failuresOf(accessProblems);

/** Who changes who belongs here. */
export interface Governor {
  readonly actor: Actor;
  readonly role: CallerRole;
}

/**
 * Gives a member another role; it counts from their next request.
 * @throws Failure `member-not-found`, `not-permitted`, `last-owner` or `lock-out`
 */
export async function changeRole(tx: Tx, by: Governor, person: PersonId, role: Role): Promise<MemberRow> {
  const before = await lockMember(tx, person);
  demandMayGive(by.role, [before, role]);
  if (before !== role) {
    if (before === 'owner') await demandDispensable(tx, person);
    await updateRole(tx, tx.organisationId, person, role);
    await recordEntry(tx, { kind: 'access.role-changed', actor: by.actor, body: { person, role, before } });
  }
  return getMember(tx, person);
}

/**
 * Takes a person out of the organisation; their sessions in it end at once, and so does what its identity
 * providers know them by. Their account is their own and stays.
 * @throws Failure `member-not-found`, `not-permitted`, `last-owner` or `lock-out`
 */
export async function removeMember(tx: Tx, by: Governor, person: PersonId): Promise<void> {
  const role = await lockMember(tx, person);
  demandMayGive(by.role, [role]);
  if (role === 'owner') await demandDispensable(tx, person);
  const { organisationId } = tx;
  await deleteMembership(tx, organisationId, person);
  // Whoever comes back comes back as who they are then.
  await deleteIdentitiesOf(tx, person);
  await deleteSessionsOf(tx, person, { organisationId });
  await recordEntry(tx, { kind: 'access.member-removed', actor: by.actor, body: { person, role } });
}

/** @throws Failure `member-not-found` */
export async function getMember(tx: Tx, person: PersonId): Promise<MemberRow> {
  const [member] = await selectMembers(tx, { limit: 1, only: person });
  if (member === undefined) throw noSuchMember();
  return member;
}

async function lockMember(tx: Tx, person: PersonId): Promise<Role> {
  await lockOrganisation(tx, tx.organisationId);
  const role = await lockRole(tx, tx.organisationId, person);
  if (role === undefined) throw noSuchMember();
  return role;
}

/** An organisation needs an owner, and where its provider is the only door, the one who has a key to the window. */
async function demandDispensable(tx: Tx, owner: PersonId): Promise<void> {
  if ((await countOwners(tx, tx.organisationId)) < 2)
    throw fail('last-owner', 'This is the only owner: make somebody else one first.');
  const { breakGlass } = await lockOrganisation(tx, tx.organisationId);
  if (breakGlass === owner)
    throw fail(
      'lock-out',
      'This owner is the one who may sign in with a password in an emergency: name another first.',
    );
}

function noSuchMember() {
  return fail('member-not-found', 'No member of this organisation has this id.');
}
