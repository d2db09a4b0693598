import type { OrganisationId } from '../platform/contract.ts';
import { Failure, failuresOf } from '../platform/failure.ts';
import { currentOrigin } from '../platform/origin.ts';
import { demandAllowed } from './allowlist.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { changeSessionWithin, type OpenedSession } from './open-session.ts';
import { selectBelongings } from './person-store.ts';
import { recordSignInRefusal } from './record-sign-in-refusal.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/**
 * Turns a session to another organisation of its person.
 * @throws Failure `organisation-not-found`, or `single-sign-on-needed` when it may not be entered in the way the person
 * signed in: it demands its own identity provider, or they came through that of another organisation. Or
 * `address-not-allowed`. What is refused is recorded there.
 */
export async function chooseOrganisation(
  access: Access,
  session: Session,
  organisationId: OrganisationId,
): Promise<OpenedSession> {
  const { db } = access.platform;
  const belongings = await db.globalTransaction((tx) => selectBelongings(tx, session.personId));
  const chosen = belongings.find((belonging) => belonging.organisationId === organisationId);
  if (chosen === undefined) throw fail('organisation-not-found', 'You belong to no such organisation.');
  try {
    const address = currentOrigin()?.address;
    if (address !== undefined) demandAllowed(address, chosen.consoleAllowlist);
    return await db.transaction(organisationId, async (tx) => {
      const opened = await changeSessionWithin(access, tx, session, { organisationId });
      if (opened.session.open === null)
        throw fail('single-sign-on-needed', 'Sign in anew, in the way that this organisation asks for.');
      return opened;
    });
  } catch (error) {
    const method = session.methods[0] ?? 'password';
    if (isRefusedEntry(error))
      await db.transaction(organisationId, (tx) =>
        recordSignInRefusal(tx, session.personId, { method, reason: error.code }),
      );
    throw error;
  }
}

/** Whether an organisation may not be entered in the way somebody signed in, or from where they are. */
export function isRefusedEntry(error: unknown): error is Failure {
  return error instanceof Failure && ['single-sign-on-needed', 'address-not-allowed'].includes(error.code);
}
