import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { webhookIdOf } from './attempt-delivery.ts';
import { isSignedWith, type SigningKey } from './delivery-signature.ts';
import { countUnsigned, listSentSince, type Sent } from './delivery-store.ts';
import { openSecret } from './open-secrets.ts';
import { listSecretsOfAll, type SecretRow } from './subscription-store.ts';

/** How many of the newest attempts of an organisation are looked at. */
const MOST = 2_000;

/** What was found of an organisation. */
export interface SignatureCheck {
  /** Attempts that were looked at. */
  readonly examined: number;
  /** Those whose signature no secret of their subscription made over what is stored as sent. */
  readonly unsigned: number;
  /** Subscriptions without a secret: nothing could be signed. */
  readonly withoutSecret: number;
}

/**
 * Verifies what was really sent: the signature in the stored headers of each attempt, over the stored body, its id and
 * its time, as a receiver does. An attempt is looked at where a secret that is there now was there then.
 * @param since attempts before this are not looked at
 */
export async function checkSignatures(
  platform: Platform,
  organisation: OrganisationId,
  since: Date,
): Promise<SignatureCheck> {
  return platform.db.transaction(organisation, async (tx) => {
    const secrets = await listSecretsOfAll(tx);
    const keys = new Map<SecretRow, SigningKey>();
    for (const secret of secrets) keys.set(secret, openSecret(platform.seal, secret));
    const sent = await listSentSince(tx, since, MOST);
    let examined = 0;
    let unsigned = 0;
    for (const one of sent) {
      const able = secrets.filter(
        ({ subscription, createdAt }) => subscription === one.subscription && createdAt <= one.startedAt,
      );
      if (able.length === 0) continue;
      examined += 1;
      if (!able.some((secret) => isSignedBy(keys.get(secret), one))) unsigned += 1;
    }
    return { examined, unsigned, withoutSecret: await countUnsigned(tx) };
  });
}

function isSignedBy(key: SigningKey | undefined, sent: Sent): boolean {
  const header = (name: string) => sent.headers.find((one) => one.name === name)?.value ?? '';
  const id = webhookIdOf(sent.delivery);
  const seconds = Number(header('webhook-timestamp'));
  // A signature with another's id or an old time would be true and say nothing of this attempt.
  const isOfNow = Math.abs(seconds * 1000 - sent.startedAt.getTime()) <= 1_000 && header('webhook-id') === id;
  return (
    key !== undefined && isOfNow && isSignedWith(key, header('webhook-signature'), { id, seconds, body: sent.body })
  );
}
