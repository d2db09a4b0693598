import type { FastifyRequest } from 'fastify';
import type { Id, OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { demandAllowed } from './allowlist.ts';
import { accessProblems } from './contract.ts';
import { type FoundKey, findKey, markKeyUsed } from './key-store.ts';
import type { Access } from './open-access.ts';
import { recordRefusedCall } from './record-refused-call.ts';
import { hashToken } from './token.ts';

const fail = failuresOf(accessProblems);

/** Who calls with a key. */
export interface KeyIdentity {
  readonly id: Id<'Key'>;
  readonly organisationId: OrganisationId;
  readonly role: 'api-key' | 'ingest-key' | 'site-key';
  /** Permissions of an api key. */
  readonly scopes: readonly string[];
}

/** `last used` is told to the minute, so that not every call writes. */
const USED_MS = 60_000;

/**
 * Tells whose key was shown as bearer token.
 * @throws Failure `not-signed-in` for one that is unknown, expired or revoked, `address-not-allowed`, `not-permitted` for
 * a site key from elsewhere, `too-many-attempts`
 */
export async function identifyKey(access: Access, request: FastifyRequest, text: string): Promise<KeyIdentity> {
  const { platform, limits } = access;
  const { db, clock } = platform;
  const at = clock.now();
  const key = await findKey(db, hashToken(text), at);
  if (key === undefined) throw fail('not-signed-in', 'There is no such key.');
  // Before a refusal is written down, so that a key which was revoked cannot fill the ledger.
  await limits.call({ kind: 'key', id: key.id }, request.ip);
  try {
    if (key.state !== 'active') throw fail('not-signed-in', `This key is ${key.state}.`);
    demandOrigin(key, request);
    // Sites are everywhere; what a site key may do is bounded by where the page comes from.
    if (key.kind !== 'site') demandAllowed(request.ip, key.allowlist);
  } catch (error) {
    await recordRefusedCall(platform, key.organisationId, { kind: 'key', id: key.id }, null, error);
    throw error;
  }
  if (isUsedAnew(key, at)) await db.globalTransaction((tx) => markKeyUsed(tx, key));
  return { id: key.id, organisationId: key.organisationId, role: `${key.kind}-key`, scopes: key.scopes };
}

function isUsedAnew({ lastUsedAt }: FoundKey, at: Date): boolean {
  return lastUsedAt === null || at.getTime() - lastUsedAt.getTime() >= USED_MS;
}

/** Browsers say which page a request comes from; others can say what they like, so this keeps a key to its sites only. */
function demandOrigin(key: FoundKey, request: FastifyRequest): void {
  if (key.kind !== 'site') return;
  const { origin } = request.headers;
  if (origin === undefined || !key.origins.includes(origin))
    throw fail('not-permitted', 'This key belongs to other sites.');
}
