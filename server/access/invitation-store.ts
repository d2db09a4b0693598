import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { brand } from '../platform/ids.ts';
import type { Role } from './contract.ts';

export type InvitationId = Id<'Invitation'>;

/** An invitation as it stands in the database. */
export interface StoredInvitation {
  readonly id: InvitationId;
  readonly email: string;
  readonly role: Role;
  /** Name of who invited; null for the operator and for somebody who is gone. */
  readonly invitedBy: string | null;
  readonly message: Id<'Message'> | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly revokedAt: Date | null;
}

const columns = [
  'i.id',
  'i.email',
  'i.role',
  'i.message_id',
  'i.created_at',
  'i.expires_at',
  'i.accepted_at',
  'i.revoked_at',
  'p.name as inviter',
] as const;

interface Row {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly message_id: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly accepted_at: Date | null;
  readonly revoked_at: Date | null;
  readonly inviter: string | null;
}

function toInvitation(row: Row): StoredInvitation {
  return {
    id: brand<'Invitation'>(row.id),
    email: row.email,
    role: row.role,
    invitedBy: row.inviter,
    message: row.message_id === null ? null : brand<'Message'>(row.message_id),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    acceptedAt: row.accepted_at,
    revokedAt: row.revoked_at,
  };
}

export async function insertInvitation(
  tx: Tx,
  invitation: {
    readonly id: InvitationId;
    readonly email: string;
    readonly role: Role;
    readonly invitedBy: string;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx.db
    .insertInto('access.invitation')
    .values({
      organisation_id: tx.organisationId,
      id: invitation.id,
      email: invitation.email,
      role: invitation.role,
      invited_by: invitation.invitedBy,
      created_at: tx.at,
      expires_at: invitation.expiresAt,
    })
    .execute();
}

/** Role and deadline of an invitation that is open still. */
export async function renewInvitation(
  tx: Tx,
  invitation: { readonly id: InvitationId; readonly role: Role; readonly expiresAt: Date },
): Promise<void> {
  await tx.db
    .updateTable('access.invitation')
    .set({ role: invitation.role, expires_at: invitation.expiresAt })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', invitation.id)
    .execute();
}

export async function updateInvitationMessage(tx: Tx, id: InvitationId, message: Id<'Message'>): Promise<void> {
  await tx.db
    .updateTable('access.invitation')
    .set({ message_id: message })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .execute();
}

/** The invitation of an address that was neither accepted nor revoked; locked, so that two who invite renew one. */
export async function lockPendingInvitation(tx: Tx, email: string): Promise<InvitationId | undefined> {
  const row = await tx.db
    .selectFrom('access.invitation')
    .select('id')
    .where('organisation_id', '=', tx.organisationId)
    .where((where) => where(where.fn<string>('lower', ['email']), '=', email.toLowerCase()))
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : brand<'Invitation'>(row.id);
}

export async function selectInvitation(tx: Tx, id: string): Promise<StoredInvitation | undefined> {
  const row = await tx.db
    .selectFrom('access.invitation as i')
    .leftJoin('access.person as p', 'p.id', 'i.invited_by')
    .select(columns)
    .where('i.organisation_id', '=', tx.organisationId)
    .where('i.id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : toInvitation(row);
}

/** Newest first; `after` is the id of the last one seen. */
export async function selectInvitations(
  tx: Tx,
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<StoredInvitation[]> {
  let query = tx.db
    .selectFrom('access.invitation as i')
    .leftJoin('access.person as p', 'p.id', 'i.invited_by')
    .select(columns)
    .where('i.organisation_id', '=', tx.organisationId)
    .orderBy('i.id', 'desc')
    .limit(page.limit);
  if (page.after !== undefined) query = query.where('i.id', '<', page.after);
  return (await query.execute()).map(toInvitation);
}

/** @returns false when there is no such invitation that could still be accepted */
export async function concludeInvitation(tx: Tx, id: string, how: 'accepted' | 'revoked'): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('access.invitation')
    .set(how === 'accepted' ? { accepted_at: tx.at } : { revoked_at: tx.at })
    .where('organisation_id', '=', tx.organisationId)
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
