import { Gauge } from 'prom-client';
import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import { findAccountById } from '../accounts/find-account.ts';
import { onEntry } from '../ledger/listen.ts';
import { registerTemplate } from '../messages/templates.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { beginContractEnds, hearReactivation } from './begin-contract-ends.ts';
import { hearOfMessage } from './confirm-end.ts';
import { confirmationTemplate } from './confirmation-mail.ts';
import { driveRun } from './drive-run.ts';
import { receiveErasure } from './erase.ts';
import { readGate } from './gate-store.ts';
import { listHeld } from './hold-store.ts';
import { lookAfter } from './look-after.ts';
import { runPayload, runTask } from './queue-run.ts';
import { listUnfinishedRuns } from './run-store.ts';

const lookTask = 'retention.look-after';
const accountSchema = z.object({ account: idSchema('Account') });

/** Disposal in the background: runs, the daily schedule, and what follows from events, accounts and deliveries. */
export async function registerRetentionTasks(platform: Platform): Promise<void> {
  const { db, tasks } = platform;
  registerTemplate(confirmationTemplate);
  tasks.define({
    name: runTask,
    payload: runPayload,
    concurrency: 4,
    // A run of a very large table takes days; whoever takes the task up again goes on where it stands.
    expireSeconds: 86_400,
    retries: 1000,
    handle: ({ organisation, run }, { signal }) => driveRun(platform, organisation, run, { signal }),
  });
  tasks.define({
    name: lookTask,
    payload: z.object({}),
    async handle() {
      for (const { id } of await listOrganisations(platform)) await lookAfter(platform, id);
    },
  });
  await tasks.schedule(lookTask, '* * * * *', {});

  onEntry(platform, {
    name: 'erase-on-event',
    kinds: ['event.received'],
    async handle(entry) {
      const run = await receiveErasure(platform, entry);
      // At once, in this very task: seconds count. Should it be interrupted, the run's own task goes on.
      if (run !== null) await driveRun(platform, entry.organisationId, run);
    },
  });
  onEntry(platform, {
    name: 'follow-contract-ends',
    kinds: ['accounts.cancelled'],
    handle: (entry) => beginContractEnds(platform, entry.organisationId),
  });
  onEntry(platform, {
    name: 'spare-reactivated-accounts',
    kinds: ['accounts.reactivated'],
    handle: (entry) =>
      db.transaction(entry.organisationId, async (tx) => {
        const account = await findAccountById(tx, accountSchema.parse(entry.body).account);
        if (account?.state === 'active') await hearReactivation(tx, account.account);
      }),
  });
  onEntry(platform, {
    name: 'confirm-contract-ends',
    kinds: ['message.sent', 'message.failed', 'message.bounced', 'message.resent'],
    handle: (entry) => hearOfMessage(platform, entry),
  });
  registerMetrics(platform);
}

function registerMetrics(platform: Platform): void {
  const registers = [platform.metrics];
  const eachOrganisation = async (tell: (slug: string, id: Parameters<typeof lookAfter>[1]) => Promise<void>) => {
    for (const { id, slug } of await listOrganisations(platform)) await tell(slug, id);
  };
  new Gauge({
    name: 'kept_disposal_runs',
    help: 'Runs of disposal that have not finished, by state',
    labelNames: ['organisation', 'state'],
    registers,
    async collect() {
      this.reset();
      await eachOrganisation(async (organisation, id) => {
        for (const { state } of await platform.db.transaction(id, listUnfinishedRuns))
          this.inc({ organisation, state });
      });
    },
  });
  new Gauge({
    name: 'kept_disposal_stopped',
    help: '1 while all disposal of the organisation is stopped',
    labelNames: ['organisation'],
    registers,
    async collect() {
      this.reset();
      await eachOrganisation(async (organisation, id) => {
        const { stopped } = await platform.db.transaction(id, readGate);
        this.set({ organisation }, stopped === null ? 0 : 1);
      });
    },
  });
  new Gauge({
    name: 'kept_holds',
    help: 'Holds in force',
    labelNames: ['organisation'],
    registers,
    async collect() {
      this.reset();
      await eachOrganisation(async (organisation, id) => {
        this.set({ organisation }, (await platform.db.transaction(id, listHeld)).length);
      });
    },
  });
}
