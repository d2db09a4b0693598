import type { Method, Owed, Role } from './contract.ts';
import { privilegedRoles } from './permissions.ts';

/** What decides whether a session is complete. */
export interface Shown {
  /** The ways the person has shown who they are. */
  readonly methods: readonly Method[];
  /** The identity provider it came through. */
  readonly isThroughProvider: boolean;
  readonly hasFactor: boolean;
  readonly isEmailVerified: boolean;
  /** In the organisation that is open; null where none is. */
  readonly role: Role | null;
  readonly demandsSecondFactor: boolean;
  readonly demandsSingleSignOn: boolean;
}

/** The ways that are a second factor; a passkey, whose use asks for the person, is both at once. */
const secondFactors: readonly Method[] = ['totp', 'recovery-code', 'passkey'];

export function hasShownFactor(methods: readonly Method[]): boolean {
  return methods.some((method) => secondFactors.includes(method));
}

/**
 * What a session still owes before it opens anything; null when it is complete. First comes who it is, then whether
 * mail reaches them, then where, then what is asked of them there.
 */
export function owedBy(shown: Shown): Owed {
  // Where the organisation demands its provider, the provider answers for the factors: but not for those of the roles
  // that always need one. Whoever may set up a provider could else make it say that they are the owner.
  const isPrivileged = shown.role !== null && privilegedRoles.includes(shown.role);
  const isVouchedFor = shown.isThroughProvider && shown.demandsSingleSignOn && shown.role !== null && !isPrivileged;
  const hasShown = hasShownFactor(shown.methods);
  if (shown.hasFactor && !hasShown && !isVouchedFor) return 'second-factor';
  if (!shown.isEmailVerified) return 'email-verification';
  if (shown.role === null) return 'organisation';
  const isDemanded = shown.demandsSecondFactor || isPrivileged;
  if (isDemanded && !shown.hasFactor && !isVouchedFor) return 'second-factor-enrolment';
  return null;
}
