import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { identifyOrigin } from '../platform/origin.ts';
import type { Platform } from '../platform/platform.ts';

/** Refusals that are part of an ordinary course: the caller is asked for something and then shows it. */
const prompts = ['second-factor-needed', 'password-needed', 'too-many-attempts'];

/**
 * Records that a known caller was refused, in the organisation where it happened. Strangers are of none, so theirs are
 * not recorded; and an error that is no refusal is left to whoever catches it.
 * @param permission what they asked for; null where it did not come to that
 */
export async function recordRefusedCall(
  platform: Platform,
  organisationId: OrganisationId,
  actor: Actor,
  permission: string | null,
  error: unknown,
): Promise<void> {
  if (!(error instanceof Failure) || error.status >= 500 || prompts.includes(error.code)) return;
  identifyOrigin(actor.kind === 'person' ? { personId: actor.id } : { keyId: actor.id });
  await platform.db.transaction(organisationId, (tx) =>
    recordEntry(tx, { kind: 'access.refused', actor, body: { permission, reason: error.code } }),
  );
}
