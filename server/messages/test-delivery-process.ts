import { type ChildProcess, spawn } from 'node:child_process';
import { readConfig } from '../platform/config.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import { brand } from '../platform/ids.ts';
import { openPlatform } from '../platform/platform.ts';
import { deliverMessage } from './deliver-message.ts';

/** Delivers one message in a process of its own, so that a test can kill it. */
export function deliverElsewhere(
  organisationId: OrganisationId,
  message: Id<'Message'>,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(process.execPath, [import.meta.filename, organisationId, message], {
    env: { ...process.env, ...environment, KEPT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

if (import.meta.main) {
  const [, , organisation = '', message = ''] = process.argv;
  const config = readConfig();
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL names the database of the test');
  const platform = await openPlatform({ config, databaseUrl: config.databaseUrl });
  await deliverMessage(platform, brand<'Organisation'>(organisation), brand<'Message'>(message));
  await platform.close();
}
