import type { GlobalTx } from '../platform/database.ts';
import { Failure } from '../platform/failure.ts';
import type { Platform } from '../platform/platform.ts';
import type { SealedPlace } from './sealed-places.ts';
import { replaceSealed, type SealedValue, selectSealedOne } from './sealed-store.ts';
import { HEAD, visitSealed } from './visit-sealed.ts';

/** What sealing anew came to. */
export interface SealedAnew {
  readonly renewed: number;
  /** Values that do not open: their key is lost, or they were changed. */
  readonly unopened: number;
}

/**
 * Seals with the present key what is sealed with an earlier one, and with any what earlier checkouts sealed with the
 * sealing key itself. May be killed at any instant and begun again; a value that somebody changes meanwhile is theirs.
 */
export async function sealAnew(platform: Platform): Promise<SealedAnew> {
  let renewed = 0;
  let unopened = 0;
  await visitSealed(
    platform,
    () => HEAD,
    async (place, heads, inside) => {
      for (const { id } of heads.filter(({ sealed }) => isToRenew(platform, place, sealed))) {
        const outcome = await inside((tx) => renew(platform, tx, place, id));
        if (outcome === 'renewed') renewed += 1;
        if (outcome === 'unopened') unopened += 1;
      }
    },
  );
  return { renewed, unopened };
}

async function renew(
  platform: Platform,
  tx: GlobalTx,
  place: SealedPlace,
  id: string,
): Promise<'renewed' | 'unopened' | 'changed'> {
  const value = await selectSealedOne(tx, place, id);
  if (value === undefined) return 'changed';
  const octets = openQuietly(platform, place, value);
  if (octets === undefined) return 'unopened';
  const sealed = platform.seal.closeBytes(octets, place.purpose, id);
  return (await replaceSealed(tx, place, value, sealed)) ? 'renewed' : 'changed';
}

function isToRenew({ seal }: Platform, place: SealedPlace, sealed: Buffer): boolean {
  const state = seal.stateOf(sealed);
  return state === 'older-form' || (place.isRenewed && state === 'earlier');
}

/** What stands in a sealed value; undefined where it does not open. */
export function openQuietly({ seal }: Platform, place: SealedPlace, value: SealedValue): Buffer | undefined {
  try {
    return seal.openBytes(value.sealed, place.purpose, value.id);
  } catch (error) {
    if (error instanceof Failure && error.code === 'sealing-key-unusable') return undefined;
    throw error;
  }
}
