import { createHash, randomBytes } from 'node:crypto';
import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Seal } from '../platform/seal.ts';
import { getEndpointRow } from './describe-endpoint.ts';
import { openSecret, putSecret } from './endpoint-secrets.ts';
import {
  countEndpoints,
  type EndpointSettings,
  insertEndpoint,
  markRemoved,
  selectSecrets,
  updateRules,
  updateSettings,
  updateVerifyToken,
} from './endpoint-store.ts';
import { endpointProblems } from './endpoints-contract.ts';
import type { MappingRule } from './mapping-contract.ts';
import { demandUsableScheme, demandUsableSecret } from './verify-signature.ts';

const fail = failuresOf(endpointProblems);

/** So many an organisation may have. */
const mostEndpoints = 100;

/**
 * Makes an endpoint, which answers from then on.
 * @returns `secret`: the one Kept made, where none was given; `verifyToken`: for Meta. Neither can be had again.
 * @throws Failure `too-many-endpoints`, `scheme-unusable`, `secret-unusable`
 */
export async function createEndpoint(
  tx: Tx,
  seal: Seal,
  by: Actor,
  wanted: Omit<EndpointSettings, 'enabled'> & {
    readonly rules: readonly MappingRule[];
    readonly secret: string | null;
  },
): Promise<{ readonly id: Id<'Endpoint'>; readonly secret: string | null; readonly verifyToken: string | null }> {
  const { name, scheme, identifiedBy, rules } = wanted;
  demandUsableScheme(scheme);
  if ((await countEndpoints(tx)) >= mostEndpoints)
    throw fail('too-many-endpoints', `Remove one of the ${mostEndpoints} first.`);
  const id = newId<'Endpoint'>(tx.at);
  await insertEndpoint(tx, { id, name, enabled: true, scheme, identifiedBy, rules });
  const secret = await putSecret(tx, seal, { endpoint: id, scheme, secret: wanted.secret });
  const verifyToken = scheme.kind === 'meta' ? await makeVerifyToken(tx, id) : null;
  await record(tx, by, id, 'created');
  return { id, secret, verifyToken };
}

/**
 * Changes how it is called, how its sender signs and whether it answers.
 * @throws Failure `endpoint-not-found`, `scheme-unusable`, `secret-unusable` where a secret does not suit the new scheme
 */
export async function changeEndpoint(
  tx: Tx,
  seal: Seal,
  by: Actor,
  id: Id<'Endpoint'>,
  settings: EndpointSettings,
): Promise<void> {
  const before = await getEndpointRow(tx, id);
  demandUsableScheme(settings.scheme);
  if (JSON.stringify(before.scheme) !== JSON.stringify(settings.scheme))
    for (const secret of (await selectSecrets(tx, [id])).get(id) ?? [])
      demandUsableSecret(settings.scheme, openSecret(seal, secret));
  await updateSettings(tx, id, settings);
  if (settings.scheme.kind !== 'meta') await updateVerifyToken(tx, id, null);
  await record(tx, by, id, 'changed');
}

/** @throws Failure `endpoint-not-found` */
export async function setRules(tx: Tx, by: Actor, id: Id<'Endpoint'>, rules: readonly MappingRule[]): Promise<void> {
  await updateRules(tx, await getEndpointRow(tx, id), rules);
  await record(tx, by, id, 'rules-set');
}

/** @throws Failure `endpoint-not-found` */
export async function removeEndpoint(tx: Tx, by: Actor, id: Id<'Endpoint'>): Promise<void> {
  await getEndpointRow(tx, id);
  await markRemoved(tx, id);
  await record(tx, by, id, 'removed');
}

/**
 * @returns what is to be entered at Meta; it cannot be had again
 * @throws Failure `endpoint-not-found`, `scheme-unusable` where the scheme has no such token
 */
export async function renewVerifyToken(tx: Tx, by: Actor, id: Id<'Endpoint'>): Promise<string> {
  const { scheme } = await getEndpointRow(tx, id);
  if (scheme.kind !== 'meta') throw fail('scheme-unusable', 'Only Meta asks for a verify token.');
  const token = await makeVerifyToken(tx, id);
  await record(tx, by, id, 'verify-token-renewed');
  return token;
}

async function makeVerifyToken(tx: Tx, id: Id<'Endpoint'>): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await updateVerifyToken(tx, id, hashVerifyToken(token));
  return token;
}

/** Nothing is computed with it, so its hash is all that is kept. */
export function hashVerifyToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Notes in the ledger that an endpoint was changed. */
export async function record(tx: Tx, by: Actor, endpoint: Id<'Endpoint'>, act: string): Promise<void> {
  await recordEntry(tx, { kind: 'inbound.endpoint-changed', actor: by, body: { endpoint, act } });
}
