import type { HttpServer } from '../platform/http.ts';
import { plainAddress } from '../platform/origin.ts';
import type { Platform } from '../platform/platform.ts';
import { changeSettings, getSettings } from './change-settings.ts';
import { createKey } from './create-key.ts';
import { selectKeys } from './key-store.ts';
import { listAudit } from './list-audit.ts';
import * as contract from './members-contract.ts';
import { revokeKey } from './revoke-key.ts';

/** Keys, what the organisation demands, and the audit trail. */
export function registerKeysRoutes(http: HttpServer, platform: Platform): void {
  serveKeys(http, platform);
  serveSettings(http, platform);
  serveAudit(http, platform);
}

function serveKeys(http: HttpServer, { db }: Platform): void {
  http.route(contract.listKeys, ({ caller, query: { limit, after } }) =>
    db.transaction(caller.organisationId, async (tx) =>
      asPage(await selectKeys(tx, { limit: limit + 1, before: after }), limit),
    ),
  );

  http.route(contract.createKey, ({ caller, body }) =>
    db.transaction(caller.organisationId, (tx) => createKey(tx, caller.actor, body)),
  );

  http.route(contract.revokeKey, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await revokeKey(tx, caller.actor, params.key);
      return null;
    }),
  );
}

function serveSettings(http: HttpServer, { db }: Platform): void {
  http.route(contract.getSettings, async ({ caller, raw }) => {
    const settings = await db.transaction(caller.organisationId, getSettings);
    return { ...settings, callerAddress: plainAddress(raw.ip) };
  });

  http.route(contract.changeSettings, ({ caller, body, raw }) =>
    db.transaction(caller.organisationId, (tx) => changeSettings(tx, { actor: caller.actor, address: raw.ip }, body)),
  );
}

function serveAudit(http: HttpServer, { db }: Platform): void {
  http.route(contract.listAudit, ({ caller, query: { limit, after, ...filter } }) =>
    db.transaction(caller.organisationId, (tx) => listAudit(tx, filter, { limit, after })),
  );
}

function asPage(items: contract.Key[], limit: number) {
  const shown = items.slice(0, limit);
  return { items: shown, next: items.length > limit ? (shown.at(-1)?.id ?? null) : null };
}
