import { recordEntry } from '../ledger/record-entry.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { giveRecoveryCodes } from './enrol-totp.ts';
import { deleteTotp } from './factor-store.ts';
import { settleRemovedFactor } from './last-factor.ts';
import type { Access } from './open-access.ts';
import { selectIsFactorDemanded } from './passkey-store.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/**
 * Removes the authenticator app of who is signed in.
 * @throws Failure `factor-not-found` or `last-factor`
 */
export async function removeTotp(access: Access, session: Session): Promise<void> {
  const { personId } = session;
  const { db } = access.platform;
  const isDemanded = await db.globalTransaction((tx) => selectIsFactorDemanded(tx, personId));
  await db.transaction(homeOf(access, session), async (tx) => {
    if (!(await deleteTotp(tx, personId))) throw fail('factor-not-found', 'You have no authenticator app here.');
    await settleRemovedFactor(tx, personId, isDemanded);
    await recordEntry(tx, {
      kind: 'access.factor-changed',
      actor: { kind: 'person', id: personId },
      body: { person: personId, factor: 'totp', act: 'removed' },
    });
  });
}

/** Makes new recovery codes for who is signed in; the old ones work no more. */
export async function renewRecoveryCodes(access: Access, session: Session): Promise<string[]> {
  const { personId } = session;
  return access.platform.db.transaction(homeOf(access, session), async (tx) => {
    const codes = await giveRecoveryCodes(tx, personId);
    await recordEntry(tx, {
      kind: 'access.factor-changed',
      actor: { kind: 'person', id: personId },
      body: { person: personId, factor: 'recovery-code', act: 'renewed' },
    });
    return codes;
  });
}

function homeOf(access: Access, session: Session) {
  return session.belonging?.organisationId ?? access.ownOrganisationId;
}
