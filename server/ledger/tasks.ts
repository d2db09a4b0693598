import { z } from 'zod';
import { idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { deliverCheckpoints, deliveryTask } from './deliver-checkpoints.ts';
import { getStatusOf } from './ledger-status.ts';
import { askForSequencing, sequenceTask } from './listen.ts';
import { sequence } from './sequence.ts';
import { type Watch, watchLedgers } from './watch-ledgers.ts';

const sweepTask = 'ledger.sweep';
const payload = z.object({ organisation: idSchema('Organisation') });

/** Who there is; access registers it, since it comes after the ledger in the layers. */
export type OrganisationList = () => Promise<readonly OrganisationId[]>;

/**
 * From here on every recorded entry is given its place soon after its transaction committed. A sweep each minute takes
 * up what was refused, what an endpoint did not take, and what a task given up left behind; it also compares every log
 * with its copies outside, so that a restored database is noticed without waiting for an entry.
 */
export async function registerLedgerTasks(platform: Platform, organisations: OrganisationList): Promise<void> {
  const watch = watchLedgers(platform);
  platform.tasks.define({
    name: sequenceTask,
    payload,
    concurrency: 2,
    async handle({ organisation }) {
      const { placed, refusal } = await sequence(platform, organisation);
      watch.heed(organisation, refusal);
      if (placed > 0) watch.observe(organisation, await getStatusOf(platform, organisation));
    },
  });
  platform.tasks.define({
    name: deliveryTask,
    payload,
    expireSeconds: 3_600,
    handle: ({ organisation }, { signal }) => deliverCheckpoints(platform, organisation, signal),
  });
  platform.tasks.define({
    name: sweepTask,
    payload: z.object({}),
    async handle(_, { signal }) {
      for (const organisation of await organisations()) {
        signal.throwIfAborted();
        await sweepLedger(platform, organisation, watch);
      }
    },
  });
  askForSequencing(platform);
  await platform.tasks.schedule(sweepTask, '* * * * *', {});
  // A start on a restored database is told at once; beyond so many the first sweep does it.
  for (const organisation of (await organisations()).slice(0, 200)) {
    watch.observe(organisation, await getStatusOf(platform, organisation));
  }
}

async function sweepLedger(platform: Platform, organisation: OrganisationId, watch: Watch): Promise<void> {
  const before = await getStatusOf(platform, organisation);
  const idle = before.pending === 0 && before.size === before.signedSize;
  if (!idle) {
    const { refusal } = await sequence(platform, organisation);
    watch.heed(organisation, refusal);
  }
  await deliverCheckpoints(platform, organisation);
  watch.observe(organisation, idle ? before : await getStatusOf(platform, organisation));
}
