import { failuresOf } from '../platform/failure.ts';
import { findOpenInvitation } from './accept-invitation.ts';
import { accessProblems, type Role } from './contract.ts';
import type { Access } from './open-access.ts';
import { hashToken } from './token.ts';
import { selectToken } from './token-store.ts';

const fail = failuresOf(accessProblems);

/** What a link is for. */
export interface LookedAtToken {
  readonly kind: 'setup' | 'email-verification' | 'password-reset' | 'invitation';
  readonly email: string | null;
  readonly organisation: string | null;
  readonly role: Role | null;
  readonly isNewPerson: boolean;
  readonly expiresAt: string;
}

/**
 * Tells what a link is for, without using it up.
 * @throws Failure `link-invalid`
 */
export async function lookAtToken(access: Access, text: string): Promise<LookedAtToken> {
  const token = await access.platform.db.globalTransaction((tx) => selectToken(tx, hashToken(text)));
  // The operator's link is followed, not looked at; a question for a reset is no link yet.
  if (token === undefined || token.kind === 'link') throw invalid();
  if (token.kind === 'password-reset' && token.personId === null) throw invalid();
  const { kind, email } = token;
  const expiresAt = token.expiresAt.toISOString();
  if (kind !== 'invitation') return { kind, email, organisation: null, role: null, isNewPerson: false, expiresAt };
  const { organisation, role, isNewPerson } = await findOpenInvitation(access, text);
  return { kind, email, organisation, role, isNewPerson, expiresAt };
}

function invalid() {
  return fail('link-invalid', 'This link was used already or has expired.');
}
