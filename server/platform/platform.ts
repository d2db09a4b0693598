import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './database.ts';
import type { Files } from './files.ts';
import { type Logger, openLog } from './log.ts';
import { type Outbound, openOutbound } from './outbound.ts';
import { openSeal, type Seal } from './seal.ts';
import { openFiles } from './storage.ts';
import { openTasks, type Tasks } from './tasks.ts';

/** What every folder is handed: the machinery that knows nothing of privacy. */
export interface Platform {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tasks: Tasks;
  readonly outbound: Outbound;
  /** Seals the secrets that the database must not give away by itself. */
  readonly seal: Seal;
  /** Files outside the database, encrypted. */
  readonly files: Files;
  /** Folders register their own collectors here; served at `/metrics`. */
  readonly metrics: Registry;
}

export interface OpenPlatform extends Platform {
  /** Stops the tasks, then lets go of the network and the database. */
  close(): Promise<void>;
}

/**
 * Puts the platform together over a migrated database.
 * @param databaseUrl login that owns the database
 * @throws Failure `sealing-key-unusable`, `sealing-key-unavailable`, `database-unavailable`
 */
export async function openPlatform(options: {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly clock?: Clock;
  readonly log?: Logger;
}): Promise<OpenPlatform> {
  const { config, databaseUrl: url } = options;
  const clock = options.clock ?? systemClock;
  const log = options.log ?? openLog(config);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  let closing = false;
  const db = openDatabase({
    url,
    clock,
    // While we close, the database may close first; nobody loses anything by that.
    onTrouble: (error) => closing || log.warn({ err: error }, 'database connection lost'),
  });
  const seal = await openSeal({ config, db, clock, log }).catch(async (error) => {
    closing = true;
    await db.close();
    throw error;
  });
  const files = openFiles(config, seal);
  const tasks = openTasks({ url, db, log, metrics });
  const outbound = openOutbound({
    allow: config.outboundAllow,
    nameServers: config.nameServers,
    databaseUrl: url,
  });
  return {
    config,
    db,
    clock,
    log,
    tasks,
    outbound,
    seal,
    files,
    metrics,
    async close() {
      closing = true;
      await tasks.stop();
      await outbound.close();
      await files.close();
      await seal.stop();
      await db.close();
    },
  };
}
