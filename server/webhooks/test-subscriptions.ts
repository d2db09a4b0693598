import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { listOrganisations } from '../access/list-organisations.ts';
import { type NewEntry, recordEntries } from '../ledger/record-entry.ts';
import { registerLedgerTasks } from '../ledger/tasks.ts';
import { registerMessagesTasks } from '../messages/tasks.ts';
import type { Clock } from '../platform/clock.ts';
import type { Actor, Id, OrganisationId } from '../platform/contract.ts';
import { openHttp } from '../platform/http.ts';
import type { Platform } from '../platform/platform.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { createSubscription } from './create-subscription.ts';
import { type DispatcherOptions, openDispatcher } from './dispatch.ts';
import { getDelivery, listDeliveries } from './show-deliveries.ts';
import { getSubscription } from './show-subscription.ts';
import { registerSubscriptionRoutes } from './subscription-routes.ts';
import type { SubscriptionRow } from './subscription-store.ts';
import { registerSubscriptionTasks } from './subscription-tasks.ts';
import type { Delivery, SignatureScheme } from './subscriptions-contract.ts';

/** The machine's clock, which a test may put forward. */
export function movableClock(): Clock & { advance(ms: number): void } {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    advance: (ms) => {
      offset += ms;
    },
  };
}

export const system: Actor = { kind: 'system', id: 'test' };

/** A Kept that records, sequences and delivers, with receivers of this machine allowed. */
export async function openTestSubscriptions(options: DispatcherOptions & { readonly allow?: string } = {}) {
  const clock = movableClock();
  const environment = { KEPT_OUTBOUND_ALLOW: options.allow ?? '127.0.0.1' };
  const kept = await openTestPlatform({ clock, environment });
  const { platform, organisationId } = kept;
  await registerLedgerTasks(platform, () => listOrganisations(platform));
  await registerMessagesTasks(platform);
  await registerSubscriptionTasks(platform);
  const http = openHttp(platform, async () => ({ organisationId, actor: system, language: 'en' }));
  registerSubscriptionRoutes(http, platform);
  const admin = new pg.Client(kept.adminUrl);
  await admin.connect();
  await platform.tasks.start();
  const dispatcher = openDispatcher(platform, { timeoutMs: 500, ...options });
  dispatcher.start();
  const show = (id: Id<'Subscription'>) => platform.db.transaction(organisationId, (tx) => getSubscription(tx, id));
  return {
    ...kept,
    clock,
    admin,
    dispatcher,
    show,
    subscribe: (wanted: Wanted) => subscribe(platform, organisationId, wanted),
    record: (count: number, from = 0) => record(platform, organisationId, count, from),
    async deliveries(subscription?: Id<'Subscription'>): Promise<Delivery[]> {
      const query = { limit: 200, ...(subscription !== undefined && { subscription }) };
      return (await platform.db.transaction(organisationId, (tx) => listDeliveries(tx, query))).items;
    },
    delivery: (id: Id<'Delivery'>) => platform.db.transaction(organisationId, (tx) => getDelivery(tx, id)),
    async call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) {
      const answer = await http.fastify.inject({ method, url, ...(payload !== undefined && { payload }) });
      return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
    },
    async close() {
      await dispatcher.stop();
      await http.close();
      await admin.end();
      await kept.close();
    },
  };
}

export type Wanted = Partial<Pick<SubscriptionRow, 'name' | 'kinds' | 'ordered'>> & {
  readonly url: string;
  readonly scheme?: SignatureScheme;
};

export async function subscribe(platform: Platform, organisation: OrganisationId, wanted: Wanted) {
  const defaults = { name: 'Test', kinds: null, ordered: false, scheme: 'hmac-sha256' } as const;
  return platform.db.transaction(organisation, (tx) =>
    createSubscription(tx, platform.seal, { ...defaults, ...wanted }, system),
  );
}

/** Records entries whose bodies are numbered. */
export async function record(platform: Platform, organisation: OrganisationId, count: number, from = 0): Promise<void> {
  const entries = Array.from({ length: count }, (_, at): NewEntry => {
    const body = { account: '0193fe4a-7c5e-7b1e-8a51-2f1d3c4b5a69', cancelledAt: new Date(from + at).toISOString() };
    return { kind: 'accounts.cancelled', actor: system, body };
  });
  await platform.db.transaction(organisation, (tx) => recordEntries(tx, entries));
}

/** The number of a body that `record` made. */
export function numberOf(body: string): number {
  return new Date(JSON.parse(body).data.cancelledAt).getTime();
}

/** Waits until something is so. @throws Error when it never is */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > timeoutMs) throw new Error(`it did not come to this: ${what}`);
    await sleep(20);
  }
}
