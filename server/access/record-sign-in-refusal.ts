import { recordEntry } from '../ledger/record-entry.ts';
import type { Tx } from '../platform/database.ts';
import { identifyOrigin } from '../platform/origin.ts';
import type { Method } from './contract.ts';
import type { PersonId } from './person-store.ts';

/**
 * Records that somebody could not show who they are, or may not sign in this way. Nobody is shown to have acted, so the
 * actor is Kept itself; beside the entry stands whom they claimed to be.
 * @param person undefined where no account has that address
 * @param refused `reason` is the code of the problem they were answered with
 */
export async function recordSignInRefusal(
  tx: Tx,
  person: PersonId | undefined,
  refused: { readonly method: Method; readonly reason: string },
): Promise<void> {
  if (person !== undefined) identifyOrigin({ personId: person });
  await recordEntry(tx, {
    kind: 'access.sign-in-refused',
    actor: { kind: 'system', id: 'access' },
    body: { reason: refused.reason, method: refused.method },
  });
}
