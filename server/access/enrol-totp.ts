import { recordEntry } from '../ledger/record-entry.ts';
import type { GlobalTx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { confirmPendingTotp, replaceRecoveryCodes, selectTotp, upsertPendingTotp } from './factor-store.ts';
import { bareCode, hashRecoveryCode, newRecoveryCodes, newTotpSecret, totpStep, totpUri } from './one-time-code.ts';
import type { Access } from './open-access.ts';
import { changeSessionWithin, type OpenedSession } from './open-session.ts';
import type { PersonId } from './person-store.ts';
import { requireOwnFresh, requireOwnHand } from './require-fresh.ts';
import type { Session } from './session.ts';

const fail = failuresOf(accessProblems);

/**
 * Refuses an enrolment that would replace or add to second factors that were not shown of late: whoever knows only the
 * password must not give themselves a factor. The first one may be enrolled while the session owes it, but by who showed
 * the password of late: whoever has got hold of a session must not make it theirs for good.
 * @throws Failure `not-permitted`, `second-factor-needed` or `password-needed`
 */
export async function requireEnrolment(access: Access, session: Session): Promise<void> {
  if (session.owes === 'second-factor' || session.owes === 'email-verification')
    throw fail('not-permitted', `This session is not complete: it owes ${session.owes}.`);
  if (!session.hasFactor) await requireOwnHand(access, session);
  await requireOwnFresh(access, { session, role: 'beginner' });
}

/** Begins the enrolment of an authenticator app. One that is in use stays until the new one has shown a code. */
export async function beginTotp(access: Access, session: Session): Promise<{ secret: string; uri: string }> {
  await requireEnrolment(access, session);
  const secret = newTotpSecret();
  const sealed = access.platform.seal.close(secret, 'totp', session.personId);
  await access.platform.db.globalTransaction((tx) => upsertPendingTotp(tx, session.personId, sealed));
  return { secret, uri: totpUri(secret, session.email) };
}

/**
 * Takes the first code of the app, from which on it counts. With a person's first second factor come recovery codes.
 * @throws Failure `factor-not-found` or `code-refused`
 */
export async function confirmTotp(
  access: Access,
  session: Session,
  text: string,
): Promise<{ recoveryCodes: string[]; opened: OpenedSession }> {
  await requireEnrolment(access, session);
  const { personId } = session;
  const home = session.belonging?.organisationId ?? access.ownOrganisationId;
  return access.platform.db.transaction(home, async (tx) => {
    const pending = (await selectTotp(tx, personId))?.pending ?? null;
    if (pending === null) throw fail('factor-not-found', 'No enrolment is under way; begin anew.');
    const step = totpStep(access.platform.seal.open(pending, 'totp', personId), bareCode(text), tx.at);
    if (step === undefined || !(await confirmPendingTotp(tx, personId, pending, step)))
      throw fail('code-refused', 'The code does not fit. Check that the clock of the device is right.');
    await recordEntry(tx, {
      kind: 'access.factor-changed',
      actor: { kind: 'person', id: personId },
      body: { person: personId, factor: 'totp', act: 'enrolled' },
    });
    const recoveryCodes = session.hasFactor ? [] : await giveRecoveryCodes(tx, personId);
    const opened = await changeSessionWithin(access, tx, session, { methods: ['totp'], confirms: true });
    return { recoveryCodes, opened };
  });
}

/** New recovery codes in the place of those there were; only their hashes stay. */
export async function giveRecoveryCodes(tx: GlobalTx, person: PersonId): Promise<string[]> {
  const codes = newRecoveryCodes();
  await replaceRecoveryCodes(
    tx,
    person,
    codes.map((code) => hashRecoveryCode(person, code)),
  );
  return codes;
}
