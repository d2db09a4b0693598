import { recordEntry } from '../ledger/record-entry.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { currentOrigin, identifyOrigin } from '../platform/origin.ts';
import { isAllowed } from './allowlist.ts';
import { accessProblems, type Method } from './contract.ts';
import { greetNewDevice } from './new-device.ts';
import type { Access } from './open-access.ts';
import { selectOrganisationLimits } from './organisation-store.ts';
import { hasShownFactor } from './owed.ts';
import { type Belonging, lockPassword, type PersonId, selectBelongings } from './person-store.ts';
import { recordSignInRefusal } from './record-sign-in-refusal.ts';
import { judgeSession, limitsFrom, mayEnter, type Session } from './session.ts';
import { insertSession, rotateSession, selectSession, selectSessionsOf } from './session-store.ts';
import { hashToken, newToken } from './token.ts';

const fail = failuresOf(accessProblems);

/** A session with its token, which is nowhere else. */
export interface OpenedSession {
  readonly token: string;
  readonly expiresAt: Date;
  readonly session: Session;
}

/** What somebody has just shown. */
export interface SignInShown {
  readonly personId: PersonId;
  readonly methods: readonly Method[];
  /** When the password that was shown was set: one that was changed since opens nothing. */
  readonly passwordChangedAt?: Date | null;
  /** The identity provider, where they came through one, and whose it is. */
  readonly provider?: { readonly id: Id<'Provider'>; readonly organisationId: OrganisationId };
  /** Where to begin; the person's first organisation that may be entered in this way where absent. */
  readonly organisationId?: OrganisationId;
}

/**
 * Opens a session for somebody who has just shown who they are. It may owe something still; see `Session.owes`. Every
 * way to sign in ends here.
 * @throws Failure `single-sign-on-needed` or `address-not-allowed` when none of the person's organisations may be entered
 * in this way or from there, `sign-in-refused` when the password was changed in the meantime
 */
export async function openSession(access: Access, shown: SignInShown): Promise<OpenedSession> {
  const { platform } = access;
  const belongings = await platform.db.globalTransaction((tx) => selectBelongings(tx, shown.personId));
  const chosen = await chooseFirst(access, belongings, shown);
  const token = newToken();
  const origin = currentOrigin();
  return platform.db.transaction(chosen?.organisationId ?? access.ownOrganisationId, async (tx) => {
    const id = newId<'Session'>(tx.at);
    identifyOrigin({ personId: shown.personId, sessionId: id });
    const limits = chosen === undefined ? null : await selectOrganisationLimits(tx, chosen.organisationId);
    // A change ends the sessions there are; one that was about to be opened would survive it.
    const { passwordChangedAt } = shown;
    if (passwordChangedAt !== undefined && !(await lockPassword(tx, shown.personId, passwordChangedAt)))
      throw fail('sign-in-refused', 'The password was changed a moment ago.');
    await insertSession(tx, {
      id,
      tokenHash: token.hash,
      personId: shown.personId,
      organisationId: chosen?.organisationId ?? null,
      methods: shown.methods,
      providerId: shown.provider?.id ?? null,
      confirmedAt: hasShownFactor(shown.methods) ? tx.at : null,
      // An operator's link stands for the password.
      passwordShownAt: shown.methods.some((method) => method === 'password' || method === 'link') ? tx.at : null,
      ...limitsFrom(tx.at, tx.at, limits),
      address: origin?.address ?? null,
      device: origin?.device ?? 'unknown',
      country: origin?.country ?? null,
    });
    return conclude(access, tx, token.text, null);
  });
}

/** Undefined for somebody who belongs nowhere. */
async function chooseFirst(
  access: Access,
  belongings: readonly Belonging[],
  shown: SignInShown,
): Promise<Belonging | undefined> {
  if (belongings.length === 0) return undefined;
  const way = (belonging: Belonging) => ({
    isThroughProvider: shown.provider !== undefined,
    isOfProvider: shown.provider?.organisationId === belonging.organisationId,
    hasOwnMethod: shown.methods.some((method) => method !== 'provider'),
  });
  const address = currentOrigin()?.address;
  const open = belongings.filter((belonging) => mayEnter(way(belonging), belonging));
  const possible = open.filter((at) => address === undefined || isAllowed(address, at.consoleAllowlist));
  const wanted = shown.organisationId ?? shown.provider?.organisationId;
  const chosen = possible.find(({ organisationId }) => organisationId === wanted) ?? possible[0];
  if (chosen !== undefined) return chosen;
  const refusal =
    open.length === 0
      ? fail('single-sign-on-needed', 'Sign in through the identity provider of your organisation.')
      : fail('address-not-allowed', 'Your organisation admits people from certain networks only.');
  const home = open[0] ?? belongings[0];
  await access.platform.db.transaction(home?.organisationId ?? access.ownOrganisationId, (tx) =>
    recordSignInRefusal(tx, shown.personId, { method: shown.methods[0] ?? 'password', reason: refusal.code }),
  );
  throw refusal;
}

/**
 * Gives a session another token, since more was shown or another organisation chosen.
 * @param change `methods` are added; `confirms` makes the second factor fresh, `showsPassword` the password
 * @throws Failure `not-signed-in` when another request has changed the session in the meantime
 */
export async function changeSession(
  access: Access,
  session: Session,
  change: {
    readonly methods?: readonly Method[];
    readonly confirms?: boolean;
    readonly showsPassword?: boolean;
    readonly organisationId?: OrganisationId;
  },
): Promise<OpenedSession> {
  const organisationId = change.organisationId ?? session.belonging?.organisationId ?? null;
  return access.platform.db.transaction(organisationId ?? access.ownOrganisationId, (tx) =>
    changeSessionWithin(access, tx, session, change),
  );
}

/** The same in a transaction under way, which must be that of the organisation the session will be in. */
export async function changeSessionWithin(
  access: Access,
  tx: Tx,
  session: Session,
  change: {
    readonly methods?: readonly Method[];
    readonly confirms?: boolean;
    readonly showsPassword?: boolean;
    readonly organisationId?: OrganisationId;
  },
): Promise<OpenedSession> {
  const organisationId = change.organisationId ?? session.belonging?.organisationId ?? null;
  const token = newToken();
  const limits = organisationId === null ? null : await selectOrganisationLimits(tx, organisationId);
  const isRotated = await rotateSession(tx, {
    before: session.tokenHash,
    after: token.hash,
    methods: [...new Set([...session.methods, ...(change.methods ?? [])])],
    confirmedAt: change.confirms === true ? tx.at : session.confirmedAt,
    passwordShownAt: change.showsPassword === true ? tx.at : session.passwordShownAt,
    organisationId,
    ...limitsFrom(session.createdAt, tx.at, limits),
  });
  if (!isRotated) throw fail('not-signed-in', 'This session was changed by another request; look again.');
  return conclude(access, tx, token.text, session);
}

/** Looks at what has come of it; records the sign-in with the step that completes it. */
async function conclude(access: Access, tx: Tx, token: string, before: Session | null): Promise<OpenedSession> {
  const row = await selectSession(tx, hashToken(token));
  const session = row === undefined ? undefined : judgeSession(row, tx.at);
  if (session === undefined)
    throw fail('not-signed-in', 'Sessions of this organisation do not last that long: sign in again.');
  const entered = session.owes === null ? session.open?.organisationId : undefined;
  const wasIn = before?.owes === null ? before.open?.organisationId : undefined;
  if (entered !== undefined && entered !== wasIn) await recordSignIn(access, tx, session);
  return { token, expiresAt: session.expiresAt, session };
}

async function recordSignIn(access: Access, tx: Tx, session: Session): Promise<void> {
  identifyOrigin({ personId: session.personId, sessionId: session.id });
  await greetNewDevice(access, tx, session);
  await recordEntry(tx, {
    kind: 'access.signed-in',
    actor: { kind: 'person', id: session.personId },
    body: { person: session.personId, session: session.id, methods: [...session.methods] },
  });
}

/**
 * Records the sign-ins that something has completed which was done outside of their sessions: the address was verified,
 * perhaps in another browser. To be called once the sessions of the person owed exactly that.
 */
export async function recordCompletedSessions(access: Access, personId: PersonId): Promise<void> {
  const { db } = access.platform;
  const sessions = await db.globalTransaction(async (tx) => {
    const found = [];
    for (const { tokenHash } of await selectSessionsOf(tx, personId)) {
      const row = await selectSession(tx, tokenHash);
      found.push(row === undefined ? undefined : judgeSession(row, tx.at));
    }
    return found;
  });
  for (const session of sessions)
    if (session?.owes === null && session.open !== null)
      await db.transaction(session.open.organisationId, (tx) => recordSignIn(access, tx, session));
}
