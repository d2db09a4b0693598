import type { OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { REPLAY_WINDOW_DAYS } from './contract.ts';
import { deleteReceivedBefore } from './store.ts';

const DAY_MS = 86_400_000;

/** Deletes events older than the replay window; what stays is the ledger's word that one came. Returns how many. */
export function purgeEvents(platform: Platform, organisationId: OrganisationId): Promise<number> {
  return platform.db.transaction(organisationId, (tx) =>
    deleteReceivedBefore(tx, new Date(tx.at.getTime() - REPLAY_WINDOW_DAYS * DAY_MS)),
  );
}
