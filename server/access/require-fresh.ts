import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import type { Access } from './open-access.ts';
import type { Role } from './permissions.ts';
import { selectBelongings } from './person-store.ts';
import { freshUntil, ownFreshBy, type Session, shownUntil } from './session.ts';

const fail = failuresOf(accessProblems);

/** Who acts, as far as it matters here; a key has no session. */
interface Actor {
  readonly role: Role;
  readonly session: Session | null;
}

/**
 * Refuses whoever has shown no second factor within the last ten minutes, and every key but the local one.
 * @throws Failure `second-factor-needed` or `not-permitted`
 */
export function requireFresh({ platform }: Access, { session, role }: Actor): void {
  if (role === 'local-key') return;
  if (session === null) throw fail('not-permitted', 'This asks for a second factor, which a key does not have.');
  if (freshUntil(session, platform.clock.now()) === null)
    throw fail(
      'second-factor-needed',
      session.hasFactor ? 'Show your second factor once more.' : 'Enrol a second factor in your account first.',
    );
}

/**
 * The same for what is about the person alone: whoever has no second factor shows their password, and whoever has
 * neither signed in of late, by a way of their own.
 * @throws Failure `second-factor-needed`, `password-needed` or `not-permitted`
 */
export async function requireOwnFresh(access: Access, { session, role }: Actor): Promise<void> {
  if (session === null || session.hasFactor) {
    requireFresh(access, { session, role });
    return;
  }
  const by = ownFreshBy(session);
  if (by === 'sign-in') await requireOwnHand(access, session);
  if (shownUntil(session, access.platform.clock.now()) !== null) return;
  if (by === 'password') throw fail('password-needed', 'Show your password once more.');
  throw fail('second-factor-needed', 'Sign in again, or enrol a second factor in your account.');
}

/**
 * The identity provider of one organisation does not speak for another: with a first factor, and then a password, it
 * would have made itself a way into all that the person belongs to.
 * @throws Failure `not-permitted`
 */
export async function requireOwnHand({ platform }: Access, session: Session): Promise<void> {
  const { personId, providerId, methods, belonging } = session;
  if (providerId === null || methods.some((method) => method !== 'provider')) return;
  const all = await platform.db.globalTransaction((tx) => selectBelongings(tx, personId));
  if (all.some(({ organisationId }) => organisationId !== belonging?.organisationId))
    throw fail(
      'not-permitted',
      'You belong to several organisations and came through the identity provider of one. Set a password with "forgot password" and sign in with it first.',
    );
}
