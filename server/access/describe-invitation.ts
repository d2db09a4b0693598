import type { Tx } from '../platform/database.ts';
import type { StoredInvitation } from './invitation-store.ts';
import type { Invitation } from './members-contract.ts';
import type { Access } from './open-access.ts';

/** An invitation in the words of the contract, with what became of its mail. */
export async function describeInvitation(access: Access, tx: Tx, stored: StoredInvitation): Promise<Invitation> {
  const mail = stored.message === null ? undefined : await access.findMail(tx, stored.message);
  return {
    id: stored.id,
    email: stored.email,
    role: stored.role,
    state: stateOf(stored, tx.at),
    invitedBy: stored.invitedBy,
    // Whoever invited wants to know that it did not arrive, not when that became clear.
    mail: mail?.state === 'bounced' ? 'failed' : (mail?.state ?? null),
    createdAt: stored.createdAt.toISOString(),
    expiresAt: stored.expiresAt.toISOString(),
  };
}

function stateOf({ acceptedAt, revokedAt, expiresAt }: StoredInvitation, at: Date): Invitation['state'] {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return at < expiresAt ? 'open' : 'expired';
}
