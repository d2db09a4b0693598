import type { Configuration } from 'openid-client';
import type { Clock } from '../platform/clock.ts';

/** Whose discovery it is: to whom a provider is asked on behalf of which client. */
interface Client {
  readonly issuer: string;
  readonly clientId: string;
  /** What is remembered authenticates with it, so another one finds nothing of this one's. */
  readonly secret: string | null;
}

/** What providers said of themselves, so that strangers who call the sign-in address cannot make Kept ask each time. */
export interface Discoveries {
  /** What the provider said within the last ten minutes, else what it says now. A failure is not remembered. */
  find(client: Client, ask: () => Promise<Configuration>): Promise<Configuration>;
  /** Has every provider asked anew. */
  forget(): void;
}

const REMEMBERED_MS = 10 * 60_000;

/** Begins with none; kept in memory. */
export function rememberDiscoveries(clock: Clock): Discoveries {
  const known = new Map<string, { readonly found: Promise<Configuration>; readonly until: number }>();
  return {
    find({ issuer, clientId, secret }, ask) {
      const now = clock.now().getTime();
      for (const [key, { until }] of known) if (until <= now) known.delete(key);
      const key = JSON.stringify([issuer, clientId, secret]);
      const before = known.get(key);
      if (before !== undefined) return before.found;
      // Whoever calls while the answer is on its way shares it.
      const asked = { found: ask(), until: now + REMEMBERED_MS };
      known.set(key, asked);
      asked.found.catch(() => {
        if (known.get(key) === asked) known.delete(key);
      });
      return asked.found;
    },
    forget: () => known.clear(),
  };
}
