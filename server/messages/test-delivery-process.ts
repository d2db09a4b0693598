import { readConfig } from '../platform/config.ts';
import { brand } from '../platform/ids.ts';
import { openPlatform } from '../platform/platform.ts';
import { deliverMessage } from './deliver-message.ts';

/** Delivers one message in a process of its own, so that a test can kill it: `organisation message` as arguments. */
const [, , organisation = '', message = ''] = process.argv;
const config = readConfig();
if (config.databaseUrl === undefined) throw new Error('DATABASE_URL names the database of the test');
const platform = openPlatform({ config, databaseUrl: config.databaseUrl });
await deliverMessage(platform, brand<'Organisation'>(organisation), brand<'Message'>(message));
await platform.close();
