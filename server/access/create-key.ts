import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import { accessProblems } from './contract.ts';
import { insertKey } from './key-store.ts';
import type { Key } from './members-contract.ts';
import { keyScopes } from './permissions.ts';
import { hashToken, newToken } from './token.ts';

const fail = failuresOf(accessProblems);

/** Who stands for the operator of the server where a person is to be named. */
const operator = '00000000-0000-0000-0000-000000000000';

/**
 * Makes a key. Its text, `kept_<kind>_<secret>`, is in the answer only; how it begins lets scanners of repositories
 * recognise one that leaked.
 * @throws Failure `not-permitted` for a scope that no key can have
 */
export async function createKey(
  tx: Tx,
  by: Actor,
  wanted: Pick<Key, 'kind' | 'name' | 'scopes' | 'origins' | 'expiresAt'>,
): Promise<Key & { key: string }> {
  const { kind, name } = wanted;
  const refused = wanted.scopes.find((scope) => !keyScopes.includes(scope));
  if (refused !== undefined) throw fail('not-permitted', `A key cannot be given ${refused}.`);
  const scopes = [...new Set(wanted.scopes)].sort();
  const origins = [...new Set(wanted.origins.map((address) => new URL(address).origin))].sort();
  const text = `kept_${kind}_${newToken().text}`;
  const id = newId<'Key'>(tx.at);
  const lastFour = text.slice(-4);
  const expiresAt = wanted.expiresAt === null ? null : new Date(wanted.expiresAt);
  const createdBy = by.kind === 'person' ? by.id : operator;
  await insertKey(tx, { id, kind, name, hash: hashToken(text), lastFour, scopes, origins, createdBy, expiresAt });
  await recordEntry(tx, { kind: 'access.key-created', actor: by, body: { key: id, kind, scopes } });
  return {
    id,
    kind,
    name,
    lastFour,
    scopes,
    origins,
    state: expiresAt !== null && expiresAt <= tx.at ? 'expired' : 'active',
    createdBy: null,
    createdAt: tx.at.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: null,
    key: text,
  };
}
