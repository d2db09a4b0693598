import type { Platform } from '../platform/platform.ts';
import { describeDataKeys } from '../platform/rotate-data-keys.ts';
import type { PlaceMeasure } from '../policy/contract.ts';
import { reason } from '../policy/reasons.ts';
import { ageless, type Proved, placeOf } from './prove-server.ts';
import { openQuietly } from './seal-anew.ts';
import type { SealedPlace } from './sealed-places.ts';
import { HEAD, visitSealed } from './visit-sealed.ts';

/**
 * Opens every secret of the server and looks at every other sealed value: each is sealed with a data key, and each
 * data key is wrapped by the key that the configuration names. What an earlier key still opens is due, not broken:
 * a rotation is under way.
 */
export async function proveSealedSecrets(platform: Platform): Promise<Proved> {
  const found = new Map<string, { examined: number; broken: number }>();
  await visitSealed(
    platform,
    (place) => (place.isRenewed ? undefined : HEAD),
    async (place, values) => {
      const name = `${place.table}.${place.column}`;
      const count = found.get(name) ?? { examined: 0, broken: 0 };
      const broken = values.filter((value) => !isSealed(platform, place, value)).length;
      found.set(name, { examined: count.examined + values.length, broken: count.broken + broken });
    },
  );
  const places = [...found].map(([name, { examined, broken }]) => placeOf(name, examined, { due: 0, broken }));
  const broken = places.filter((place) => place.broken > 0);
  const { name, dataKeys } = await describeDataKeys(platform);
  const behind = dataKeys.filter((key) => key.wrappedBy !== name).length;
  const all = [...places, placeOf('platform.data_key', dataKeys.length, { due: behind, broken: 0 })];
  if (broken.length > 0) return { ...ageless('broken', reason('not-sealed', figuresOf(broken))), places: all };
  if (behind > 0) return { ...ageless('due', reason('keys-not-rotated', { failing: behind })), places: all };
  return { ...ageless('kept', null), places: all };
}

function isSealed(
  platform: Platform,
  place: SealedPlace,
  value: { readonly id: string; readonly sealed: Buffer },
): boolean {
  if (!['current', 'earlier'].includes(platform.seal.stateOf(value.sealed))) return false;
  return !place.isRenewed || openQuietly(platform, place, value) !== undefined;
}

function figuresOf(broken: readonly PlaceMeasure[]): { failing: number; where: string } {
  const failing = broken.reduce((sum, place) => sum + place.broken, 0);
  return { failing, where: broken.map((place) => place.dataset).join(', ') };
}
