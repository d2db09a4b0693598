import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import { onPlaced } from '../ledger/listen.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { registerDisabledMail } from './disabled-mail.ts';
import { feedDeliveries } from './feed-deliveries.ts';
import { SKIP, skipAll } from './skip-deliveries.ts';
import { deleteEndedSecrets, listActiveIds } from './subscription-store.ts';

const FEED = 'webhooks.feed';
const SWEEP = 'webhooks.sweep';
const organisationOnly = z.object({ organisation: idSchema('Organisation') });

/**
 * Deliveries are made as soon as entries have their place in the ledger. A sweep each minute takes up what a task given
 * up left behind, and deletes secrets whose overlap has ended.
 */
export async function registerSubscriptionTasks(platform: Platform): Promise<void> {
  const { tasks } = platform;
  registerDisabledMail();
  tasks.define({
    name: FEED,
    payload: organisationOnly,
    concurrency: 2,
    async handle({ organisation }, { signal }) {
      await feedDeliveries(platform, organisation, signal);
    },
  });
  tasks.define({
    name: SKIP,
    payload: organisationOnly.extend({ subscription: idSchema('Subscription') }),
    handle: ({ organisation, subscription }, { signal }) => skipAll(platform, organisation, subscription, signal),
  });
  tasks.define({
    name: SWEEP,
    payload: z.object({}),
    async handle(_, { signal }) {
      for (const { id } of await listOrganisations(platform)) {
        signal.throwIfAborted();
        await feedDeliveries(platform, id, signal);
        await platform.db.transaction(id, deleteEndedSecrets);
      }
    },
  });
  onPlaced(platform, async (tx) => {
    if ((await listActiveIds(tx)).length === 0) return;
    await tasks.enqueue(tx, FEED, { organisation: tx.organisationId }, { singletonKey: tx.organisationId });
  });
  await tasks.schedule(SWEEP, '* * * * *', {});
}
