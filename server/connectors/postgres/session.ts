import pg from 'pg';
import { SystemUnreachable } from '../connector.ts';
import { isConnectionLost, translate, translateConnecting } from './failures.ts';

/** Where a connector reports what a person should know and no call can answer. `pino` fits. */
export interface ConnectorLog {
  warn(details: object, message: string): void;
}

/** A session on loan. */
export interface Lent {
  readonly client: pg.PoolClient;
  run<T>(work: () => Promise<T>): Promise<T>;
  /** `unfinished`: a transaction may still be open and is rolled back. */
  giveBack(unfinished: boolean): Promise<void>;
}

/** How long a session waits. Zero means without end. */
export interface Limits {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

/** For looking things up: nothing of it should ever take long. */
export const catalogueLimits: Limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 60_000 };

/** For passes over a whole table, which may take as long as it is large. */
export const scanLimits: Limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 6 * 3_600_000 };

/**
 * Every session is pinned: hidden rows are an error (`row_security`), names resolve to what the catalogue means
 * (`search_path`), time is UTC, cascades keep the one plan they made (`plan_cache_mode`; planned anew for every row they
 * cost four times as much), and compiling a plan would cost more than a batch takes (`jit`).
 */
const pins = `
  set row_security = off; set search_path = pg_catalog, pg_temp; set timezone = 'UTC'; set datestyle = 'ISO, YMD';
  set intervalstyle = 'postgres'; set extra_float_digits = 1; set plan_cache_mode = auto; set jit = off; set standard_conforming_strings = on;
  set default_transaction_isolation = 'read committed'; set idle_in_transaction_session_timeout = '60s';
  set lock_timeout = 5000; set statement_timeout = 60000`;

/** The sessions of one customer's database: a small pool whose connections are all pinned alike. */
export class Sessions {
  /** `host/database`, for messages; never with a role or a password. */
  readonly place: string;
  readonly #pool: pg.Pool;
  readonly #limits = new WeakMap<pg.ClientBase, Limits>();

  /** Does not connect yet. Throws `SystemUnreachable` where the credential is no connection URL. */
  constructor(name: string, url: string, log?: ConnectorLog) {
    const config = configOf(name, url);
    const probe = new pg.Client(config);
    this.place = `${name} (${probe.host}/${probe.database ?? ''})`;
    const options = {
      ...config,
      // Statements that need not wait for one another's answers travel together: a batch is then two round trips.
      pipeline: true,
      application_name: 'kept',
      max: 10,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      onConnect: async (client: pg.ClientBase) => {
        await client.query(pins);
      },
    };
    this.#pool = new pg.Pool(options);
    // Without a listener the restart of a database would take this process down.
    this.#pool.on('error', (error) => {
      log?.warn({ system: name, code: 'code' in error ? error.code : undefined }, 'an idle connection was lost');
    });
  }

  /** Lends a session with these limits for one piece of work; failures leave it translated (see failures.ts). */
  async use<T>(limits: Limits, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const lent = await this.borrow(limits);
    let failed = true;
    try {
      const result = await lent.run(() => work(lent.client));
      failed = false;
      return result;
    } finally {
      await lent.giveBack(failed);
    }
  }

  /** Lends a session until it is given back; whatever `run` throws is translated. */
  async borrow(limits: Limits): Promise<Lent> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw translateConnecting(error, this.place);
    }
    let broken = false;
    // A connection that dies between two statements must not take the process down; the next statement tells.
    const onError = () => {
      broken = true;
    };
    client.on('error', onError);
    const lent: Lent = {
      client,
      run: async (work) => {
        try {
          return await work();
        } catch (error) {
          broken ||= isConnectionLost(error);
          throw translate(error, this.place);
        }
      },
      giveBack: async (unfinished) => {
        if (unfinished) broken ||= !(await isIdle(client));
        client.off('error', onError);
        client.release(broken);
      },
    };
    try {
      await lent.run(() => this.#limit(client, limits));
      return lent;
    } catch (error) {
      await lent.giveBack(true);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #limit(client: pg.PoolClient, limits: Limits): Promise<void> {
    const current = this.#limits.get(client);
    if (current?.lockTimeoutMs === limits.lockTimeoutMs && current.statementTimeoutMs === limits.statementTimeoutMs) {
      return;
    }
    const lock = Math.max(0, Math.round(limits.lockTimeoutMs));
    const statement = Math.max(0, Math.round(limits.statementTimeoutMs));
    await client.query(`set lock_timeout = ${lock}; set statement_timeout = ${statement}`);
    this.#limits.set(client, limits);
  }
}

/**
 * Waits until none of the statements that were sent together is under way any more. Afterwards `Promise.all` throws
 * the failure of the first: in a transaction all behind a failed one fail too, and do not tell why.
 */
export async function settled(sent: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(sent);
}

/** Rolls back if the connection still lives; the failure that led here is the one to report. */
export async function rollback(client: pg.PoolClient): Promise<void> {
  await client.query('rollback').catch((error: unknown) => {
    if (!isConnectionLost(error)) throw error;
  });
}

async function isIdle(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch (error) {
    if (isConnectionLost(error)) return false;
    throw error;
  }
}

function configOf(name: string, url: string): pg.ClientConfig {
  const remedy = 'Give it the form postgresql://role:password@host:5432/database.';
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new SystemUnreachable(`The credential of ${name} is no PostgreSQL connection URL.`, remedy, null);
  }
  try {
    const config = { connectionString: url };
    new pg.Client(config);
    return config;
  } catch {
    // The cause would quote the URL, and with it the password.
    throw new SystemUnreachable(`The credential of ${name} cannot be read as a connection URL.`, remedy, null);
  }
}
