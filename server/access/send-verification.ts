import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Language } from './contract.ts';
import { linkAddress } from './link-address.ts';
import type { Access } from './open-access.ts';
import type { PersonId } from './person-store.ts';
import { newToken } from './token.ts';
import { insertToken, voidTokens } from './token-store.ts';

const VERIFICATION_MS = 24 * 60 * 60_000;

/**
 * Sends a link that verifies an address of a person, for 24 hours: the one they have, or one they want to have. Links
 * sent before no longer work. Belongs into a transaction of the server's own organisation, whose mail it is.
 */
export async function sendVerification(
  access: Access,
  tx: Tx,
  to: { readonly personId: PersonId; readonly name: string; readonly email: string; readonly language: Language },
): Promise<void> {
  const token = newToken();
  const expiresAt = new Date(tx.at.getTime() + VERIFICATION_MS);
  await voidTokens(tx, { kind: 'email-verification', personId: to.personId });
  await insertToken(tx, {
    hash: token.hash,
    kind: 'email-verification',
    personId: to.personId,
    email: to.email,
    expiresAt,
  });
  await access.queueMail(tx, {
    template: 'email-verification',
    to: to.email,
    language: to.language,
    figures: {
      name: to.name,
      url: linkAddress(access, 'email-verification', token.text),
      expiresAt: expiresAt.toISOString(),
    },
    idempotencyKey: `email-verification:${newId(tx.at)}`,
  });
}
