import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import * as contract from './contract.ts';
import { listAccounts } from './list-accounts.ts';

export function registerAccountsRoutes(http: HttpServer, platform: Platform): void {
  http.route(contract.listAccounts, async ({ caller, query }) => {
    const page = await platform.db.transaction(caller.organisationId, (tx) => listAccounts(tx, query));
    const items = page.items.map((account) => ({
      ...account,
      cancelledAt: account.cancelledAt?.toISOString() ?? null,
      endedAt: account.endedAt?.toISOString() ?? null,
      observedAt: account.observedAt?.toISOString() ?? null,
      ownerReachable: account.ownerEmail !== null,
    }));
    return { items, next: page.next };
  });
}
