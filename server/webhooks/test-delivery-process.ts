/**
 * A process to be killed: sequences, feeds and delivers, as a server does, until it dies. It says `ready` once it works.
 * Arguments: URL of the database, data directory.
 */
import { listOrganisations } from '../access/list-organisations.ts';
import { registerLedgerTasks } from '../ledger/tasks.ts';
import { registerMessagesTasks } from '../messages/tasks.ts';
import { readConfig } from '../platform/config.ts';
import { openPlatform } from '../platform/platform.ts';
import { openDispatcher } from './dispatch.ts';
import { registerSubscriptionTasks } from './subscription-tasks.ts';

const [databaseUrl = '', dataDirectory = ''] = process.argv.slice(2);
const config = readConfig({
  DATABASE_URL: databaseUrl,
  KEPT_DATA_DIR: dataDirectory,
  KEPT_LOG_LEVEL: 'silent',
  KEPT_OUTBOUND_ALLOW: '127.0.0.1',
});
const platform = await openPlatform({ config, databaseUrl });
await registerLedgerTasks(platform, () => listOrganisations(platform));
await registerMessagesTasks(platform);
await registerSubscriptionTasks(platform);
await platform.tasks.start();
openDispatcher(platform).start();
process.stdout.write('ready\n');
