import { type ChildProcess, spawn } from 'node:child_process';
import { readConfig } from '../platform/config.ts';
import type { OrganisationId } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';
import { openPlatform } from '../platform/platform.ts';
import type { MailboxId } from './mailbox-store.ts';
import { readMailbox } from './read-mailbox.ts';

/** Reads one mailbox in a process of its own, so that a test can kill it. */
export function readElsewhere(
  organisationId: OrganisationId,
  mailbox: MailboxId,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(process.execPath, [import.meta.filename, organisationId, mailbox], {
    env: { ...process.env, ...environment, KEPT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

if (import.meta.main) {
  const [, , organisation = '', mailbox = ''] = process.argv;
  const config = readConfig();
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL names the database of the test');
  const platform = await openPlatform({ config, databaseUrl: config.databaseUrl });
  await readMailbox(platform, brand<'Organisation'>(organisation), brand<'Mailbox'>(mailbox));
  await platform.close();
}
