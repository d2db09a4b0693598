import { setTimeout as sleep } from 'node:timers/promises';
import type { Id, OrganisationId } from '../platform/contract.ts';
import { afterCommit, type Database, type Tx } from '../platform/database.ts';
import type { LockHolder } from '../platform/locks.ts';
import type { Platform } from '../platform/platform.ts';
import { TIMEOUT_MS } from './attempt-delivery.ts';
import { type DueSubscription, listDueSubscriptions, nextDueAt, wakeSubscription } from './dispatch-store.ts';
import { type Dispatching, dispatchSubscription } from './dispatch-subscription.ts';
import { openResultWriter } from './result-writer.ts';

export interface Dispatcher {
  start(): void;
  /** Begins nothing new, gives what is under way a few seconds, writes down what came of it. Safe to call twice. */
  stop(): Promise<void>;
}

export interface DispatcherOptions {
  /** For one attempt. */
  readonly timeoutMs?: number;
  /** For attempts under way when it stops; what takes longer is made again later. */
  readonly graceMs?: number;
  /** Deliveries of one subscription at once, where order does not matter. */
  readonly width?: number;
}

/** How often the other processes' work is looked for. */
const POLL_MS = 1_000;
/** Subscriptions that one process works on at once; each may have `width` connections open. */
const MOST_AT_ONCE = 500;
/** Of one organisation: a few whose receivers are all slow leave room for the others. */
const MOST_OF_ONE = 100;
/** After a mistake of our own, so that it does not repeat itself all the time. */
const PAUSE_MS = 5_000;

const wakers = new WeakMap<Database, Set<() => void>>();

/** Makes a subscription due from an instant on; the dispatcher of this process looks at once after the commit. */
export async function askForDispatch(tx: Tx, subscription: Id<'Subscription'>, dueAt: Date): Promise<void> {
  await wakeSubscription(tx, subscription, dueAt);
  afterCommit(tx, () => {
    for (const wake of wakers.get(tx.database) ?? []) wake();
  });
}

/**
 * Sends deliveries, in every process. One loop per subscription, each under its own lock, so that a receiver that is
 * slow or stuck occupies its own loop only. The locks hang on one connection and die with it: what a killed process had
 * begun is taken up at once by the next one that looks.
 */
export function openDispatcher(platform: Platform, options: DispatcherOptions = {}): Dispatcher {
  const stopping = new AbortController();
  let running: Promise<void> | null = null;
  return {
    start() {
      running ??= runUntilStopped(platform, options, stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** One holder of locks after the other: a new one when the connection of the last was lost. */
async function runUntilStopped(platform: Platform, options: DispatcherOptions, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    let holder: LockHolder | null = null;
    try {
      holder = await platform.db.openLockHolder();
      await runWithLocks(platform, options, stopping, holder);
    } catch (error) {
      platform.log.warn({ err: error }, 'deliveries wait for the database');
      await sleep(POLL_MS, undefined, { signal: stopping }).catch(() => undefined);
    } finally {
      await holder?.close();
    }
  }
}

async function runWithLocks(
  platform: Platform,
  options: DispatcherOptions,
  stopping: AbortSignal,
  holder: LockHolder,
): Promise<void> {
  const ending = AbortSignal.any([stopping, holder.signal]);
  const abandoning = new AbortController();
  const dispatching: Dispatching = {
    platform,
    results: openResultWriter(platform, stopping),
    ending,
    abandoning: abandoning.signal,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    width: options.width ?? 8,
  };
  const loops = new Map<Id<'Subscription'>, Loop>();
  const bell = openBell(platform.db);
  try {
    while (!ending.aborted) {
      const rung = bell.wait();
      const due = await lookForDue(platform, holder, loops);
      for (const found of due.mine) {
        const loop = runLoop(dispatching, holder, found).finally(() => {
          loops.delete(found.subscription);
          // It may have become due again while it settled, and there may be room for another.
          bell.ring();
        });
        loops.set(found.subscription, { organisationId: found.organisationId, ended: loop });
      }
      await Promise.race([rung, pause(due.waitMs, ending)]);
    }
  } finally {
    bell.close();
    const grace = setTimeout(() => abandoning.abort(), options.graceMs ?? 5_000);
    if (!stopping.aborted) abandoning.abort();
    await Promise.all([...loops.values()].map(({ ended }) => ended));
    clearTimeout(grace);
  }
}

/** A subscription that this process works on. */
interface Loop {
  readonly organisationId: OrganisationId;
  readonly ended: Promise<void>;
}

/** Those that are due and that nobody else works on, and how long to wait before the next look. */
async function lookForDue(platform: Platform, holder: LockHolder, loops: ReadonlyMap<Id<'Subscription'>, Loop>) {
  const busy = new Map<OrganisationId, number>();
  for (const { organisationId } of loops.values()) busy.set(organisationId, (busy.get(organisationId) ?? 0) + 1);
  const full = [...busy].filter(([, count]) => count >= MOST_OF_ONE).map(([organisationId]) => organisationId);
  const { due, next } = await platform.db.globalTransaction(async (tx) => ({
    due: await listDueSubscriptions(tx, {
      except: [...loops.keys()],
      exceptOrganisations: full,
      limit: MOST_AT_ONCE - loops.size,
    }),
    next: await nextDueAt(tx),
  }));
  const found = due.filter(({ organisationId }) => {
    const count = busy.get(organisationId) ?? 0;
    busy.set(organisationId, count + 1);
    return count < MOST_OF_ONE;
  });
  const taken = await holder.take(found.map(({ subscription }) => lockOf(subscription)));
  const mine = found.filter(({ subscription }) => taken.has(lockOf(subscription)));
  const untilNext = next === null ? POLL_MS : next.getTime() - platform.clock.now().getTime();
  return { mine, waitMs: Math.max(10, Math.min(untilNext, POLL_MS)) };
}

async function runLoop(dispatching: Dispatching, holder: LockHolder, found: DueSubscription): Promise<void> {
  const { platform, ending } = dispatching;
  try {
    await dispatchSubscription(dispatching, found.organisationId, found.subscription);
  } catch (error) {
    platform.log.error({ err: error, subscription: found.subscription }, 'a subscription could not be worked on');
    await pause(PAUSE_MS, ending);
  }
  await holder.release(lockOf(found.subscription)).catch((error) => {
    platform.log.warn({ err: error }, 'a lock goes with its connection');
  });
}

function lockOf(subscription: Id<'Subscription'>): string {
  return `webhooks.subscription ${subscription}`;
}

/** Resolves after a time, or when the signal is aborted; never throws. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

interface Bell {
  /** Resolves at the next ring. */
  wait(): Promise<void>;
  ring(): void;
  close(): void;
}

/** Rung by whoever in this process makes a subscription due. */
function openBell(database: Database): Bell {
  let waiting = Promise.withResolvers<void>();
  const ring = () => waiting.resolve();
  const known = wakers.get(database) ?? new Set();
  wakers.set(database, known.add(ring));
  return {
    wait() {
      waiting = Promise.withResolvers<void>();
      return waiting.promise;
    },
    ring,
    close: () => void known.delete(ring),
  };
}
