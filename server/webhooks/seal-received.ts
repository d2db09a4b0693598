import { z } from 'zod';
import type { Id } from '../platform/contract.ts';
import type { Seal } from '../platform/seal.ts';
import type { StoredReceived } from './received-store.ts';
import type { SignedRequest } from './verify-signature.ts';

const headersPurpose = 'webhook-headers';
const bodyPurpose = 'webhook-body';

/**
 * Headers that are not kept: what opens something, the addresses of machines on the way, and what only concerned the
 * connection.
 */
const dropped = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'forwarded',
  'x-real-ip',
  'via',
  'connection',
  'keep-alive',
  'transfer-encoding',
]);

/** Seals what came: it may speak of people, and nothing but showing and mapping it needs to read it. */
export function sealReceived(
  seal: Seal,
  id: Id<'Received'>,
  { headers, body }: SignedRequest,
): { readonly sealedHeaders: Buffer; readonly sealedBody: Buffer } {
  const kept = [...headers].filter(([name]) => !dropped.has(name));
  return {
    sealedHeaders: seal.close(JSON.stringify(kept), headersPurpose, id),
    sealedBody: seal.closeBytes(body, bodyPurpose, id),
  };
}

const pairsSchema = z.array(z.tuple([z.string(), z.string()]));

/** @throws Failure `sealing-key-unusable` */
export function openReceived(seal: Seal, received: StoredReceived): SignedRequest {
  const { id, sealedHeaders, sealedBody } = received;
  return {
    headers: new Map(pairsSchema.parse(JSON.parse(seal.open(sealedHeaders, headersPurpose, id)))),
    body: seal.openBytes(sealedBody, bodyPurpose, id),
  };
}
