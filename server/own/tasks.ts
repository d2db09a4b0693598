import { z } from 'zod';
import { onEntry } from '../ledger/listen.ts';
import { idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { publishOwn } from './publish-own.ts';
import { releaseEnded } from './release-ended.ts';

const publishTask = 'own.publish';
const brakedSchema = z.object({ run: idSchema('Run') });

/** Publishing what this version ships, and letting go what has ended by itself. */
export function registerOwnTasks(platform: Platform, organisationId: OrganisationId): void {
  platform.tasks.define({
    name: publishTask,
    payload: z.object({}),
    handle: () => publishOwn(platform, organisationId),
  });
  onEntry(platform, {
    name: 'release-own-ended',
    kinds: ['disposal.braked'],
    async handle(entry) {
      if (entry.organisationId !== organisationId) return;
      await releaseEnded(platform, organisationId, brakedSchema.parse(entry.body).run);
    },
  });
}

/** Asks for it; call when the tasks run. */
export async function askForOwnPolicy(platform: Platform, organisationId: OrganisationId): Promise<void> {
  await platform.db.transaction(organisationId, (tx) =>
    platform.tasks.enqueue(tx, publishTask, {}, { singletonKey: organisationId }),
  );
}
