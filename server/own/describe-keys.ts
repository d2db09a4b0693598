import type { z } from 'zod';
import type { describeSealing } from '../access/sealing-contract.ts';
import type { Platform } from '../platform/platform.ts';
import { describeDataKeys } from '../platform/rotate-data-keys.ts';
import { HEAD, visitSealed } from './visit-sealed.ts';

/** Which keys there are and what is sealed with them. @throws Failure `sealing-key-unusable` */
export async function describeKeys(platform: Platform): Promise<z.input<typeof describeSealing.answer>> {
  const { seal } = platform;
  const counts = new Map<string, { values: number; earlier: number; broken: number }>();
  await visitSealed(
    platform,
    () => HEAD,
    async (place, values) => {
      const name = `${place.table}.${place.column}`;
      const count = counts.get(name) ?? { values: 0, earlier: 0, broken: 0 };
      const states = values.map(({ sealed }) => seal.stateOf(sealed));
      counts.set(name, {
        values: count.values + states.length,
        earlier: count.earlier + states.filter((state) => state === 'earlier' || state === 'older-form').length,
        broken: count.broken + states.filter((state) => state === 'none' || state === 'unknown').length,
      });
    },
  );
  const { keeper, name, dataKeys } = await describeDataKeys(platform);
  return {
    key: { keeper, name },
    dataKeys: dataKeys.map(({ id, use, createdAt, wrappedAt, wrappedBy, wrappedVersion }) => ({
      id,
      use,
      createdAt: createdAt.toISOString(),
      wrappedAt: wrappedAt.toISOString(),
      wrappedBy,
      wrappedVersion,
      current: id === seal.currentKey(),
    })),
    places: [...counts].map(([place, count]) => ({ place, ...count })),
  };
}
