import { recordEntry } from '../ledger/record-entry.ts';
import type { OrganisationId } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import { newId } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import { accessProblems, type Language } from './contract.ts';
import { insertOwner, insertOwnerLink, insertSession, selectOwner, useOwnerLink } from './store.ts';
import { hashToken, newToken } from './token.ts';

const fail = failuresOf(accessProblems);

const LINK_MS = 10 * 60_000;
const SESSION_MS = 12 * 60 * 60_000;

/** Makes a token that signs the owner of an organisation in, once, within ten minutes. */
export async function createOwnerLink(
  platform: Platform,
  organisationId: OrganisationId,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken();
  return platform.db.transaction(organisationId, async (tx) => {
    let personId = await selectOwner(tx);
    if (personId === undefined) {
      personId = newId<'Person'>(tx.at);
      await insertOwner(tx, personId);
    }
    const expiresAt = new Date(tx.at.getTime() + LINK_MS);
    await insertOwnerLink(tx, { hash: token.hash, personId, expiresAt });
    return { token: token.text, expiresAt };
  });
}

/**
 * Turns the token of a link into a session.
 * @throws Failure `link-invalid`
 */
export async function signIn(
  platform: Platform,
  token: string,
  language: Language,
): Promise<{ session: string; expiresAt: Date }> {
  const person = await platform.db.globalTransaction((tx) => useOwnerLink(tx, hashToken(token)));
  if (person === undefined)
    throw fail('link-invalid', 'This link was used already or has expired. Ask for a new one with: kept link');
  const session = newToken();
  return platform.db.transaction(person.organisationId, async (tx) => {
    const expiresAt = new Date(tx.at.getTime() + SESSION_MS);
    await insertSession(tx, { hash: session.hash, personId: person.personId, language, expiresAt });
    await recordEntry(tx, {
      kind: 'access.owner-linked',
      actor: { kind: 'person', id: person.personId },
      body: { person: person.personId },
    });
    return { session: session.text, expiresAt };
  });
}
