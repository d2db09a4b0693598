import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import type { Platform } from '../platform/platform.ts';
import { purgeEvents } from './purge-events.ts';

const PURGE = 'webhooks.purge';

/** Purges the inbox of events past the replay window. */
export async function registerWebhooksTasks(platform: Platform): Promise<void> {
  platform.tasks.define({
    name: PURGE,
    payload: z.object({}),
    async handle() {
      let purged = 0;
      for (const { id } of await listOrganisations(platform)) purged += await purgeEvents(platform, id);
      if (purged > 0) platform.log.info({ events: purged }, 'purged events past the replay window');
    },
  });
  await platform.tasks.schedule(PURGE, '40 3 * * *', {});
}
