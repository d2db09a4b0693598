import { type Compilable, Kysely, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Rows } from '../rows.ts';
import type { Clock } from './clock.ts';
import type { OrganisationId } from './contract.ts';
import { asDatabaseFailure } from './database-failure.ts';
import { type Lock, type LockHolder, openLocks } from './locks.ts';
import { savingDialect } from './statements.ts';

/** A transaction of one organisation: row-level security shows nothing else. */
export interface Tx {
  /** The database it belongs to, so that what was registered for one is found. */
  readonly database: Database;
  readonly organisationId: OrganisationId;
  readonly db: Transaction<Rows>;
  /** The clock at the start of the transaction. */
  readonly at: Date;
}

/** A transaction over the few global tables; tenant tables look empty to it. */
export interface GlobalTx {
  readonly db: Transaction<Rows>;
  readonly at: Date;
}

/**
 * A statement over global tables that is asked at every request: built once, prepared once per connection, and alone in
 * its transaction.
 */
export interface Lookup<Row> {
  /** Unique, stable. */
  readonly name: string;
  /** Any values stand for the parameters here; what counts is their order. */
  build(db: Kysely<Rows>): Compilable<Row>;
}

/** Roles with rights that the application otherwise does not have. */
export type SpecialRole = 'kept_sequencer' | 'kept_pruner';

export interface Database {
  /**
   * The only way to a `Tx`. Commits when `work` resolves, rolls back when it throws.
   * @throws Failure `database-unavailable` when the connection cannot be had or was lost, `database-full`
   */
  transaction<T>(
    organisationId: OrganisationId,
    work: (tx: Tx) => Promise<T>,
    options?: { readonly role?: SpecialRole },
  ): Promise<T>;
  globalTransaction<T>(work: (tx: GlobalTx) => Promise<T>, options?: { readonly role?: SpecialRole }): Promise<T>;
  /** Asks one statement over global tables; tenant tables look empty to it. @returns its rows */
  look<Row extends pg.QueryResultRow>(lookup: Lookup<Row>, parameters: readonly unknown[]): Promise<Row[]>;
  /** Advisory lock on a connection of its own; waits until it is free. Released when the connection dies. */
  lock(name: string, mode: 'shared' | 'exclusive'): Promise<Lock>;
  /** The same, exclusive, without waiting: null when taken. */
  tryLock(name: string): Promise<Lock | null>;
  /** Locks as above, but many on one connection, all released when that dies. @throws Failure `database-unavailable` */
  openLockHolder(): Promise<LockHolder>;
  /** A cheap question to the database, for health checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Connections for transactions, 10 when absent. */
  readonly connections?: number;
  /** Told about connections that died while nobody used them. */
  readonly onTrouble: (error: Error) => void;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What is to happen once a transaction has committed. */
const wishes = new WeakMap<object, (() => void)[]>();

/** Runs something quick and harmless after the commit, such as waking a worker; never when it rolls back. */
export function afterCommit(tx: Tx | GlobalTx, wish: () => void): void {
  const known = wishes.get(tx.db);
  if (known === undefined) wishes.set(tx.db, [wish]);
  else known.push(wish);
}

/** Opens the pool; connects at the first use. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = openPool(options.url, 'kept_app', options.connections ?? 10, options.onTrouble);
  const kysely = new Kysely<Rows>({ dialect: savingDialect(pool) });
  const locks = openLocks(clientConfig(options.url, 'kept_app'));
  const texts = new WeakMap<object, string>();

  async function inTransaction<T>(
    prologue: readonly string[],
    work: (db: Transaction<Rows>, at: Date) => Promise<T>,
  ): Promise<T> {
    try {
      let after: readonly (() => void)[] = [];
      const result = await kysely.transaction().execute(async (db) => {
        for (const setting of prologue) await sql.raw(setting).execute(db);
        const value = await work(db, options.clock.now());
        after = wishes.get(db) ?? [];
        return value;
      });
      for (const wish of after) wish();
      return result;
    } catch (error) {
      throw asDatabaseFailure(error);
    }
  }

  const database: Database = {
    transaction(organisationId, work, { role } = {}) {
      if (!UUID.test(organisationId)) throw new Error('an organisation id is a lower-case UUID');
      // SET LOCAL takes no parameters; what stands here is a checked UUID and a name from a closed list.
      const scope = `set local app.organisation_id = '${organisationId}'`;
      return inTransaction(role === undefined ? [scope] : [scope, `set local role ${role}`], (db, at) =>
        work({ database, organisationId, db, at }),
      );
    },
    globalTransaction: (work, { role } = {}) =>
      inTransaction(role === undefined ? [] : [`set local role ${role}`], (db, at) => work({ db, at })),
    async look(lookup, parameters) {
      const text = texts.get(lookup) ?? lookup.build(kysely).compile().sql;
      texts.set(lookup, text);
      try {
        const { rows } = await pool.query({ name: lookup.name, text, values: [...parameters] });
        return rows;
      } catch (error) {
        throw asDatabaseFailure(error);
      }
    },
    lock: (name, mode) => locks.lock(name, mode),
    tryLock: (name) => locks.tryLock(name),
    openLockHolder: () => locks.openHolder(),
    async ping() {
      try {
        await pool.query('select 1');
      } catch (error) {
        throw asDatabaseFailure(error);
      }
    },
    async close() {
      await locks.close();
      await kysely.destroy();
    },
  };
  return database;
}

/** A pool whose connections act as one role, with civil dates as text and a listener for dead connections. */
export function openPool(url: string, role: string | null, size: number, onTrouble: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(url, role), max: size, idleTimeoutMillis: 60_000, pipeline: true });
  // Without listeners a database restart would end the process: the pool speaks for idle connections, one that is
  // in use and between two statements only for itself.
  pool.on('error', onTrouble);
  pool.on('connect', (client) => client.on('error', onTrouble));
  return pool;
}

const DATE = 1082;

/** Settings of one connection. `role` is what it acts as; the login is the owner of the tables. */
export function clientConfig(url: string, role: string | null): pg.ClientConfig {
  // What stands in a URL wins over settings beside it, so the role is put into the URL's own options.
  const address = new URL(url);
  const options = [address.searchParams.get('options'), role === null ? null : `-c role=${role}`, '-c timezone=UTC'];
  address.searchParams.set('options', options.filter((option) => option !== null).join(' '));
  if (!address.searchParams.has('application_name')) address.searchParams.set('application_name', 'kept');
  return {
    connectionString: address.href,
    connectionTimeoutMillis: 10_000,
    types: {
      // A civil date has no time zone: as a JavaScript Date it would move by one day west of Greenwich.
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === DATE ? (text: string) => text : pg.types.getTypeParser(oid, format),
    },
  };
}
