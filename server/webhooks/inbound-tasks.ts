import { z } from 'zod';
import { idSchema, instantSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { END_SECRETS_TASK } from './endpoint-secrets.ts';
import { deleteEndedSecrets } from './endpoint-store.ts';
import { mapReceived } from './map-received.ts';
import { MAP_TASK } from './receive-webhook.ts';
import { mapRange, REPLAY_TASK } from './replay-received.ts';

/** What is done in the background with webhooks that came in. */
export function registerInboundTasks(platform: Platform): void {
  platform.tasks.define({
    name: MAP_TASK,
    payload: z.object({ organisation: idSchema('Organisation'), received: idSchema('Received') }),
    concurrency: 2,
    handle: ({ organisation, received }) => mapReceived(platform, organisation, received),
  });
  platform.tasks.define({
    name: END_SECRETS_TASK,
    payload: z.object({ organisation: idSchema('Organisation'), endpoint: idSchema('Endpoint') }),
    handle: ({ organisation, endpoint }) =>
      platform.db.transaction(organisation, (tx) => deleteEndedSecrets(tx, endpoint)),
  });
  platform.tasks.define({
    name: REPLAY_TASK,
    payload: z.object({
      organisation: idSchema('Organisation'),
      endpoint: idSchema('Endpoint'),
      from: instantSchema,
      to: instantSchema,
    }),
    handle: ({ organisation, endpoint, from, to }, { signal }) =>
      mapRange(platform, organisation, { endpoint, from: new Date(from), to: new Date(to) }, signal),
  });
}
