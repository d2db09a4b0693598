import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { deliverMessage } from './deliver-message.ts';
import { giveUpMessages } from './give-up-messages.ts';
import { DELIVER, deliverThrough } from './queue-mail.ts';
import { sealMailWith } from './seal-content.ts';
import { sweepMessages } from './sweep-messages.ts';

const SWEEP = 'messages.sweep';
const GIVE_UP = 'messages.give-up';

/** Delivery, the sweep for what was left lying, and giving up what could not be sent for months. */
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
    name: GIVE_UP,
    payload: z.object({}),
    async handle() {
      let failed = 0;
      for (const { id } of await listOrganisations(platform)) failed += await giveUpMessages(platform, id);
      if (failed > 0) platform.log.warn({ messages: failed }, 'gave up messages that could not be sent for two months');
    },
  });
  sealMailWith(platform.db, platform.seal);
  deliverThrough(platform);
  await tasks.schedule(SWEEP, '*/5 * * * *', {});
  await tasks.schedule(GIVE_UP, '20 3 * * *', {});
}
