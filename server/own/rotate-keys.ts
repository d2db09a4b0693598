import { recordEntry } from '../ledger/record-entry.ts';
import { type Actor, type OrganisationId, problems } from '../platform/contract.ts';
import { failuresOf } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import { type Rotation, rotateDataKeys } from '../platform/rotate-data-keys.ts';
import { sealAnew } from './seal-anew.ts';
import { HEAD, visitSealed } from './visit-sealed.ts';

export const rotationProblems = problems({
  'values-sealed-otherwise': { status: 409, title: 'Some secrets are sealed in an older form and do not open' },
});
const fail = failuresOf(rotationProblems);

/** Seals anew what an earlier data key sealed. */
export const SEAL_ANEW = 'own.seal-anew';

/** A new data key is not sealed with at once: every node has to know it first. */
const SETTLED_AFTER_MS = 180_000;

/**
 * Rotates the sealing key: see `rotateDataKeys`. What earlier checkouts sealed with that key itself is sealed anew
 * before, since it would open with nothing else. Recorded at the server's own organisation.
 * @throws Failure `rotation-under-way`, `sealing-key-unusable`, `sealing-key-unavailable`, `values-sealed-otherwise`
 */
export async function rotateKeys(
  platform: Platform,
  organisationId: OrganisationId,
  actor: Actor,
  options: { readonly isPrepared: boolean },
): Promise<Rotation> {
  await sealAnew(platform);
  const older = await countOlder(platform);
  if (older > 0)
    throw fail(
      'values-sealed-otherwise',
      `${older} secrets in the database do not open with this sealing key. Put back the one they were sealed with.`,
    );
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

async function countOlder(platform: Platform): Promise<number> {
  let older = 0;
  await visitSealed(
    platform,
    () => HEAD,
    async (_place, values) => {
      older += values.filter(({ sealed }) => platform.seal.stateOf(sealed) === 'older-form').length;
    },
  );
  return older;
}
