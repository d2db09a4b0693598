import { recordEntry } from '../ledger/record-entry.ts';
import { failuresOf } from '../platform/failure.ts';
import { identifyOrigin } from '../platform/origin.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import { type OpenedSession, openSession } from './open-session.ts';
import { markEmailVerified, selectBelongings } from './person-store.ts';
import { hashToken } from './token.ts';
import { takeToken } from './token-store.ts';

const fail = failuresOf(accessProblems);

/**
 * Turns the operator's link into a session.
 * @throws Failure `link-invalid` or `single-sign-on-needed`
 */
export async function followLink(access: Access, text: string): Promise<OpenedSession> {
  const { platform, ownOrganisationId } = access;
  const used = await platform.db.globalTransaction(async (tx) => {
    const token = await takeToken(tx, hashToken(text), ['link']);
    if (token?.personId == null) return undefined;
    if (token.email !== null) await markEmailVerified(tx, token.personId, token.email);
    const belongings = await selectBelongings(tx, token.personId);
    return { ...token, personId: token.personId, home: token.organisationId ?? belongings[0]?.organisationId };
  });
  if (used === undefined)
    throw fail('link-invalid', 'This link was used already or has expired. Ask for a new one with: kept link');
  const { personId, methods, organisationId, home = ownOrganisationId } = used;
  identifyOrigin({ personId });
  await platform.db.transaction(home, (tx) =>
    recordEntry(tx, {
      kind: 'access.owner-linked',
      actor: { kind: 'person', id: personId },
      body: { person: personId },
    }),
  );
  return openSession(access, { personId, methods, ...(organisationId !== null && { organisationId }) });
}
