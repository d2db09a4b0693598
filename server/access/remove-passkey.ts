import { recordEntry } from '../ledger/record-entry.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { settleRemovedFactor } from './last-factor.ts';
import type { Access } from './open-access.ts';
import { deletePasskey, selectIsFactorDemanded } from './passkey-store.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/**
 * Removes a passkey of a person.
 * @param id credential id, base64url
 * @throws Failure `factor-not-found` or `last-factor`
 */
export async function removePasskey(access: Access, session: Session, id: string): Promise<void> {
  const { personId } = session;
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  const { db } = access.platform;
  const isDemanded = await db.globalTransaction((tx) => selectIsFactorDemanded(tx, personId));
  await db.transaction(home, async (tx) => {
    if (!(await deletePasskey(tx, personId, Buffer.from(id, 'base64url'))))
      throw fail('factor-not-found', 'You have no such passkey.');
    await settleRemovedFactor(tx, personId, isDemanded);
    await recordEntry(tx, {
      kind: 'access.factor-changed',
      actor: { kind: 'person', id: personId },
      body: { person: personId, factor: 'passkey', act: 'removed' },
    });
  });
}
