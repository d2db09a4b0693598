import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { EndpointPlace } from './endpoint-address.ts';
import { openSecret } from './endpoint-secrets.ts';
import { findVerifiable, type VerifiableEndpoint } from './endpoint-store.ts';
import type { RefusalReason } from './endpoints-contract.ts';
import { readBody } from './read-webhook.ts';
import { countRepetition, insertReceived } from './received-store.ts';
import { sealReceived } from './seal-received.ts';
import { senderIdOf } from './sender-id.ts';
import { hashVerifyToken } from './set-up-endpoint.ts';
import { noScheme, type SignedRequest, verifySignature } from './verify-signature.ts';

/** The name of the task that maps what was received. */
export const MAP_TASK = 'webhooks.map';

export const webhooks: Actor = { kind: 'system', id: 'webhooks' };

/** What became of a request: taken in, or refused and why. The reason is for the organisation, not for the sender. */
export type Verdict =
  | { readonly accepted: true; readonly endpoint: VerifiableEndpoint }
  | {
      readonly accepted: false;
      readonly reason: RefusalReason;
      /** Null where there is no such endpoint. */
      readonly endpoint: VerifiableEndpoint | null;
    };

/**
 * Whether a request comes from whom the endpoint hears. The same is done whether there is such an endpoint or not: one
 * question to the database, the same number of hashes over the body.
 */
export async function verifyWebhook(
  platform: Platform,
  place: EndpointPlace,
  request: SignedRequest,
): Promise<Verdict> {
  return platform.db.transaction(place.organisationId, async (tx) => {
    const endpoint = (await findVerifiable(tx, place.endpoint)) ?? null;
    const secrets = endpoint === null ? [] : endpoint.secrets.map((secret) => openSecret(platform.seal, secret));
    const reason = verifySignature(endpoint?.scheme ?? noScheme, secrets, request, tx.at);
    if (endpoint === null) return { accepted: false, reason: 'signature-wrong', endpoint };
    if (!endpoint.enabled) return { accepted: false, reason: 'disabled', endpoint };
    return reason === null ? { accepted: true, endpoint } : { accepted: false, reason, endpoint };
  });
}

/**
 * Meta's GET when the address is entered there.
 * @returns whether the token is the endpoint's; in constant time
 */
export async function verifyChallenge(platform: Platform, place: EndpointPlace, token: string): Promise<Verdict> {
  const given = hashVerifyToken(token);
  return platform.db.transaction(place.organisationId, async (tx) => {
    const endpoint = (await findVerifiable(tx, place.endpoint)) ?? null;
    const same = timingSafeEqual(given, endpoint?.verifyTokenHash ?? Buffer.alloc(given.length));
    if (endpoint?.verifyTokenHash == null || !same) return { accepted: false, reason: 'verify-token-wrong', endpoint };
    return endpoint.enabled ? { accepted: true, endpoint } : { accepted: false, reason: 'disabled', endpoint };
  });
}

/**
 * Keeps what came and has it mapped in the background: row, ledger entry and task commit together. The same again, known
 * by the sender's id of it or else by its body, is only counted.
 */
export async function takeWebhook(
  platform: Platform,
  place: EndpointPlace,
  endpoint: VerifiableEndpoint,
  request: SignedRequest,
): Promise<{ readonly received: Id<'Received'>; readonly repeated: boolean }> {
  const contentType = request.headers.get('content-type')?.slice(0, 200) ?? null;
  const webhook = { headers: request.headers, value: readBody(contentType, request.body) };
  const senderId = senderIdOf(endpoint, webhook);
  const senderKey = senderKeyOf(platform, place, senderId, request.body);
  return platform.db.transaction(place.organisationId, async (tx) => {
    const received = newId<'Received'>(tx.at);
    const isNew = await insertReceived(tx, {
      id: received,
      endpoint: place.endpoint,
      senderKey,
      senderId,
      contentType,
      bytes: request.body.length,
      ...sealReceived(platform.seal, received, request),
    });
    if (!isNew) return { received: await repeat(tx, place, senderKey), repeated: true };
    await recordEntry(tx, {
      kind: 'inbound.received',
      actor: webhooks,
      body: { endpoint: place.endpoint, received },
    });
    await platform.tasks.enqueue(tx, MAP_TASK, { organisation: tx.organisationId, received });
    return { received, repeated: false };
  });
}

async function repeat(tx: Tx, place: EndpointPlace, senderKey: Buffer): Promise<Id<'Received'>> {
  const known = await countRepetition(tx, place.endpoint, senderKey);
  if (known === undefined) throw new Error('what repeats something received does not find it');
  return known;
}

/** Keyed, so that nobody who reads the table can try bodies that say little. */
function senderKeyOf(platform: Platform, place: EndpointPlace, senderId: string | null, body: Buffer): Buffer {
  const hash = createHmac('sha256', platform.seal.derive('webhook-sender')).update(place.endpoint);
  if (senderId !== null) return hash.update('\0id\0').update(senderId).digest();
  return hash.update('\0body\0').update(createHash('sha256').update(body).digest()).digest();
}
