import { z } from 'zod';
import { SEND_RESET, sendReset, sendResetPayload } from './ask-for-password-reset.ts';
import type { Access } from './open-access.ts';
import { deleteFullBuckets } from './rate-limit-store.ts';

const AT_ONCE = 5_000;

/** Background work of access: links for new passwords; counts of attempts that are over are forgotten every hour. */
export async function registerAccessTasks(access: Access): Promise<void> {
  const { platform } = access;
  platform.tasks.define({
    name: SEND_RESET,
    payload: sendResetPayload,
    concurrency: 2,
    handle: (task) => sendReset(access, task),
  });
  platform.tasks.define({
    name: 'access.forget-counts',
    payload: z.object({}),
    async handle() {
      while ((await platform.db.globalTransaction((tx) => deleteFullBuckets(tx, AT_ONCE))) === AT_ONCE);
    },
  });
  await platform.tasks.schedule('access.forget-counts', '17 * * * *', {});
}
