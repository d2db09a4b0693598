import type { OrganisationId } from '../platform/contract.ts';
import type { Owed, OwnFreshBy, Role } from './contract.ts';
import { owedBy } from './owed.ts';
import type { SessionRow } from './session-store.ts';

/** Where no organisation is chosen that could say otherwise. */
const IDLE_MINUTES = 60;
const SESSION_HOURS = 12;
const FRESH_MINUTES = 10;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A person's session, judged: what it owes, where it is and until when. */
export interface Session extends SessionRow {
  readonly owes: Owed;
  /** The organisation that is open to it; null where none is, or where it may not be entered in this way. */
  readonly open: { readonly organisationId: OrganisationId; readonly role: Role } | null;
  readonly hasFactor: boolean;
}

/** How long a session lasts in an organisation: the limits there, of today. */
export interface Limits {
  readonly idleMinutes: number;
  readonly sessionHours: number;
}

const usualLimits: Limits = { idleMinutes: IDLE_MINUTES, sessionHours: SESSION_HOURS };

/** @param limits null where no organisation is chosen */
export function limitsFrom(createdAt: Date, at: Date, limits: Limits | null): { idleAt: Date; expiresAt: Date } {
  const { idleMinutes, sessionHours } = limits ?? usualLimits;
  const expiresAt = new Date(createdAt.getTime() + sessionHours * HOUR_MS);
  const idleAt = new Date(Math.min(at.getTime() + idleMinutes * MINUTE_MS, expiresAt.getTime()));
  return { idleAt, expiresAt };
}

/**
 * Whether somebody may be in an organisation in the way they signed in: it may demand its identity provider, and the
 * provider of one organisation does not speak for another.
 */
export function mayEnter(
  way: { readonly isThroughProvider: boolean; readonly isOfProvider: boolean; readonly hasOwnMethod: boolean },
  organisation: { readonly demandsSingleSignOn: boolean; readonly isBreakGlass: boolean },
): boolean {
  if (way.isThroughProvider && way.isOfProvider) return true;
  if (organisation.demandsSingleSignOn && !organisation.isBreakGlass) return false;
  return !way.isThroughProvider || way.hasOwnMethod;
}

/** Judges what was found. Undefined where a limit that was shortened since has passed. */
export function judgeSession(row: SessionRow, at: Date): Session | undefined {
  const { belonging, methods } = row;
  const limits = limitsFrom(row.createdAt, row.seenAt, belonging);
  if (at >= limits.expiresAt || at >= limits.idleAt) return undefined;
  const isThroughProvider = row.providerId !== null;
  const way = {
    isThroughProvider,
    isOfProvider: belonging?.isOfProvider ?? false,
    hasOwnMethod: methods.some((method) => method === 'password' || method === 'passkey' || method === 'link'),
  };
  const entered = belonging !== null && mayEnter(way, belonging) ? belonging : null;
  const hasFactor = row.hasTotp || row.hasPasskey;
  const owes = owedBy({
    methods,
    isThroughProvider: isThroughProvider && way.isOfProvider,
    hasFactor,
    isEmailVerified: row.emailVerifiedAt !== null,
    role: entered?.role ?? null,
    demandsSecondFactor: entered?.demandsSecondFactor ?? false,
    demandsSingleSignOn: entered?.demandsSingleSignOn ?? false,
  });
  const expiresAt = row.expiresAt < limits.expiresAt ? row.expiresAt : limits.expiresAt;
  return {
    ...row,
    expiresAt,
    owes,
    hasFactor,
    open: entered === null ? null : { organisationId: entered.organisationId, role: entered.role },
  };
}

/** Until when a second factor counts as fresh for sensitive acts; null where none does. */
export function freshUntil(session: Session, at: Date): Date | null {
  return hasShownAll(session) ? freshFrom(session.confirmedAt, at) : null;
}

/**
 * What somebody shows for an act that is about nobody but themselves. Nobody is to enrol a second factor to exercise a
 * right; whoever has one shows it here as elsewhere.
 */
export function ownFreshBy({ hasFactor, hasPassword }: Session): OwnFreshBy {
  if (hasFactor) return 'second-factor';
  return hasPassword ? 'password' : 'sign-in';
}

/** Until when that opens acts about oneself; null where it does not. */
export function ownFreshUntil(session: Session, at: Date): Date | null {
  return hasShownAll(session) ? shownUntil(session, at) : null;
}

/** Until when that counts as shown; null where it does not. */
export function shownUntil(session: Session, at: Date): Date | null {
  const shownAt = {
    'second-factor': session.confirmedAt,
    password: session.passwordShownAt,
    'sign-in': session.createdAt,
  };
  return freshFrom(shownAt[ownFreshBy(session)], at);
}

/** Whether nothing is owed but perhaps an organisation. */
function hasShownAll({ owes }: Session): boolean {
  return owes === null || owes === 'organisation';
}

/** What a person is whose session opens no organisation. */
export function strangerOf({ owes }: Pick<Session, 'owes'>): 'visitor' | 'beginner' {
  return owes === 'organisation' ? 'visitor' : 'beginner';
}

function freshFrom(shownAt: Date | null, at: Date): Date | null {
  if (shownAt === null) return null;
  const until = new Date(shownAt.getTime() + FRESH_MINUTES * MINUTE_MS);
  return at < until ? until : null;
}
