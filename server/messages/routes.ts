import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import * as contract from './contract.ts';
import { publicState } from './find-message.ts';
import { listMessages } from './list-messages.ts';

export function registerMessagesRoutes(http: HttpServer, platform: Platform): void {
  http.route(contract.listMessages, async ({ caller, query }) => {
    const page = await platform.db.transaction(caller.organisationId, (tx) => listMessages(tx, query));
    const items = page.items.map((message) => ({
      ...message,
      state: publicState(message),
      queuedAt: message.queuedAt.toISOString(),
      nextAttemptAt: message.nextAttemptAt?.toISOString() ?? null,
      sentAt: message.sentAt?.toISOString() ?? null,
      purgedAt: message.purgedAt?.toISOString() ?? null,
    }));
    return { items, next: page.next };
  });
}
