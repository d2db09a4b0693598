import { type ChildProcess, spawn } from 'node:child_process';
import { readConfig } from '../platform/config.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';
import { openPlatform } from '../platform/platform.ts';
import { registerNoticeTasks } from './notice-tasks.ts';
import { registerMessagesTasks } from './tasks.ts';
import { tellNotice } from './tell-notice.ts';

/** Tells a notice in a process of its own, so that a test can kill it. Its mails stay queued. */
export function tellElsewhere(
  organisationId: OrganisationId,
  notice: Id<'Notice'>,
  environment: Readonly<Record<string, string>>,
  heapMiB = 512,
): ChildProcess {
  return spawn(process.execPath, [`--max-old-space-size=${heapMiB}`, import.meta.filename, organisationId, notice], {
    env: { ...process.env, ...environment, KEPT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

if (import.meta.main) {
  const [, , organisation = '', notice = ''] = process.argv;
  const config = readConfig();
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL names the database of the test');
  const platform = await openPlatform({ config, databaseUrl: config.databaseUrl });
  await registerMessagesTasks(platform);
  await registerNoticeTasks(platform);
  await tellNotice(platform, brand<'Organisation'>(organisation), brand<'Notice'>(notice));
  await platform.close();
}
