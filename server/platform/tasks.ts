import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromKysely, type Job, PgBoss } from 'pg-boss';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { z } from 'zod';
import type { Json } from './contract.ts';
import { afterCommit, clientConfig, type Database, type GlobalTx, openPool, type Tx } from './database.ts';
import { describeError, type Logger } from './log.ts';
import { QUEUE_SCHEMA } from './migrate.ts';
import { runWithoutOrigin } from './origin.ts';

/** What a handler is told beside its payload. */
export interface TaskContext {
  /** Aborted when the server stops or the task was taken away: finish the step at hand and throw. */
  readonly signal: AbortSignal;
}

/** Work in the background. Payloads are ids only, and a handler is safe to run twice. */
export interface TaskDefinition<P> {
  /** `retention.run`: folder, then what is done. */
  readonly name: string;
  readonly payload: z.ZodType<P>;
  handle(payload: P, context: TaskContext): Promise<void>;
  /** How many of them this process runs at the same time, 1 when absent. */
  readonly concurrency?: number;
  /** How often it is tried again before it is given up, 20 when absent. */
  readonly retries?: number;
  /** After how long a handler counts as stuck, an hour when absent, a day at most. */
  readonly expireSeconds?: number;
}

export interface EnqueueOptions {
  /** While one with this key waits, another is not added. */
  readonly singletonKey?: string;
  readonly startAfter?: Date;
}

export interface Tasks {
  define<P>(task: TaskDefinition<P>): void;
  /** Adds a task in the caller's transaction: it exists if and only if that commits. */
  enqueue<P>(tx: Tx | GlobalTx, name: string, payload: P, options?: EnqueueOptions): Promise<void>;
  /** Adds a task whenever the cron expression (five fields) falls due in the time zone, UTC when absent. */
  schedule(name: string, cron: string, payload: Json, timeZone?: string): Promise<void>;
  /** Starts to work: first on what a predecessor that was killed had begun. */
  start(): Promise<void>;
  /** Resolves when nothing is waiting that is due and nothing is under way; for tests and the demonstration. */
  settled(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Takes nothing new and waits (30 s at most) for what is under way; what is not done then is retried later. */
  stop(): Promise<void>;
}

export interface TasksOptions {
  readonly url: string;
  readonly db: Database;
  readonly log: Logger;
  readonly metrics: Registry;
}

interface Definition {
  readonly name: string;
  readonly concurrency: number;
  readonly retries: number;
  readonly expireSeconds: number;
  check(payload: unknown): void;
  run(payload: unknown, context: TaskContext): Promise<void>;
}

interface Schedule {
  readonly name: string;
  readonly cron: string;
  readonly payload: Json;
  readonly timeZone: string;
  readonly key: string;
}

const STOP_TIMEOUT_MS = 30_000;
const DEAD_LETTERS = 'platform.dead-letter';
/** Held by every process that works on tasks, so that a starting one can tell whether it is alone. */
const WORKING = 'platform.tasks.working';

/** The queue, in PostgreSQL (pg-boss), on a few connections of its own. */
export function openTasks(options: TasksOptions): Tasks {
  const definitions = new Map<string, Definition>();
  const schedules: Schedule[] = [];
  const workers = new Map<string, string[]>();
  const stopping = new AbortController();
  const interrupted: string[] = [];
  const observe = openMetrics(options.metrics);
  const complain = (error: unknown) => stopping.signal.aborted || options.log.warn({ err: error }, 'queue');
  const pool = openPool(options.url, 'kept_app', 2, complain);
  const boss = openBoss(options, complain);
  let prepared: Promise<void> | null = null;
  let working: { release(): Promise<void> } | null = null;

  async function prepare(): Promise<void> {
    prepared ??= boss.start().then(async () => {
      await boss.createQueue(DEAD_LETTERS, { retryLimit: 0 });
      for (const definition of definitions.values()) await createQueue(boss, definition);
    });
    await prepared;
  }

  async function run(definition: Definition, job: Job<unknown>, workerOf: () => string | undefined): Promise<void> {
    const started = performance.now();
    const signal = AbortSignal.any([stopping.signal, job.signal]);
    try {
      await definition.run(job.data, { signal });
      observe(definition.name, 'done', performance.now() - started);
    } catch (error) {
      const outcome = stopping.signal.aborted ? 'interrupted' : 'failed';
      observe(definition.name, outcome, performance.now() - started);
      if (outcome === 'interrupted') interrupted.push(job.id);
      const seen = { err: error, task: definition.name, job: job.id, attempt: job.retryCount + 1 };
      if (outcome === 'interrupted') options.log.info(seen, 'task interrupted, to be taken up again');
      else options.log.error(seen, 'task failed, to be retried');
      // The queue keeps what is thrown; what the error says stays in the log.
      throw new Error(describeError(error).code ?? describeError(error).type);
    } finally {
      // Look for the next one at once instead of at the next poll.
      const worker = workerOf();
      if (worker !== undefined) boss.notifyWorker(worker);
    }
  }

  async function work(definition: Definition): Promise<void> {
    const mine: string[] = [];
    workers.set(definition.name, mine);
    for (let index = 0; index < definition.concurrency; index += 1) {
      const poll = { pollingIntervalSeconds: 1, batchSize: 1 };
      const id = await boss.work<unknown>(definition.name, poll, async ([job]) => {
        if (job !== undefined) await run(definition, job, () => mine[index]);
      });
      mine.push(id);
    }
  }

  async function applySchedules(): Promise<void> {
    const wanted = new Set(schedules.map((schedule) => `${schedule.name} ${schedule.key}`));
    for (const known of await boss.getSchedules())
      if (!wanted.has(`${known.name} ${known.key}`)) await boss.unschedule(known.name, known.key);
    for (const { name, cron, payload, timeZone, key } of schedules)
      await boss.schedule(name, cron, asObject(payload), { tz: timeZone, key, singletonKey: key });
  }

  return {
    define(task) {
      if (definitions.has(task.name)) throw new Error(`the task ${task.name} is defined twice`);
      if (prepared !== null) throw new Error(`the task ${task.name} is defined after the queue was used`);
      definitions.set(task.name, {
        name: task.name,
        concurrency: task.concurrency ?? 1,
        retries: task.retries ?? 20,
        expireSeconds: task.expireSeconds ?? 3_600,
        check: (payload) => void task.payload.parse(payload),
        // A worker that a request woke must not pass for that request.
        run: (payload, context) => runWithoutOrigin(() => task.handle(task.payload.parse(payload), context)),
      });
    },
    async enqueue(tx, name, payload, { singletonKey, startAfter } = {}) {
      const definition = definitions.get(name);
      if (definition === undefined) throw new Error(`no task is defined under ${name}`);
      definition.check(payload);
      await prepare();
      await boss.send(name, asObject(payload), {
        db: fromKysely(tx.db),
        ...(singletonKey !== undefined && { singletonKey }),
        ...(singletonKey === undefined && { singletonKey: crypto.randomUUID() }),
        ...(startAfter !== undefined && { startAfter }),
      });
      afterCommit(tx, () => {
        for (const worker of workers.get(name) ?? []) boss.notifyWorker(worker);
      });
    },
    async schedule(name, cron, payload, timeZone = 'UTC') {
      const definition = definitions.get(name);
      if (definition === undefined) throw new Error(`no task is defined under ${name}`);
      definition.check(payload);
      const key = createHash('sha256')
        .update(JSON.stringify([payload, timeZone]))
        .digest('hex')
        .slice(0, 16);
      schedules.push({ name, cron, payload, timeZone, key });
      if (working !== null) await applySchedules();
    },
    async start() {
      await prepare();
      const reclaimed = await reclaim(options.db, pool, [...definitions.keys()]);
      if (reclaimed > 0) options.log.info({ tasks: reclaimed }, 'took up what an earlier process had begun');
      working = await options.db.lock(WORKING, 'shared');
      await boss.work(DEAD_LETTERS, { pollingIntervalSeconds: 2, includeMetadata: true }, async (jobs) => {
        for (const job of jobs)
          options.log.error({ task: job.sourceName, job: job.sourceId }, 'task given up after its last attempt');
      });
      for (const definition of definitions.values()) await work(definition);
      await applySchedules();
    },
    async settled({ timeoutMs = 30_000 } = {}) {
      const started = performance.now();
      for (;;) {
        const open = await countOpen(pool);
        if (open === 0) return;
        if (performance.now() - started > timeoutMs)
          throw new Error(`${open} tasks are still open after ${timeoutMs} ms`);
        await sleep(20);
      }
    },
    async stop() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      // A queue that was never used has nothing to stop.
      if (prepared !== null) {
        await prepared.catch(() => undefined);
        await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
        await pool.query(forget('id = any($1)'), [interrupted]).catch((error) => {
          // Without the database they are taken up like those of a process that was killed.
          options.log.warn({ err: error, tasks: interrupted.length }, 'interrupted tasks keep their attempt');
        });
      }
      await working?.release();
      await pool.end();
    },
  };
}

function openBoss(options: TasksOptions, complain: (error: unknown) => void): PgBoss {
  const boss = new PgBoss({
    connectionString: String(clientConfig(options.url, 'kept_app').connectionString),
    schema: QUEUE_SCHEMA,
    max: 4,
    // The schema belongs to the owner of the database; migrate.ts brings it up to date.
    migrate: false,
    createSchema: false,
    reindex: false,
    monitorVacuum: false,
    // How often tasks are looked for whose process fell silent: 10 s of silence, then up to 5 s.
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on('error', rarely(complain));
  boss.on('warning', (warning) => options.log.warn({ warning: warning.message }, 'queue'));
  return boss;
}

/** While the database is away every worker complains at every poll: one in ten seconds says it all. */
function rarely(complain: (error: unknown) => void): (error: unknown) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (performance.now() - last < 10_000) return;
    last = performance.now();
    complain(error);
  };
}

async function createQueue(boss: PgBoss, definition: Definition): Promise<void> {
  const settings = {
    retryLimit: definition.retries,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: definition.expireSeconds,
    heartbeatSeconds: 10,
    // What is done is of no interest to anybody for longer; the ledger and the folders keep what counts.
    deleteAfterSeconds: 6 * 3_600,
    deadLetter: DEAD_LETTERS,
  };
  // `short`: one waiting task per key; tasks without a key are given a random one.
  await boss.createQueue(definition.name, { policy: 'short', ...settings });
  await boss.updateQueue(definition.name, settings);
}

/**
 * A process that is killed leaves its tasks marked as under way; others would wait for ten seconds of silence. When
 * no process works on tasks, which its lock tells, those marks are all stale and the tasks are due at once. They
 * count as not begun, so that being killed again and again never uses up a task's attempts.
 */
async function reclaim(db: Database, pool: Awaited<ReturnType<typeof openPool>>, names: readonly string[]) {
  const alone = await db.tryLock(WORKING);
  if (alone === null) return 0;
  try {
    const { rowCount } = await pool.query(forget("state = 'active' and name = any($1)"), [names]);
    return rowCount ?? 0;
  } finally {
    await alone.release();
  }
}

/** The statement that makes tasks due again as if they had not been begun. */
function forget(which: string): string {
  return `update ${QUEUE_SCHEMA}.job set state = 'retry', started_on = null, heartbeat_on = null, start_after = now()
    where ${which} and state in ('active', 'retry')`;
}

async function countOpen(pool: Awaited<ReturnType<typeof openPool>>): Promise<number> {
  const { rows } = await pool.query<{ open: number }>(
    `select count(*)::int as open from ${QUEUE_SCHEMA}.job
     where name not like '\\_\\_pgboss%' and (state = 'active' or (state in ('created', 'retry') and start_after <= now()))`,
  );
  return rows[0]?.open ?? 0;
}

function openMetrics(registry: Registry) {
  const runs = new Counter({
    name: 'kept_task_runs_total',
    help: 'Background tasks by outcome',
    labelNames: ['task', 'outcome'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'kept_task_seconds',
    help: 'Duration of background tasks',
    labelNames: ['task'],
    buckets: [0.01, 0.1, 1, 10, 60, 600, 3_600],
    registers: [registry],
  });
  return (task: string, outcome: 'done' | 'failed' | 'interrupted', ms: number) => {
    runs.inc({ task, outcome });
    seconds.observe({ task }, ms / 1000);
  };
}

function asObject(payload: unknown): object {
  if (typeof payload !== 'object' || payload === null) throw new Error('the payload of a task is an object');
  return payload;
}
