import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../platform/config.ts';
import { openPlatform } from '../platform/platform.ts';
import { registerExportsTasks } from './tasks.ts';
import { registerNumbers } from './test-exports.ts';

/** Makes exports in a process of its own, so that a test can kill it. */
export function makeElsewhere(environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [import.meta.filename], {
    env: { ...process.env, ...environment, KEPT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

if (import.meta.main) {
  const config = readConfig();
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL names the database of the test');
  const platform = await openPlatform({ config, databaseUrl: config.databaseUrl });
  // Slow enough to be killed on the way.
  registerNumbers(platform, { onPage: async () => void (await sleep(3)) });
  await registerExportsTasks(platform);
  await platform.tasks.start();
}
