import { createHash } from 'node:crypto';
import pg from 'pg';
import { asDatabaseFailure } from './database-failure.ts';

/** A lock that is held. */
export interface Lock {
  /** Aborted when the connection died and others may have taken the lock. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

/** Many exclusive locks on one connection, for whoever may hold thousands of them. */
export interface LockHolder {
  /** Aborted when the connection died and others may have taken the locks. */
  readonly signal: AbortSignal;
  /** Takes those of the names that are free, without waiting; what it has already is not taken again. */
  take(names: readonly string[]): Promise<ReadonlySet<string>>;
  release(name: string): Promise<void>;
  /** Lets go of all of them. */
  close(): Promise<void>;
}

type Mode = 'shared' | 'exclusive';

interface Waiter {
  readonly mode: Mode;
  readonly go: () => void;
}

/** What this process knows about one name: who holds it here, who waits, and the session that holds it there. */
interface Entry {
  mode: Mode | null;
  holders: number;
  readonly waiting: Waiter[];
  session: Promise<Session> | null;
}

interface Session {
  readonly client: pg.Client;
  readonly lost: AbortController;
}

export interface Locks {
  lock(name: string, mode: Mode): Promise<Lock>;
  tryLock(name: string): Promise<Lock | null>;
  openHolder(): Promise<LockHolder>;
  close(): Promise<void>;
}

/**
 * Named locks over every process that shares the database: session-level advisory locks. Within this process waiters
 * queue here, in order, so that a name costs one connection however many wait for it.
 */
export function openLocks(config: pg.ClientConfig): Locks {
  const entries = new Map<string, Entry>();

  function entryOf(name: string): Entry {
    const known = entries.get(name) ?? { mode: null, holders: 0, waiting: [], session: null };
    entries.set(name, known);
    return known;
  }

  function take(entry: Entry, mode: Mode): boolean {
    const free = entry.holders === 0 || (mode === 'shared' && entry.mode === 'shared');
    if (!free) return false;
    entry.mode = mode;
    entry.holders += 1;
    return true;
  }

  async function leave(name: string, entry: Entry): Promise<void> {
    entry.holders -= 1;
    if (entry.holders === 0) {
      const session = entry.session;
      entry.session = null;
      entry.mode = null;
      // The lock goes with its connection; nobody here may pass before it is really gone there.
      if (session !== null) await session.then(({ client }) => client.end()).catch(() => undefined);
    }
    while (entry.waiting[0] !== undefined && take(entry, entry.waiting[0].mode)) entry.waiting.shift()?.go();
    if (entry.holders === 0 && entry.waiting.length === 0) entries.delete(name);
  }

  async function held(name: string, entry: Entry, acquire: () => Promise<Session>): Promise<Lock> {
    entry.session ??= acquire();
    try {
      const { lost } = await entry.session;
      let released = false;
      return {
        signal: lost.signal,
        async release() {
          if (released) return;
          released = true;
          await leave(name, entry);
        },
      };
    } catch (error) {
      await leave(name, entry);
      throw asDatabaseFailure(error);
    }
  }

  return {
    async lock(name, mode) {
      const entry = entryOf(name);
      // Whoever came first goes first: a stream of shared holders cannot starve an exclusive one.
      if (entry.waiting.length > 0 || !take(entry, mode))
        await new Promise<void>((go) => {
          entry.waiting.push({ mode, go });
        });
      const statement = mode === 'exclusive' ? 'select pg_advisory_lock($1)' : 'select pg_advisory_lock_shared($1)';
      return held(name, entry, async () => {
        const session = await connect(config);
        await session.client.query(statement, [keyOf(name)]).catch(endAfter(session));
        return session;
      });
    },
    async tryLock(name) {
      const entry = entryOf(name);
      if (entry.waiting.length > 0 || !take(entry, 'exclusive')) return null;
      const session = await connect(config).catch(async (error) => {
        await leave(name, entry);
        throw asDatabaseFailure(error);
      });
      const answer = await session.client
        .query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [keyOf(name)])
        .catch(endAfter(session))
        .catch(async (error) => {
          await leave(name, entry);
          throw asDatabaseFailure(error);
        });
      entry.session = Promise.resolve(session);
      if (answer.rows[0]?.taken === true) return held(name, entry, () => Promise.resolve(session));
      await leave(name, entry);
      return null;
    },
    openHolder: () => openHolder(config),
    async close() {
      const sessions = [...entries.values()].map((entry) => entry.session);
      entries.clear();
      for (const session of sessions) await session?.then(({ client }) => client.end()).catch(() => undefined);
    },
  };
}

async function openHolder(config: pg.ClientConfig): Promise<LockHolder> {
  const { client, lost } = await connect(config).catch((error) => {
    throw asDatabaseFailure(error);
  });
  const mine = new Set<string>();
  // A connection answers one question at a time.
  let last: Promise<unknown> = Promise.resolve();
  const ask = <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) => {
    const answer = last.then(() => client.query<Row>(text, [...values]));
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    signal: lost.signal,
    async take(names) {
      // A session may take its own lock twice, and would then have to release it twice.
      const wanted = names.filter((name) => !mine.has(name));
      if (wanted.length === 0) return new Set();
      for (const name of wanted) mine.add(name);
      try {
        const { rows } = await ask<{ taken: boolean }>(
          'select pg_try_advisory_lock(key) as taken from unnest($1::bigint[]) with ordinality as asked (key, at) order by at',
          [wanted.map(keyOf)],
        );
        const taken = new Set(wanted.filter((_, at) => rows[at]?.taken === true));
        for (const name of wanted) if (!taken.has(name)) mine.delete(name);
        return taken;
      } catch (error) {
        for (const name of wanted) mine.delete(name);
        throw asDatabaseFailure(error);
      }
    },
    async release(name) {
      if (!mine.has(name) || lost.signal.aborted) return;
      try {
        await ask('select pg_advisory_unlock($1)', [keyOf(name)]);
      } catch (error) {
        throw asDatabaseFailure(error);
      } finally {
        mine.delete(name);
      }
    },
    async close() {
      await client.end();
    },
  };
}

function endAfter(session: Session): (error: unknown) => Promise<never> {
  return async (error) => {
    await session.client.end();
    throw error;
  };
}

async function connect(config: pg.ClientConfig): Promise<Session> {
  // Keep-alive, because a lock is silent: a machine that vanished must not hold it for ever.
  const client = new pg.Client({ ...config, keepAlive: true });
  const lost = new AbortController();
  client.on('error', (error) => lost.abort(error));
  client.on('end', () => lost.abort());
  await client.connect();
  return { client, lost };
}

/** Advisory locks are numbers: the first 64 bits of the name's SHA-256. */
function keyOf(name: string): string {
  return createHash('sha256').update(`kept:${name}`).digest().readBigInt64BE(0).toString();
}
