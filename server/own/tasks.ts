import { z } from 'zod';
import { roleSchema } from '../access/contract.ts';
import { onEntry } from '../ledger/listen.ts';
import { recordEntry } from '../ledger/record-entry.ts';
import { idSchema, type OrganisationId } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { publisher, publishOwn } from './publish-own.ts';
import { releaseEnded } from './release-ended.ts';
import { SEAL_ANEW } from './rotate-keys.ts';
import { sealAnew } from './seal-anew.ts';

const publishTask = 'own.publish';
const deletedSchema = z.object({
  person: idSchema('Person'),
  organisations: z.array(
    z.object({ organisation: idSchema('Organisation'), role: roleSchema, wasBreakGlass: z.boolean() }),
  ),
});
const brakedSchema = z.object({ run: idSchema('Run') });

/** Publishing what this version ships, letting go what has ended by itself, and sealing anew what an earlier key sealed. */
export async function registerOwnTasks(platform: Platform, organisationId: OrganisationId): Promise<void> {
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
  platform.tasks.define({
    name: SEAL_ANEW,
    payload: z.object({}),
    expireSeconds: 3_600,
    async handle() {
      const { renewed, unopened } = await sealAnew(platform);
      if (renewed > 0) platform.log.info({ renewed }, 'sealed secrets anew with the present key');
      if (unopened > 0) platform.log.error({ unopened }, 'secrets in the database open with no key of this server');
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
  await platform.tasks.schedule(SEAL_ANEW, '17 * * * *', {});
}

/** Asks for it; call when the tasks run. */
export async function askForOwnPolicy(platform: Platform, organisationId: OrganisationId): Promise<void> {
  await platform.db.transaction(organisationId, (tx) =>
    platform.tasks.enqueue(tx, publishTask, {}, { singletonKey: organisationId }),
  );
}
