import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { changeSessionWithin, type OpenedSession } from './open-session.ts';
import { recordSignInRefusal } from './record-sign-in-refusal.ts';
import type { Session } from './session.ts';
import { takeCode } from './show-code.ts';

const fail = failuresOf(accessProblems);

/**
 * Takes a code of an authenticator app or a recovery code: it completes a sign-in, or is fresh for a sensitive act.
 * @throws Failure `code-refused`
 */
export async function showSecondFactor(access: Access, session: Session, code: string): Promise<OpenedSession> {
  const { platform } = access;
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  const opened = await platform.db.transaction(home, async (tx) => {
    const method = await takeCode(access, tx, session.personId, code);
    if (method !== undefined) return changeSessionWithin(access, tx, session, { methods: [method], confirms: true });
    await recordSignInRefusal(tx, session.personId, { method: 'totp', reason: 'code-refused' });
    return undefined;
  });
  if (opened === undefined) throw fail('code-refused', 'The code does not fit, or was used already.');
  return opened;
}
