import type { Tx } from '../platform/database.ts';
import { failuresOf } from '../platform/failure.ts';
import { accessProblems } from './contract.ts';
import { selectSignOnMeans } from './provider-store.ts';

const fail = failuresOf(accessProblems);

/**
 * Refuses a change after which an organisation would demand its identity provider and have none that works: an enabled
 * one with a proved domain. Call it at the end of the change; its transaction then takes it back.
 * @throws Failure `lock-out`
 */
export async function requireSignOnPossible(tx: Tx): Promise<void> {
  const { isDemanded, providers, domains } = await selectSignOnMeans(tx);
  if (!isDemanded) return;
  const isPossible = providers.some((id) => domains.some((domain) => domain === null || domain === id));
  if (!isPossible)
    throw fail(
      'lock-out',
      'The organisation demands single sign-on: keep an identity provider that is enabled and a domain that is proved, or stop demanding it first.',
    );
}
