import { type ObservedAccount, observeAccounts } from '../accounts/observe-accounts.ts';
import type { AccountSource, Path } from '../connectors/connector.ts';
import type { DataMap } from '../datamap/contract.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { findBasis } from './basis.ts';
import { recordObservation } from './gate-store.ts';
import { type Systems, troubleOf, withSystems } from './systems.ts';

const CHUNK = 1000;

/**
 * Reads the accounts from the organisation's own database, where the data map says where they are. A database that does
 * not answer is written down and no reason to stop: what is known of the accounts stays.
 * @returns the problem, null where there was none
 */
export async function observeOrganisation(
  platform: Platform,
  organisationId: OrganisationId,
  systems?: Systems,
): Promise<string | null> {
  const basis = await platform.db.transaction(organisationId, findBasis);
  const accounts = basis?.map.accounts;
  if (basis === undefined || accounts === undefined) return null;
  const work = (open: Systems): Promise<string | null> => read(platform, organisationId, accounts, open);
  const problem =
    systems === undefined ? await withSystems(platform, organisationId, basis.map, work) : await work(systems);
  await platform.db.transaction(organisationId, (tx) => recordObservation(tx, tx.at, problem));
  return problem;
}

async function read(
  platform: Platform,
  organisationId: OrganisationId,
  accounts: NonNullable<DataMap['accounts']>,
  systems: Systems,
): Promise<string | null> {
  const unknown = new Set<string>();
  try {
    const system = await systems.get(accounts.system);
    let chunk: ObservedAccount[] = [];
    const take = async (): Promise<void> => {
      const rows = chunk;
      chunk = [];
      await platform.db.transaction(organisationId, (tx) => observeAccounts(tx, rows));
    };
    for await (const { account, state, cancelledAt, ownerEmail } of system.readAccounts(sourceOf(accounts))) {
      const meant = accounts.states[state];
      if (meant === undefined) unknown.add(state);
      // An account whose state nobody explained is left as it is: to guess could erase it.
      else chunk.push({ account, state: meant, cancelledAt: meant === 'active' ? null : cancelledAt, ownerEmail });
      if (chunk.length === CHUNK) await take();
    }
    if (chunk.length > 0) await take();
  } catch (error) {
    const { explanation, remedy } = troubleOf(error);
    return `${explanation} ${remedy}`;
  }
  if (unknown.size === 0) return null;
  return `The data map does not say what these states of an account mean: ${[...unknown].sort().slice(0, 10).join(', ')}.`;
}

function sourceOf(accounts: NonNullable<DataMap['accounts']>): AccountSource {
  const { table, key, state } = accounts;
  const email = accounts['owner-email'];
  const ownerEmail: Path | null =
    email === undefined ? null : typeof email === 'string' ? { column: email, through: [] } : email;
  return { table, key, state, cancelledAt: accounts['cancelled-at'], ownerEmail };
}
