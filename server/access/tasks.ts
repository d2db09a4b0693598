import { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import { deleteFullBuckets } from './rate-limit-store.ts';

const AT_ONCE = 5_000;

/** Background work of access: counts of attempts that are over are forgotten every hour. */
export async function registerAccessTasks(platform: Platform): Promise<void> {
  platform.tasks.define({
    name: 'access.forget-counts',
    payload: z.object({}),
    async handle() {
      while ((await platform.db.globalTransaction((tx) => deleteFullBuckets(tx, AT_ONCE))) === AT_ONCE);
    },
  });
  await platform.tasks.schedule('access.forget-counts', '17 * * * *', {});
}
