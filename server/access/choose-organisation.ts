import type { OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { changeSessionWithin, type OpenedSession } from './open-session.ts';
import { selectBelongings } from './person-store.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/**
 * Turns a session to another organisation of its person.
 * @throws Failure `organisation-not-found`, or `single-sign-on-needed` when it may not be entered in the way the person
 * signed in: it demands its own identity provider, or they came through that of another organisation
 */
export async function chooseOrganisation(
  access: Access,
  session: Session,
  organisationId: OrganisationId,
): Promise<OpenedSession> {
  const belongings = await access.platform.db.globalTransaction((tx) => selectBelongings(tx, session.personId));
  if (!belongings.some((belonging) => belonging.organisationId === organisationId))
    throw fail('organisation-not-found', 'You belong to no such organisation.');
  return access.platform.db.transaction(organisationId, async (tx) => {
    const opened = await changeSessionWithin(access, tx, session, { organisationId });
    if (opened.session.open === null)
      throw fail('single-sign-on-needed', 'Sign in anew, in the way that this organisation asks for.');
    return opened;
  });
}
