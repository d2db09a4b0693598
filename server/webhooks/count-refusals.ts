import type { Platform } from '../platform/platform.ts';
import type { EndpointPlace } from './endpoint-address.ts';
import { addRefusals, type RefusalCount } from './endpoint-store.ts';
import type { RefusalReason } from './endpoints-contract.ts';

/** Counts what endpoints refused, without a write for each: somebody who tries is not to keep the database busy. */
export interface Refusals {
  count(place: EndpointPlace, reason: RefusalReason): void;
  /** Writes what was counted. */
  flush(): Promise<void>;
}

const FLUSH_MS = 2_000;
/** Endpoints times reasons; beyond it a burst over very many endpoints is not told apart, and not counted. */
const MOST = 2_000;

/** Counts are written two seconds after the first; what a killed process had counted by then is lost. */
export function openRefusals(platform: Platform): Refusals {
  let counted = new Map<string, RefusalCount & EndpointPlace>();
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const all = [...counted.values()];
    counted = new Map();
    for (const [organisationId, refusals] of Map.groupBy(all, (refusal) => refusal.organisationId))
      await platform.db.transaction(organisationId, (tx) => addRefusals(tx, refusals));
  }

  return {
    count(place, reason) {
      const key = `${place.endpoint} ${reason}`;
      const before = counted.get(key)?.count ?? 0;
      if (before === 0 && counted.size >= MOST) return;
      counted.set(key, { ...place, reason, count: before + 1, lastAt: platform.clock.now() });
      timer ??= setTimeout(() => {
        flush().catch((error: unknown) => platform.log.warn({ err: error }, 'refused webhooks were not counted'));
      }, FLUSH_MS).unref();
    },
    flush,
  };
}
