import { recordEntry } from '../ledger/record-entry.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import type { Session } from './session.ts';
import { deleteSessionById, deleteSessionsOf } from './session-store.ts';

const fail = failuresOf(accessProblems);

/**
 * Signs out one browser of the person, wherever it is.
 * @throws Failure `session-not-found`
 */
export async function endOwnSession(access: Access, session: Session, id: string): Promise<void> {
  await end(access, session, async (tx) => {
    if (!(await deleteSessionById(tx, session.personId, id)))
      throw fail('session-not-found', 'You have no such session; it may have ended.');
    return 1;
  });
}

/** Signs out every browser of the person but this one. @returns how many */
export async function endOtherSessions(access: Access, session: Session): Promise<number> {
  return end(access, session, (tx) => deleteSessionsOf(tx, session.personId, { but: session.tokenHash }));
}

async function end(
  access: Access,
  session: Session,
  work: (tx: Parameters<typeof deleteSessionsOf>[0]) => Promise<number>,
): Promise<number> {
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  return access.platform.db.transaction(home, async (tx) => {
    const sessions = await work(tx);
    await recordEntry(tx, {
      kind: 'access.sessions-ended',
      actor: { kind: 'person', id: session.personId },
      body: { person: session.personId, sessions, reason: 'by-person' },
    });
    return sessions;
  });
}
