import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { concludeInvitation } from './invitation-store.ts';
import { voidTokens } from './token-store.ts';

const fail = failuresOf(accessProblems);

/** @throws Failure `invitation-not-found`, also for one that was accepted or revoked before */
export async function revokeInvitation(tx: Tx, actor: Actor, id: string): Promise<void> {
  if (!(await concludeInvitation(tx, id, 'revoked')))
    throw fail('invitation-not-found', 'There is no such invitation, or it was accepted or revoked before.');
  await voidTokens(tx, { kind: 'invitation', subjectId: id });
  await recordEntry(tx, { kind: 'access.invitation-revoked', actor, body: { invitation: id } });
}
