import { z } from 'zod';
import { roleSchema } from '../access/contract.ts';
import { onEntry } from '../ledger/listen.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { publisher, publishOwn } from './publish-own.ts';
import { releaseEnded } from './release-ended.ts';

const publishTask = 'own.publish';
const deletedSchema = z.object({
  person: idSchema('Person'),
  organisations: z.array(
    z.object({ organisation: idSchema('Organisation'), role: roleSchema, wasBreakGlass: z.boolean() }),
  ),
});
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
  onEntry(platform, {
    name: 'tell-of-deleted-accounts',
    kinds: ['access.account-deleted'],
    async handle(entry) {
      const { person, organisations } = deletedSchema.parse(entry.body);
      // The deletion is recorded at Kept itself; each organisation's own record says that it lost a member.
      for (const { organisation, role, wasBreakGlass } of organisations)
        await platform.db.transaction(organisation, async (tx) => {
          await recordEntry(tx, { kind: 'access.member-removed', actor: publisher, body: { person, role } });
          if (wasBreakGlass)
            await recordEntry(tx, {
              kind: 'access.settings-changed',
              actor: publisher,
              body: { fields: ['breakGlass'] },
            });
        });
    },
  });
}

/** Asks for it; call when the tasks run. */
export async function askForOwnPolicy(platform: Platform, organisationId: OrganisationId): Promise<void> {
  await platform.db.transaction(organisationId, (tx) =>
    platform.tasks.enqueue(tx, publishTask, {}, { singletonKey: organisationId }),
  );
}
