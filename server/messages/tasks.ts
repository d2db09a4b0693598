import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { deliverMessage } from './deliver-message.ts';
import { purgeMessages } from './purge-messages.ts';
import { DELIVER, deliverThrough } from './queue-mail.ts';
import { sweepMessages } from './sweep-messages.ts';

const SWEEP = 'messages.sweep';
const PURGE = 'messages.purge';

/** Delivery, the sweep for what was left lying, and the purge of addresses and contents. */
export async function registerMessagesTasks(platform: Platform): Promise<void> {
  const { tasks } = platform;
  tasks.define({
    name: DELIVER,
    payload: z.object({ organisation: idSchema('Organisation'), message: idSchema('Message') }),
    concurrency: 4,
    // Longer than the mail server may take at its slowest.
    expireSeconds: 600,
    handle: ({ organisation, message }) => deliverMessage(platform, organisation, message),
  });
  tasks.define({
    name: SWEEP,
    payload: z.object({}),
    async handle() {
      for (const { id } of await listOrganisations(platform)) await sweepMessages(platform, id);
    },
  });
  tasks.define({
    name: PURGE,
    payload: z.object({}),
    async handle() {
      let purged = 0;
      for (const { id } of await listOrganisations(platform)) purged += await purgeMessages(platform, id);
      if (purged > 0) platform.log.info({ messages: purged }, 'purged addresses and contents of old messages');
    },
  });
  deliverThrough(platform);
  await tasks.schedule(SWEEP, '*/5 * * * *', {});
  await tasks.schedule(PURGE, '20 3 * * *', {});
}
