import { type ConnectedSystem, StatementRefused } from '../connector.ts';
import { Catalogue } from './catalogue.ts';
import { disposeBatch } from './dispose.ts';
import { codeOf } from './failures.ts';
import { inspect } from './inspect.ts';
import { estimate, measure } from './measure.ts';
import { pressure } from './pressure.ts';
import { probe } from './probe.ts';
import { reclaim } from './reclaim.ts';
import { type ConnectorLog, catalogueLimits, Sessions } from './session.ts';
import { readAccounts, readAttachmentPaths } from './stream.ts';
import { defaultPressureLimits, type PostgresSystem, type PressureLimits } from './system.ts';

/**
 * A PostgreSQL database (15 to 18) of a customer. Connects at once, so that a wrong credential shows here.
 * Throws `SystemUnreachable`.
 */
export async function connectPostgres(options: {
  readonly name: string;
  readonly url: string;
  /** Zone in which columns of type date are meant, UTC when absent. */
  readonly timeZone?: string;
  readonly log?: ConnectorLog | undefined;
  readonly pressureLimits?: PressureLimits | undefined;
}): Promise<ConnectedSystem> {
  const system: PostgresSystem = {
    name: options.name,
    sessions: new Sessions(options.name, options.url, options.log),
    catalogue: new Catalogue(),
    timeZone: options.timeZone ?? 'UTC',
    log: options.log,
    pressureLimits: options.pressureLimits ?? defaultPressureLimits,
    touched: new Set(),
    rates: new Map(),
    version: 0,
  };
  try {
    await requireVersion(system);
  } catch (error) {
    await system.sessions.close();
    throw error;
  }
  return {
    kind: 'postgres',
    inspect: (target, clocks, actions) => inspect(system, target, clocks, actions),
    measure: (target, condition, exclusion, clock) => measure(system, target, condition, exclusion, clock),
    estimate: (target, condition, exclusion, clock) => estimate(system, target, condition, exclusion, clock),
    disposeBatch: (batch) => disposeBatch(system, batch),
    outcomeOf: (transactionId) => outcomeOf(system, transactionId),
    reclaim: (target) => reclaim(system, target),
    pressure: () => pressure(system),
    probe: (target, asked) => probe(system, target, asked),
    readAccounts: (source) => readAccounts(system, source),
    readAttachmentPaths: (target, attachment) => readAttachmentPaths(system, target, attachment),
    removeFile: async () => {
      throw notAFolder(system.name);
    },
    removeFiles: async () => {
      throw notAFolder(system.name);
    },
    listFiles: () => {
      throw notAFolder(system.name);
    },
    close: () => system.sessions.close(),
  };
}

async function requireVersion(system: PostgresSystem): Promise<void> {
  system.version = await system.sessions.use(catalogueLimits, async (client) => {
    const found = await client.query<{ version: number }>(
      `select current_setting('server_version_num')::int as version`,
    );
    return found.rows[0]?.version ?? 0;
  });
  if (system.version < 150_000) {
    throw new StatementRefused(
      'old-version',
      `${system.sessions.place} is older than PostgreSQL 15.`,
      'Upgrade the server: version 14 is no longer supported.',
    );
  }
}

/** Null from PostgreSQL means that it forgot; an id of the future was never made durable (see announce.ts). */
async function outcomeOf(
  system: PostgresSystem,
  transactionId: string,
): Promise<'committed' | 'aborted' | 'in-progress' | 'unknown'> {
  if (!/^\d{1,20}$/.test(transactionId)) return 'unknown';
  try {
    return await system.sessions.use(catalogueLimits, async (client) => {
      const found = await client.query<{ status: string | null }>('select pg_xact_status($1::xid8) as status', [
        transactionId,
      ]);
      const status = found.rows[0]?.status;
      if (status === 'committed' || status === 'aborted') return status;
      return status === 'in progress' ? 'in-progress' : 'unknown';
    });
  } catch (error) {
    if (codeOf(error) === '22023') return 'unknown';
    throw error;
  }
}

function notAFolder(name: string): StatementRefused {
  return new StatementRefused(
    'no-folder',
    `${name} is a database, not a folder.`,
    'Correct the system in the data map.',
  );
}
