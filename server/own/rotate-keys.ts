import { recordEntry } from '../ledger/record-entry.ts';
import type { Actor, OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { type Rotation, rotateDataKeys } from '../platform/rotate-data-keys.ts';
import { sealAnew } from './seal-anew.ts';

/** Seals anew what an earlier data key sealed. */
export const SEAL_ANEW = 'own.seal-anew';

/** A new data key is not sealed with at once: every node has to know it first. */
const SETTLED_AFTER_MS = 180_000;

/**
 * Rotates the sealing key: see `rotateDataKeys`. What earlier checkouts sealed with that key itself is sealed anew
 * before, since it would open with nothing else. Recorded at the server's own organisation.
 * @throws Failure `rotation-under-way`, `sealing-key-unusable`, `sealing-key-unavailable`
 */
export async function rotateKeys(
  platform: Platform,
  organisationId: OrganisationId,
  actor: Actor,
  options: { readonly isPrepared: boolean },
): Promise<Rotation> {
  await sealAnew(platform);
  const rotation = await rotateDataKeys(platform, options, (write, { dataKeys, keeper }) =>
    platform.db.transaction(organisationId, async (tx) => {
      await write(tx);
      const body = { dataKeys, kept: keeper };
      await recordEntry(tx, { kind: 'access.sealing-keys-rotated', actor, body });
      const startAfter = new Date(tx.at.getTime() + SETTLED_AFTER_MS);
      await platform.tasks.enqueue(tx, SEAL_ANEW, {}, { startAfter });
    }),
  );
  await platform.seal.learn();
  return rotation;
}
