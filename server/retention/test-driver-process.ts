import { type ChildProcess, spawn } from 'node:child_process';
import { registerAccountsTasks } from '../accounts/tasks.ts';
import { registerMessagesTasks } from '../messages/tasks.ts';
import { fixedClock } from '../platform/clock.ts';
import { readConfig } from '../platform/config.ts';
import type { OrganisationId } from '../platform/contract.ts';
import { Failure } from '../platform/failure.ts';
import { brand } from '../platform/ids.ts';
import { openPlatform, type Platform } from '../platform/platform.ts';
import { Interrupted, rest } from './drive.ts';
import { driveRun } from './drive-run.ts';
import { listUnfinishedRuns } from './run-store.ts';
import { registerRetentionTasks } from './tasks.ts';

/** Drives an organisation's runs in a process of its own, so that a test can kill it. */
export function driveElsewhere(
  organisationId: OrganisationId,
  at: Date,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(process.execPath, [import.meta.filename, organisationId, at.toISOString()], {
    env: { ...process.env, ...environment, KEPT_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Drives every unfinished run to its end, through the loss of any database on the way. */
export async function driveThrough(platform: Platform, organisationId: OrganisationId): Promise<void> {
  const { signal } = new AbortController();
  for (;;) {
    try {
      const open = await platform.db.transaction(organisationId, listUnfinishedRuns);
      if (open.length === 0) return;
      for (const run of open) await driveRun(platform, organisationId, run.id);
    } catch (error) {
      const isGone = error instanceof Failure && error.code === 'database-unavailable';
      if (!isGone && !(error instanceof Interrupted)) throw error;
    }
    await rest(20, signal);
  }
}

if (import.meta.main) {
  const [, , organisation = '', at = ''] = process.argv;
  const config = readConfig();
  if (config.databaseUrl === undefined) throw new Error('DATABASE_URL names the database of the test');
  const platform = await openPlatform({ config, databaseUrl: config.databaseUrl, clock: fixedClock(at) });
  await registerMessagesTasks(platform);
  registerAccountsTasks(platform);
  await registerRetentionTasks(platform);
  process.stdout.write('driving\n');
  await driveThrough(platform, brand<'Organisation'>(organisation));
  await platform.close();
}
