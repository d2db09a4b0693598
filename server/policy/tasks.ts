import { Gauge } from 'prom-client';
import { z } from 'zod';
import { listOrganisations } from '../access/list-organisations.ts';
import { onEntry } from '../ledger/listen.ts';
import { idSchema } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import type { Platform } from '../platform/platform.ts';
import type { Board } from './contract.ts';
import { findPolicyInForce } from './find-policy.ts';
import { measurePromises } from './measure-promises.ts';
import type { Provers } from './prover.ts';
import { readBoard } from './read-board.ts';
import { thinProofs } from './store.ts';

const measureTask = 'policy.measure';
const measureAllTask = 'policy.measure-all';
const thinTask = 'policy.thin-proofs';

/** Proofs of the last so many days all stay; of older days, the first of each status. */
const fullHistoryDays = 90;

/** Measures every hour, and whenever something happened that can change what a measurement says. */
export async function registerPolicyTasks(platform: Platform, provers: Provers): Promise<void> {
  const { db, tasks } = platform;
  const ask = (tx: Tx) =>
    tasks.enqueue(tx, measureTask, { organisation: tx.organisationId }, { singletonKey: tx.organisationId });

  tasks.define({
    name: measureTask,
    payload: z.object({ organisation: idSchema('Organisation') }),
    concurrency: 2,
    retries: 3,
    async handle({ organisation }, { signal }) {
      if ((await db.transaction(organisation, findPolicyInForce)) === undefined) return;
      await measurePromises(platform, provers, organisation, undefined, signal);
    },
  });
  tasks.define({
    name: measureAllTask,
    payload: z.object({}),
    async handle() {
      for (const { id } of await listOrganisations(platform)) await db.transaction(id, ask);
    },
  });
  tasks.define({
    name: thinTask,
    payload: z.object({}),
    async handle() {
      for (const { id } of await listOrganisations(platform)) await db.transaction(id, thin);
    },
  });
  await tasks.schedule(measureAllTask, '7 * * * *', {});
  await tasks.schedule(thinTask, '41 3 * * *', {});

  onEntry(platform, {
    name: 'measure-promises',
    kinds: [
      'policy.published',
      'datamap.published',
      'disposal.finished',
      'erasure.done',
      'contract.ended',
      'contract.end-confirmed',
      'hold.placed',
      'hold.released',
    ],
    handle: ({ organisationId }) => db.transaction(organisationId, ask),
  });
  registerMetrics(platform);
}

async function thin(tx: Tx): Promise<void> {
  const policy = await findPolicyInForce(tx);
  if (policy === undefined) return;
  const before = new Date(tx.at.getTime() - fullHistoryDays * 86_400_000);
  await thinProofs(tx, before, policy.timeZone);
}

const statuses = ['kept', 'due', 'broken', 'unproven'] as const;

/** The board as figures for an alarm. Labels hold slugs and promise keys, which name no person. */
function registerMetrics(platform: Platform): void {
  // Every figure of one scrape comes from the same reading: the metrics are collected at the same time.
  let reading: { readonly since: number; readonly boards: Promise<NamedBoard[]> } | null = null;
  const boards = (): Promise<NamedBoard[]> => {
    const now = performance.now();
    if (reading === null || now - reading.since > 1000) reading = { since: now, boards: readBoards(platform) };
    return reading.boards;
  };
  const registers = [platform.metrics];
  new Gauge({
    name: 'kept_promises',
    help: 'Promises of the policy in force by status',
    labelNames: ['organisation', 'status'],
    registers,
    async collect() {
      this.reset();
      for (const { slug, board } of await boards()) {
        for (const status of statuses) this.set({ organisation: slug, status }, board.counts[status]);
      }
    },
  });
  new Gauge({
    name: 'kept_promise_status',
    help: 'Status of each promise: 1 for the one it has, 0 for the others',
    labelNames: ['organisation', 'promise', 'status'],
    registers,
    async collect() {
      this.reset();
      for (const { slug, board } of await boards()) {
        for (const { promise, status: has } of board.promises) {
          for (const status of statuses) this.set({ organisation: slug, promise, status }, status === has ? 1 : 0);
        }
      }
    },
  });
  new Gauge({
    name: 'kept_promise_oldest_age_seconds',
    help: 'Age of the oldest datum that counts towards the promise, when it was measured',
    labelNames: ['organisation', 'promise'],
    registers,
    async collect() {
      this.reset();
      for (const { slug, board } of await boards()) {
        for (const { promise, measurement } of board.promises) {
          const age = measurement?.ageSeconds ?? null;
          if (age !== null) this.set({ organisation: slug, promise }, age);
        }
      }
    },
  });
  new Gauge({
    name: 'kept_promise_measured_timestamp_seconds',
    help: 'When each promise was measured last',
    labelNames: ['organisation', 'promise'],
    registers,
    async collect() {
      this.reset();
      for (const { slug, board } of await boards()) {
        for (const { promise, measurement } of board.promises) {
          if (measurement !== null)
            this.set({ organisation: slug, promise }, Date.parse(measurement.measuredAt) / 1000);
        }
      }
    },
  });
}

interface NamedBoard {
  readonly slug: string;
  readonly board: Board;
}

async function readBoards(platform: Platform): Promise<NamedBoard[]> {
  const found: NamedBoard[] = [];
  for (const { id, slug } of await listOrganisations(platform)) {
    found.push({ slug, board: await platform.db.transaction(id, (tx) => readBoard(tx, tx.at)) });
  }
  return found;
}
