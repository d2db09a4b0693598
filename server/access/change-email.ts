import type { Access } from './open-access.ts';
import { selectPersonByEmail } from './person-store.ts';
import { sendVerification } from './send-verification.ts';
import type { Session } from './session.ts';

/**
 * Takes down that somebody wants another address: it counts once the link that is sent there was opened. Nothing is
 * sent to an address that somebody has, and the answer does not tell, since it would say who is here.
 */
export async function changeEmail(access: Access, session: Session, email: string): Promise<void> {
  const { personId, name, language } = session;
  await access.platform.db.transaction(access.ownOrganisationId, async (tx) => {
    const holder = await selectPersonByEmail(tx, email);
    if (holder === undefined || holder.id === personId)
      await sendVerification(access, tx, { personId, name, email, language });
  });
}
