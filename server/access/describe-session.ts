import type { Identity } from './authorise.ts';
import type { Session as SessionAnswer } from './contract.ts';
import { selectFactors } from './factor-store.ts';
import type { Access } from './open-access.ts';
import { selectOrganisation } from './organisation-store.ts';
import { permissionsOf } from './permissions.ts';
import { selectBelongings } from './person-store.ts';
import { freshUntil, ownFreshBy, ownFreshUntil, type Session, strangerOf } from './session.ts';

/** A session in the words of the contract: who is signed in, where, and what is still owed. */
export async function describeSession({ platform }: Access, session: Session): Promise<SessionAnswer> {
  const { belongings, factors, at } = await platform.db.globalTransaction(async (tx) => ({
    belongings: await selectBelongings(tx, session.personId),
    factors: await selectFactors(tx, session.personId),
    at: tx.at,
  }));
  const isComplete = session.owes === null && session.open !== null;
  const open = belongings.find(({ organisationId }) => organisationId === session.open?.organisationId);
  const role = session.open?.role ?? null;
  const isHalfKnown = session.owes === 'second-factor';
  return {
    organisation: isComplete ? (open?.organisation ?? null) : null,
    // Whoever knows only the password is not told where its person belongs.
    organisations: isHalfKnown ? [] : belongings.map(({ organisation, role: held }) => ({ organisation, role: held })),
    actor: { kind: 'person', id: session.personId },
    person: { id: session.personId, name: session.name, email: session.email },
    role: isHalfKnown ? null : role,
    language: session.language,
    permissions: permissionsOf(isComplete && role !== null ? role : strangerOf(session)),
    owes: session.owes,
    factors: [
      ...(factors.totp ? (['totp'] as const) : []),
      ...(factors.passkeys > 0 ? (['passkey'] as const) : []),
      ...(factors.recoveryCodes > 0 && session.hasFactor ? (['recovery-code'] as const) : []),
    ],
    freshUntil: freshUntil(session, at)?.toISOString() ?? null,
    ownFreshBy: ownFreshBy(session),
    ownFreshUntil: ownFreshUntil(session, at)?.toISOString() ?? null,
    expiresAt: session.expiresAt.toISOString(),
  };
}

/** The same for whoever calls with a key, which has no session. */
export async function describeKey({ platform }: Access, identity: Identity): Promise<SessionAnswer> {
  const organisation = await platform.db.globalTransaction((tx) => selectOrganisation(tx, identity.organisationId));
  return {
    organisation: organisation ?? null,
    organisations: [],
    actor: identity.actor,
    person: null,
    role: null,
    language: identity.language,
    permissions: permissionsOf(identity.role, identity.scopes),
    owes: null,
    factors: [],
    freshUntil: null,
    ownFreshBy: null,
    ownFreshUntil: null,
    expiresAt: null,
  };
}
