import type { Id } from '../platform/contract.ts';
import { selectProvedDomain } from './domain-store.ts';
import type { Access } from './open-access.ts';
import { selectGoogleOfServer, selectProviderOfDomain } from './provider-store.ts';

/** How an address can sign in. */
export interface SignInWays {
  readonly provider: { readonly id: Id<'Provider'>; readonly name: string; readonly only: boolean } | null;
  readonly google: boolean;
}

/** Tells what the sign-in page offers for an address; looks at its domain only, so of nobody whether they exist. */
export async function findSignInWays({ platform }: Access, email: string): Promise<SignInWays> {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return platform.db.globalTransaction(async (tx) => {
    const proved = await selectProvedDomain(tx, domain);
    const provider = proved === undefined ? undefined : await selectProviderOfDomain(tx, proved);
    return { provider: provider ?? null, google: (await selectGoogleOfServer(tx)) !== undefined };
  });
}
