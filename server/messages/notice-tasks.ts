import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { askForTelling, TELL, tellThrough } from './announce-notice.ts';
import { everybody, givenList, members, registerAudience } from './notice-audiences.ts';
import { registerNoticeMail } from './notice-mail.ts';
import { listUnderWay } from './notice-store.ts';
import { tellNotice } from './tell-notice.ts';

const SWEEP = 'messages.notice-sweep';

/** Telling notices, and the sweep for what was left lying; the audiences that messages itself knows, and the mails. */
export async function registerNoticeTasks(platform: Platform): Promise<void> {
  const { tasks } = platform;
  for (const audience of [members, givenList, everybody]) registerAudience(audience);
  registerNoticeMail();
  tasks.define({
    name: TELL,
    payload: z.object({ organisation: idSchema('Organisation'), notice: idSchema('Notice') }),
    concurrency: 2,
    handle: ({ organisation, notice }, { signal }) => tellNotice(platform, organisation, notice, signal),
  });
  tasks.define({
    name: SWEEP,
    payload: z.object({}),
    async handle() {
      for (const { id } of await listOrganisations(platform))
        await platform.db.transaction(id, async (tx) => {
          for (const notice of await listUnderWay(tx)) await askForTelling(tx, notice);
        });
    },
  });
  tellThrough(platform);
  await tasks.schedule(SWEEP, '*/5 * * * *', {});
}
