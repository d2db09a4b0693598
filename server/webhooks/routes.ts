import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { registerCatalogueRoutes } from './catalogue-routes.ts';
import * as contract from './contract.ts';
import { receiveEvent } from './receive-event.ts';

export function registerWebhooksRoutes(http: HttpServer, platform: Platform): void {
  registerCatalogueRoutes(http);
  http.route(contract.receiveEvent, async ({ caller, body }) => {
    const answer = await platform.db.transaction(caller.organisationId, (tx) => receiveEvent(tx, body, caller.actor));
    return { ...answer, receivedAt: answer.receivedAt.toISOString() };
  });
}
