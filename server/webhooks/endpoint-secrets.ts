import { randomBytes } from 'node:crypto';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Seal } from '../platform/seal.ts';
import { getEndpointRow } from './describe-endpoint.ts';
import {
  deleteEndedSecrets,
  deleteSecret,
  endSecrets,
  insertSecret,
  type SealedSecret,
  selectSecrets,
} from './endpoint-store.ts';
import { endpointProblems, type Scheme } from './endpoints-contract.ts';
import { demandUsableSecret, mostSecrets } from './verify-signature.ts';

const fail = failuresOf(endpointProblems);
const purpose = 'webhook-endpoint-secret';
const hourMs = 3_600_000;

/** The name of the task that deletes secrets whose time is over. */
export const END_SECRETS_TASK = 'webhooks.end-secrets';

/** @throws Failure `sealing-key-unusable` */
export function openSecret(seal: Seal, { sealed, id }: SealedSecret): string {
  return seal.open(sealed, purpose, id);
}

/**
 * Stores a secret, sealed; makes one where none is given.
 * @returns the one that was made, else null
 * @throws Failure `secret-unusable`
 */
export async function putSecret(
  tx: Tx,
  seal: Seal,
  wanted: { readonly endpoint: Id<'Endpoint'>; readonly scheme: Scheme; readonly secret: string | null },
): Promise<string | null> {
  const { endpoint, scheme } = wanted;
  const secret = wanted.secret ?? makeSecret(scheme);
  demandUsableSecret(scheme, secret);
  const id = newId<'EndpointSecret'>(tx.at);
  await insertSecret(tx, { id, endpoint, sealed: seal.close(secret, purpose, id), lastFour: secret.slice(-4) });
  return wanted.secret === null ? secret : null;
}

/** 32 random octets, written as the scheme writes its secrets. */
function makeSecret(scheme: Scheme): string {
  const octets = randomBytes(32);
  if (scheme.kind === 'standard-webhooks') return `whsec_${octets.toString('base64')}`;
  if (scheme.kind === 'hmac' && scheme.secretIs !== 'text') return octets.toString(scheme.secretIs);
  return octets.toString('base64url');
}

/**
 * Puts a new secret in use. Those before it are accepted for so long beside it.
 * @returns the one that was made, where none was given, else null
 * @throws Failure `endpoint-not-found`, `too-many-secrets`, `secret-unusable`
 */
export async function addSecret(
  { seal, tasks }: Platform,
  tx: Tx,
  by: Actor,
  wanted: { readonly endpoint: Id<'Endpoint'>; readonly secret: string | null; readonly overlapHours: number },
): Promise<string | null> {
  const { endpoint, secret, overlapHours } = wanted;
  const { scheme } = await getEndpointRow(tx, endpoint);
  const endsAt = new Date(tx.at.getTime() + overlapHours * hourMs);
  await endSecrets(tx, endpoint, endsAt);
  await deleteEndedSecrets(tx, endpoint);
  const known = (await selectSecrets(tx, [endpoint])).get(endpoint) ?? [];
  if (known.length >= mostSecrets)
    throw fail('too-many-secrets', `An endpoint accepts ${mostSecrets} at a time. End an earlier one first.`);
  const made = await putSecret(tx, seal, { endpoint, scheme, secret });
  if (known.length > 0) {
    // A little later, since the queue goes by another machine's clock.
    const startAfter = new Date(endsAt.getTime() + 60_000);
    await tasks.enqueue(tx, END_SECRETS_TASK, { organisation: tx.organisationId, endpoint }, { startAfter });
  }
  await recordEntry(tx, { kind: 'inbound.endpoint-changed', actor: by, body: { endpoint, act: 'secret-added' } });
  return made;
}

/**
 * Ends an earlier secret before its time.
 * @throws Failure `endpoint-not-found`, `endpoint-secret-not-found`, `last-secret` for the one in use
 */
export async function removeSecret(
  tx: Tx,
  by: Actor,
  endpoint: Id<'Endpoint'>,
  id: Id<'EndpointSecret'>,
): Promise<void> {
  await getEndpointRow(tx, endpoint);
  const secret = ((await selectSecrets(tx, [endpoint])).get(endpoint) ?? []).find((known) => known.id === id);
  if (secret === undefined) throw fail('endpoint-secret-not-found', 'It has ended, or belongs elsewhere.');
  if (secret.endsAt === null) throw fail('last-secret', 'Put another in use first, with no overlap if it leaked.');
  await deleteSecret(tx, endpoint, id);
  await recordEntry(tx, { kind: 'inbound.endpoint-changed', actor: by, body: { endpoint, act: 'secret-ended' } });
}
