import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { describeEndpoint, describeEndpoints } from './describe-endpoint.ts';
import { addSecret, removeSecret } from './endpoint-secrets.ts';
import { selectEndpoints } from './endpoint-store.ts';
import * as contract from './endpoints-contract.ts';
import { selectReceived } from './received-store.ts';
import { replayReceived, replayReceivedRange } from './replay-received.ts';
import { changeEndpoint, createEndpoint, removeEndpoint, renewVerifyToken, setRules } from './set-up-endpoint.ts';
import { showReceived } from './show-received.ts';
import { tryRules } from './try-rules.ts';

/** What members and keys do with inbound webhooks. What senders do is in inbound-routes.ts. */
export function registerEndpointRoutes(http: HttpServer, platform: Platform): void {
  serveEndpoints(http, platform);
  serveSecrets(http, platform);
  serveReceived(http, platform);
}

function serveEndpoints(http: HttpServer, { db, seal, config: { publicUrl } }: Platform): void {
  http.route(contract.listEndpoints, ({ caller, query: { limit, after } }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const rows = await selectEndpoints(tx, { limit: limit + 1, before: after });
      const items = await describeEndpoints(tx, rows.slice(0, limit), publicUrl);
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    }),
  );

  http.route(contract.getEndpoint, ({ caller, params }) =>
    db.transaction(caller.organisationId, (tx) => describeEndpoint(tx, params.endpoint, publicUrl)),
  );

  http.route(contract.createEndpoint, ({ caller, body }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const { id, secret, verifyToken } = await createEndpoint(tx, seal, caller.actor, body);
      return { endpoint: await describeEndpoint(tx, id, publicUrl), secret, verifyToken };
    }),
  );

  http.route(contract.changeEndpoint, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await changeEndpoint(tx, seal, caller.actor, params.endpoint, body);
      return describeEndpoint(tx, params.endpoint, publicUrl);
    }),
  );

  http.route(contract.removeEndpoint, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await removeEndpoint(tx, caller.actor, params.endpoint);
      return null;
    }),
  );

  http.route(contract.setRules, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await setRules(tx, caller.actor, params.endpoint, body.rules);
      return describeEndpoint(tx, params.endpoint, publicUrl);
    }),
  );

  http.route(contract.tryRules, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, (tx) => tryRules(tx, seal, params.endpoint, body)),
  );
}

function serveSecrets(http: HttpServer, platform: Platform): void {
  const {
    db,
    config: { publicUrl },
  } = platform;
  http.route(contract.addEndpointSecret, ({ caller, params: { endpoint }, body }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const secret = await addSecret(platform, tx, caller.actor, { endpoint, ...body });
      return { endpoint: await describeEndpoint(tx, endpoint, publicUrl), secret };
    }),
  );

  http.route(contract.removeEndpointSecret, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await removeSecret(tx, caller.actor, params.endpoint, params.endpointSecret);
      return null;
    }),
  );

  http.route(contract.renewVerifyToken, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => ({
      verifyToken: await renewVerifyToken(tx, caller.actor, params.endpoint),
    })),
  );
}

function serveReceived(http: HttpServer, platform: Platform): void {
  const { db, seal } = platform;
  http.route(contract.listReceived, ({ caller, query: { limit, after, ...filter } }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const rows = await selectReceived(tx, filter, { limit: limit + 1, before: after });
      const items = rows.slice(0, limit);
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    }),
  );

  http.route(contract.getReceived, ({ caller, params }) =>
    db.transaction(caller.organisationId, (tx) => showReceived(tx, seal, params.received)),
  );

  http.route(contract.replayReceived, ({ caller, params }) =>
    db.transaction(caller.organisationId, (tx) => replayReceived(platform, tx, caller.actor, params.received)),
  );

  http.route(contract.replayReceivedRange, ({ caller, params: { endpoint }, body: { from, to, states } }) =>
    db.transaction(caller.organisationId, async (tx) => ({
      count: await replayReceivedRange(
        platform,
        tx,
        caller.actor,
        { endpoint, from: new Date(from), to: new Date(to) },
        states,
      ),
    })),
  );
}
