import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import { idSchema } from '../platform/contract.ts';
import type { Platform } from '../platform/platform.ts';
import { askForReading, READ_MAILBOX } from './ask-for-reading.ts';
import { registerMailboxMail } from './mailbox-mail.ts';
import { selectMailboxes } from './mailbox-store.ts';
import { readMailbox } from './read-mailbox.ts';
import { watchMailboxes } from './watch-mailboxes.ts';

const ROUND = 'messages.read-mailboxes';
const WATCH = 'messages.watch-mailboxes';

/** Reading every mailbox each minute, and looking after them each hour. */
export async function registerMailboxTasks(platform: Platform): Promise<void> {
  const { tasks, db } = platform;
  registerMailboxMail();
  tasks.define({
    name: READ_MAILBOX,
    payload: z.object({ organisation: idSchema('Organisation'), mailbox: idSchema('Mailbox') }),
    // One that answers slowly keeps the others waiting no longer than it has to.
    concurrency: 4,
    // The next round tries again anyway.
    retries: 0,
    async handle({ organisation, mailbox }, { signal }) {
      await readMailbox(platform, organisation, mailbox, signal);
    },
  });
  tasks.define({
    name: ROUND,
    payload: z.object({}),
    retries: 0,
    async handle() {
      for (const { id } of await listOrganisations(platform))
        await db.transaction(id, async (tx) => {
          for (const mailbox of await selectMailboxes(tx))
            if (mailbox.nextReadAt === null || mailbox.nextReadAt <= tx.at) await askForReading(platform, tx, mailbox);
        });
    },
  });
  tasks.define({
    name: WATCH,
    payload: z.object({}),
    async handle() {
      for (const { id } of await listOrganisations(platform)) await watchMailboxes(platform, id);
    },
  });
  await tasks.schedule(ROUND, '* * * * *', {});
  await tasks.schedule(WATCH, '17 * * * *', {});
}
