import { z } from 'zod';
import { idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { deliverCheckpoints, deliveryTask } from './deliver-checkpoints.ts';
import { getStatusOf } from './ledger-status.ts';
import { askForSequencing, sequenceTask } from './listen.ts';
import { pruneToAuditPeriod } from './prune-ledger.ts';
import { sequence } from './sequence.ts';
import { type Watch, watchLedgers } from './watch-ledgers.ts';

const sweepTask = 'ledger.sweep';
const pruneTask = 'ledger.prune';
const payload = z.object({ organisation: idSchema('Organisation') });

/** Who there is; access registers it, since it comes after the ledger in the layers. */
export type OrganisationList = () => Promise<readonly { readonly id: OrganisationId; readonly slug: string }[]>;

/**
 * From here on every recorded entry is given its place soon after its transaction committed. A sweep each minute takes
 * up what was refused, what an endpoint did not take, and what a task given up left behind; it also compares every log
 * with its copies outside, so that a restored database is noticed without waiting for an entry. What is past the audit
 * period goes once a day.
 */
export async function registerLedgerTasks(platform: Platform, organisations: OrganisationList): Promise<void> {
  const watch = watchLedgers(platform, organisations);
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
      for (const { id } of await organisations()) {
        signal.throwIfAborted();
        await sweepLedger(platform, id, watch);
      }
    },
  });
  platform.tasks.define({
    name: pruneTask,
    payload: z.object({}),
    async handle(_, { signal }) {
      for (const { id } of await organisations()) {
        const { removed } = await pruneToAuditPeriod(platform, id, signal);
        if (removed > 0) platform.log.info({ organisation: id, removed }, 'pruned entries past the audit period');
      }
    },
  });
  askForSequencing(platform);
  await platform.tasks.schedule(sweepTask, '* * * * *', {});
  // Also where no period is set: the queue remembers schedules, and the period may have been taken away again.
  await platform.tasks.schedule(pruneTask, '11 4 * * *', {});
  // A start on a restored database is told at once; beyond so many the first sweep does it.
  for (const { id } of (await organisations()).slice(0, 200)) watch.observe(id, await getStatusOf(platform, id));
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
