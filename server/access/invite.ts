import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Language, Role } from './contract.ts';
import { demandMayGive } from './given-role.ts';
import {
  insertInvitation,
  lockPendingInvitation,
  renewInvitation,
  type StoredInvitation,
  selectInvitation,
  updateInvitationMessage,
} from './invitation-store.ts';
import { linkAddress } from './link-address.ts';
import type { Access } from './open-access.ts';
import { lockOrganisation } from './organisation-store.ts';
import type { Role as CallerRole } from './permissions.ts';
import { newToken } from './token.ts';
import { insertToken, voidTokens } from './token-store.ts';

const INVITATION_MS = 7 * 24 * 60 * 60_000;
/** Who stands for the operator of the server where a person is to be named. */
const operator = '00000000-0000-0000-0000-000000000000';

/**
 * Invites somebody by e-mail; the link works once, for seven days. Who is invited again gets a new link, the old one no
 * longer works, and the role named last counts.
 * @param by `name` stands in the mail; null for the operator
 * @throws Failure `not-permitted` when the caller may not give that role
 */
export async function invite(
  access: Access,
  tx: Tx,
  by: { readonly actor: Actor; readonly role: CallerRole; readonly name: string | null },
  wanted: { readonly email: string; readonly role: Role; readonly language: Language },
): Promise<StoredInvitation> {
  demandMayGive(by.role, [wanted.role]);
  const { email, role, language } = wanted;
  // One at a time, so that nobody is invited twice at once.
  const organisation = await lockOrganisation(tx, tx.organisationId);
  const expiresAt = new Date(tx.at.getTime() + INVITATION_MS);
  const known = await lockPendingInvitation(tx, email);
  const id = known ?? newId<'Invitation'>(tx.at);
  if (known !== undefined) await renewInvitation(tx, { id, role, expiresAt });
  else {
    const invitedBy = by.actor.kind === 'person' ? by.actor.id : operator;
    await insertInvitation(tx, { id, email, role, invitedBy, expiresAt });
  }
  const token = newToken();
  const { organisationId } = tx;
  await voidTokens(tx, { kind: 'invitation', subjectId: id });
  await insertToken(tx, { hash: token.hash, kind: 'invitation', organisationId, subjectId: id, email, expiresAt });
  await recordEntry(tx, { kind: 'access.invited', actor: by.actor, body: { invitation: id, role } });
  const message = await access.queueMail(tx, {
    template: 'invitation',
    to: email,
    language,
    figures: {
      organisation: organisation.name,
      invitedBy: by.name,
      role,
      url: linkAddress(access, 'invitation', token.text),
      expiresAt: expiresAt.toISOString(),
    },
    idempotencyKey: `invitation:${newId(tx.at)}`,
  });
  await updateInvitationMessage(tx, id, message);
  const invitation = await selectInvitation(tx, id);
  if (invitation === undefined) throw new Error('an invitation that was just made is not there');
  return invitation;
}
