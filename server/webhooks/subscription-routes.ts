import type { Id, OrganisationId } from '../platform/contract.ts';
import type { HttpServer } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { admitReceiver } from './admit-receiver.ts';
import { changeSubscription } from './change-subscription.ts';
import { continueSubscription } from './continue-subscription.ts';
import { createSubscription } from './create-subscription.ts';
import { replayDelivery, replayRange } from './replay-deliveries.ts';
import { endSecret, rotateSecret } from './rotate-secret.ts';
import { getDelivery, getDeliveryRow, listDeliveries, showDelivery } from './show-deliveries.ts';
import { getSubscription, getSubscriptionRow, listSubscriptions } from './show-subscription.ts';
import { pauseSubscription, removeSubscription } from './stop-subscription.ts';
import * as contract from './subscriptions-contract.ts';
import { trySubscription } from './try-subscription.ts';

export function registerSubscriptionRoutes(http: HttpServer, platform: Platform): void {
  registerSettings(http, platform);
  registerStates(http, platform);
  registerDeliveries(http, platform);
}

function registerSettings(http: HttpServer, platform: Platform): void {
  const { db, seal } = platform;
  http.route(contract.listSubscriptions, ({ caller, query }) =>
    db.transaction(caller.organisationId, (tx) => listSubscriptions(tx, query)),
  );
  http.route(contract.getSubscription, ({ caller, params }) =>
    db.transaction(caller.organisationId, (tx) => getSubscription(tx, params.subscription)),
  );
  http.route(contract.createSubscription, async ({ caller, body }) => {
    await admitReceiver(platform, body.url);
    return db.transaction(caller.organisationId, async (tx) => {
      const { id, secret } = await createSubscription(tx, seal, body, caller.actor);
      return { ...(await getSubscription(tx, id)), secret };
    });
  });
  http.route(contract.changeSubscription, async ({ caller, params, body }) => {
    await admitReceiver(platform, body.url);
    return db.transaction(caller.organisationId, async (tx) => {
      await changeSubscription(tx, params.subscription, body, caller.actor);
      return getSubscription(tx, params.subscription);
    });
  });
  http.route(contract.rotateSecret, ({ caller, params, body }) =>
    db.transaction(caller.organisationId, async (tx) => {
      const secret = await rotateSecret(tx, seal, params.subscription, body, caller.actor);
      return { ...(await getSubscription(tx, params.subscription)), secret };
    }),
  );
  http.route(contract.endSecret, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await endSecret(tx, params.subscription, params.secret, caller.actor);
      return getSubscription(tx, params.subscription);
    }),
  );
}

function registerStates(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  const show = (organisation: OrganisationId, id: Id<'Subscription'>) =>
    db.transaction(organisation, (tx) => getSubscription(tx, id));
  http.route(contract.pauseSubscription, async ({ caller, params }) => {
    await db.transaction(caller.organisationId, (tx) => pauseSubscription(tx, params.subscription, caller.actor));
    return show(caller.organisationId, params.subscription);
  });
  http.route(contract.resumeSubscription, async ({ caller, params, body }) => {
    const how = { act: 'resumed', from: body.from } as const;
    await continueSubscription(platform, caller.organisationId, params.subscription, how, caller.actor);
    return show(caller.organisationId, params.subscription);
  });
  http.route(contract.enableSubscription, async ({ caller, params, body }) => {
    const how = { act: 'enabled', from: body.from } as const;
    await continueSubscription(platform, caller.organisationId, params.subscription, how, caller.actor);
    return show(caller.organisationId, params.subscription);
  });
  http.route(contract.removeSubscription, async ({ caller, params }) => {
    await db.transaction(caller.organisationId, (tx) =>
      removeSubscription(platform, tx, params.subscription, caller.actor),
    );
    return null;
  });
}

function registerDeliveries(http: HttpServer, platform: Platform): void {
  const { db } = platform;
  http.route(contract.listDeliveries, ({ caller, query }) =>
    db.transaction(caller.organisationId, (tx) => listDeliveries(tx, query)),
  );
  http.route(contract.getDelivery, ({ caller, params }) =>
    db.transaction(caller.organisationId, (tx) => getDelivery(tx, params.delivery)),
  );
  http.route(contract.testSubscription, async ({ caller, params }) => {
    const id = await trySubscription(platform, caller.organisationId, params.subscription);
    return db.transaction(caller.organisationId, (tx) => getDelivery(tx, id));
  });
  http.route(contract.replayDelivery, ({ caller, params }) =>
    db.transaction(caller.organisationId, async (tx) => {
      await replayDelivery(tx, params.delivery, caller.actor);
      return showDelivery(await getDeliveryRow(tx, params.delivery));
    }),
  );
  http.route(contract.replayRange, async ({ caller, params, body }) => {
    const { subscription } = params;
    await db.transaction(caller.organisationId, (tx) => getSubscriptionRow(tx, subscription));
    const { since, until, kinds, states } = body;
    const range = { subscription, since: new Date(since), until: new Date(until), kinds, states };
    return { deliveries: await replayRange(platform, caller.organisationId, range, caller.actor) };
  });
}
