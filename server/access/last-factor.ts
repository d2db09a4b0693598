import type { GlobalTx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { deleteRecoveryCodes, selectFactors } from './factor-store.ts';
import { lockPerson, type PersonId } from './person-store.ts';

const fail = failuresOf(accessProblems);

/**
 * To be called once a second factor was removed, in the same transaction: refuses where it was a person's last and they
 * need one; else takes the recovery codes that stood for it.
 * @param isDemanded from `selectIsFactorDemanded`, asked beforehand in a global transaction: within one organisation
 *   the others' demands are not seen
 * @throws Failure `last-factor`
 */
export async function settleRemovedFactor(tx: GlobalTx, person: PersonId, isDemanded: boolean): Promise<void> {
  // Of two that are removed at once, each would see the other still there.
  await lockPerson(tx, person);
  const { totp, passkeys } = await selectFactors(tx, person);
  if (totp || passkeys > 0) return;
  if (isDemanded)
    throw fail('last-factor', 'Your role or your organisation demands a second factor: enrol another one first.');
  await deleteRecoveryCodes(tx, person);
}
