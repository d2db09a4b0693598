import { selectFactors, selectTotp } from './factor-store.ts';
import type { Access } from './open-access.ts';
import type { OwnAccount } from './own-contract.ts';
import { selectPasskeys } from './passkey-store.ts';
import { type PersonId, selectIdentities, selectPerson } from './person-store.ts';

/** A person's own account in the words of the contract. */
export async function describeOwnAccount({ platform }: Access, id: PersonId): Promise<OwnAccount> {
  return platform.db.globalTransaction(async (tx) => {
    const person = await selectPerson(tx, id);
    if (person === undefined) throw new Error('a person who is signed in is not there');
    const totp = await selectTotp(tx, id);
    const { recoveryCodes } = await selectFactors(tx, id);
    const passkeys = await selectPasskeys(tx, id);
    const identities = await selectIdentities(tx, id);
    return {
      id,
      name: person.name,
      email: person.email,
      emailVerifiedAt: person.emailVerifiedAt?.toISOString() ?? null,
      language: person.language,
      hasPassword: person.passwordHash !== null,
      passwordChangedAt: person.passwordChangedAt?.toISOString() ?? null,
      totpSince: totp?.confirmedAt?.toISOString() ?? null,
      recoveryCodesLeft: recoveryCodes,
      passkeys: passkeys.map((passkey) => ({
        id: passkey.credentialId.toString('base64url'),
        name: passkey.name,
        isBackedUp: passkey.isBackedUp,
        createdAt: passkey.createdAt.toISOString(),
        lastUsedAt: passkey.lastUsedAt?.toISOString() ?? null,
      })),
      identities: identities.map(({ provider, since }) => ({ provider, since: since.toISOString() })),
      createdAt: person.createdAt.toISOString(),
    };
  });
}
