import { commitTo } from '../ledger/record-entry.ts';
import type { WitnessedEntry } from '../ledger/witness.ts';
import { witnessEntries } from '../ledger/witness.ts';
import type { Id } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { currentOrigin } from '../platform/origin.ts';
import type { Platform } from '../platform/platform.ts';
import { insertAuditDetails } from './audit-store.ts';

/**
 * From now on every entry that somebody causes over HTTP has beside it who that was and from where. These details are
 * personal data, so the ledger holds a salted commitment to them only: they can be purged, and the entry stays provable.
 */
export function noteOrigins(platform: Platform): void {
  witnessEntries(platform.db, noteOrigin);
}

async function noteOrigin(tx: Tx, entries: readonly WitnessedEntry[]): Promise<ReadonlyMap<Id<'Entry'>, string>> {
  const origin = currentOrigin();
  const commitments = new Map<Id<'Entry'>, string>();
  if (origin === undefined || entries.length === 0) return commitments;
  const { personId: person, keyId: key, sessionId: session, address, device, country, route } = origin;
  const details = entries.map(({ id, kind }) => {
    const detail = { entry: id, kind, person, key, session, address, device, country, route };
    const { salt, commitment } = commitTo(detail);
    commitments.set(id, commitment);
    return { ...detail, salt };
  });
  await insertAuditDetails(tx, details);
  return commitments;
}
