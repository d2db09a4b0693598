/**
 * A process to be killed: records and sequences as fast as it can until it dies. Each line on standard output is the
 * id of an entry whose transaction had committed, or `signed` and the size of a tree.
 * Arguments: URL of the database, data directory, organisation.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../platform/config.ts';
import { brand } from '../platform/ids.ts';
import { openPlatform } from '../platform/platform.ts';
import { sequence } from './sequence.ts';
import { record } from './test-ledger.ts';

const [databaseUrl = '', dataDirectory = '', organisation = ''] = process.argv.slice(2);
const config = readConfig({ DATABASE_URL: databaseUrl, KEPT_DATA_DIR: dataDirectory, KEPT_LOG_LEVEL: 'silent' });
const platform = await openPlatform({ config, databaseUrl });
const organisationId = brand<'Organisation'>(organisation);

await Promise.all([write(3), write(17), write(120), sequenceForEver()]);

async function write(perTransaction: number): Promise<never> {
  for (;;) {
    const ids = await record(platform, organisationId, perTransaction, { perTransaction });
    process.stdout.write(`${ids.join('\n')}\n`);
    await sleep(5);
  }
}

async function sequenceForEver(): Promise<never> {
  for (;;) {
    const { placed, signedSize, refusal } = await sequence(platform, organisationId);
    if (refusal !== null) throw new Error(refusal.explanation);
    if (placed > 0) process.stdout.write(`signed ${signedSize}\n`);
  }
}
