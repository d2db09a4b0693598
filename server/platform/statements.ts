import { createHash } from 'node:crypto';
import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type pg from 'pg';

/**
 * PostgreSQL for Kysely, with round trips and planning saved, which are most of what a short transaction costs: what
 * opens a transaction is sent without waiting for its answer, and a statement that comes again and again gets a name,
 * so that a connection plans it once.
 * @param pool with `pipeline: true`, so that statements that are sent together travel together
 */
export function savingDialect(pool: pg.Pool): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new SavingDriver(pool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class SavingDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #names = new StatementNames();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Connection> {
    return new Connection(await this.#pool.connect(), this.#names);
  }

  async beginTransaction(connection: Connection): Promise<void> {
    connection.send('begin');
  }

  async commitTransaction(connection: Connection): Promise<void> {
    // COMMIT of a transaction in which something failed is answered as ROLLBACK.
    if ((await connection.command('commit')) === 'ROLLBACK') throw new AbortedTransactionError();
  }

  async rollbackTransaction(connection: Connection): Promise<void> {
    await connection.command('rollback');
  }

  async releaseConnection(connection: Connection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class Connection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #names: StatementNames;
  /** The first failure of what was sent without waiting. */
  #failure: unknown = null;
  #isBroken = false;

  constructor(client: pg.PoolClient, names: StatementNames) {
    this.#client = client;
    this.#names = names;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (parameters.length === 0 && sql.startsWith('set local ')) {
      this.send(sql);
      return { rows: [] };
    }
    const name = parameters.length === 0 ? undefined : this.#names.of(sql);
    const { command, rowCount, rows } = await this.#heard(
      this.#client.query({ text: sql, values: [...parameters], ...(name !== undefined && { name }) }),
    );
    const counts = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(command);
    return { rows, ...(counts && { numAffectedRows: BigInt(rowCount ?? 0) }) };
  }

  // biome-ignore lint/correctness/useYield: nothing is streamed from Kept's own database
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('nothing is streamed from this database');
  }

  /** Sends without waiting; a failure is told by the next statement that is waited for, which fails with it. */
  send(text: string): void {
    this.#client.query(text).catch((error: unknown) => {
      this.#failure ??= error;
    });
  }

  /** @returns what the server says it did */
  async command(text: string): Promise<string> {
    try {
      return (await this.#client.query(text)).command;
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }

  async #heard<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw this.#failure ?? error;
    }
  }
}

/** A text that was sent so often is worth a name; the first times might be the only ones. */
const hotAfter = 5;
/** Each name keeps a plan in every connection. Lists of varying length make ever new texts, which stay nameless. */
const mostNames = 400;
const mostTexts = 4_000;

class StatementNames {
  readonly #times = new Map<string, number>();
  readonly #names = new Map<string, string>();

  /** The name under which a text is to be sent; undefined for one that is not hot, or came when all were given. */
  of(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= mostNames) return known;
    const times = (this.#times.get(text) ?? 0) + 1;
    if (times <= hotAfter) {
      // To forget them all now and then bounds what texts that never come again cost.
      if (this.#times.size >= mostTexts) this.#times.clear();
      this.#times.set(text, times);
      return undefined;
    }
    this.#times.delete(text);
    const name = `kept_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
    this.#names.set(text, name);
    return name;
  }
}
