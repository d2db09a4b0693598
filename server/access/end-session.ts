import { recordEntry } from '../ledger/record-entry.ts';
import type { Access } from './open-access.ts';
import type { Session } from './session.ts';
import { deleteSession } from './session-store.ts';

/** Signs out: the session ends on the server, whatever the browser does with its cookie. */
export async function endSession(access: Access, session: Session): Promise<void> {
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  await access.platform.db.transaction(home, async (tx) => {
    await deleteSession(tx, session.tokenHash);
    await recordEntry(tx, {
      kind: 'access.signed-out',
      actor: { kind: 'person', id: session.personId },
      body: { session: session.id },
    });
  });
}
