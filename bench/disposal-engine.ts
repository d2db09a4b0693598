import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrganisation } from '../server/access/list-organisations.ts';
import type { ConnectedSystem } from '../server/connectors/connector.ts';
import { publishDataMap } from '../server/datamap/publish-data-map.ts';
import { fixedClock } from '../server/platform/clock.ts';
import type { Actor, OrganisationId } from '../server/platform/contract.ts';
import type { Platform } from '../server/platform/platform.ts';
import { openTestPlatform, type TestPlatform } from '../server/platform/test-database.ts';
import { publishPolicy } from '../server/policy/publish-policy.ts';
import { findBasis } from '../server/retention/basis.ts';
import { approvePlan } from '../server/retention/decide-plan.ts';
import { startRun } from '../server/retention/direct-run.ts';
import type { Drive } from '../server/retention/drive.ts';
import { driveRun } from '../server/retention/drive-run.ts';
import { driveStep } from '../server/retention/drive-step.ts';
import { planDisposal } from '../server/retention/plan-disposal.ts';
import { inOrder, prepareRun } from '../server/retention/prepare-run.ts';
import { changeRun, findRun, listSteps, listUnfinishedRuns, raiseEpoch } from '../server/retention/run-store.ts';
import { type Systems, withSystems } from '../server/retention/systems.ts';
import { registerRetentionTasks } from '../server/retention/tasks.ts';
import { cutoff, type Store } from './disposal-store.ts';

/** Kept itself beside the store, its own database in the same cluster, with one organisation per case of the bench. */
export interface Engine {
  /**
   * An organisation that promises to keep the rows of these tables of the store for thirty days, which end at the
   * bench's cutoff. Its plan is approved; its first run has been.
   */
  organisation(tables: readonly string[]): Promise<EngineOrganisation>;
  close(): Promise<void>;
}

export interface EngineOrganisation {
  /** One run of disposal. Counting passes, VACUUM and looking at the catalogue are timed apart. */
  dispose(afterBatch?: () => void): Promise<EngineRun>;
}

export interface EngineRun {
  readonly disposed: number;
  readonly batches: number;
  readonly slowestMs: number;
  /** Of this process and the server, all but what is timed apart. */
  readonly cpuSeconds: number;
}

const actor: Actor = { kind: 'person', id: '019b0000-0000-7000-8000-000000000001' };
const dayMs = 86_400_000;

export async function openEngine(store: Store): Promise<Engine> {
  const folder = mkdtempSync(join(tmpdir(), 'kept-bench-engine-'));
  const secrets = join(folder, 'secrets.json');
  writeFileSync(secrets, '{}');
  // The test platform asks the environment which server to make its database on.
  process.env['KEPT_TEST_ADMIN_URL'] = store.url;
  const clock = fixedClock(new Date(cutoff.getTime() + 30 * dayMs));
  const test = await openTestPlatform({ clock, environment: { KEPT_SECRETS_FILE: secrets, KEPT_DATA_DIR: folder } });
  await registerRetentionTasks(test.platform);
  return {
    organisation: (tables) => openOrganisation(store, test, secrets, tables),
    async close() {
      await test.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openOrganisation(
  store: Store,
  test: TestPlatform,
  secrets: string,
  tables: readonly string[],
): Promise<EngineOrganisation> {
  const { platform } = test;
  const id = await test.newOrganisation();
  const slug = (await findOrganisation(platform, id))?.slug ?? '';
  writeFileSync(
    secrets,
    JSON.stringify({ ...JSON.parse(readFileSync(secrets, 'utf8')), [slug]: { store: store.url } }),
  );
  const source = policyOf(tables);
  await platform.db.transaction(id, (tx) => publishPolicy(tx, { source, parent: null, actor }));
  await publishDataMap(platform, id, { source: mapOf(tables), parent: null, actor });
  const plan = await planDisposal(platform, id, { by: actor });
  await platform.db.transaction(id, (tx) => approvePlan(platform, tx, plan.id, plan.rows, actor));
  for (const run of await platform.db.transaction(id, listUnfinishedRuns)) await driveRun(platform, id, run.id);
  return { dispose: (afterBatch = () => {}) => dispose(store, platform, id, afterBatch) };
}

/** As `driveRun` does it, with a stop-watch around the calls that the ratio leaves out. */
async function dispose(
  store: Store,
  platform: Platform,
  id: OrganisationId,
  afterBatch: () => void,
): Promise<EngineRun> {
  const transaction: <T>(work: Parameters<typeof platform.db.transaction<T>>[1]) => Promise<T> = (work) =>
    platform.db.transaction(id, work);
  const runId = await transaction((tx) => startRun(platform, tx, actor));
  const run = await transaction((tx) => findRun(tx, runId));
  const basis = await transaction(findBasis);
  if (run === undefined || basis === undefined) throw new Error('the run was not made');
  const epoch = await transaction(async (tx) => {
    await changeRun(tx, runId, { state: 'running', startedAt: tx.at });
    return raiseEpoch(tx, runId);
  });
  return withSystems(platform, id, basis.map, async (systems) => {
    const watch: Watch = { apartSeconds: 0, batches: 0, slowestMs: 0, afterBatch };
    const { signal } = new AbortController();
    const drive: Drive = {
      platform,
      organisationId: id,
      run,
      epoch,
      basis,
      systems: timed(store, systems, watch),
      signal,
    };
    await prepareRun(drive);
    const steps = await inOrder(drive, await transaction((tx) => listSteps(tx, runId)));
    watch.apartSeconds = 0;
    const before = store.cpuSeconds();
    for (const step of steps) {
      const end = await driveStep(drive, step.position);
      if (end.kind !== 'done') throw new Error(`a step ended as ${JSON.stringify(end)}`);
    }
    const cpuSeconds = store.cpuSeconds() - before - watch.apartSeconds;
    const done = await transaction((tx) => listSteps(tx, runId));
    await transaction((tx) => changeRun(tx, runId, { state: 'finished', finishedAt: tx.at }));
    const disposed = done.reduce((sum, step) => sum + step.disposed, 0);
    return { disposed, batches: watch.batches, slowestMs: watch.slowestMs, cpuSeconds };
  });
}

interface Watch {
  apartSeconds: number;
  batches: number;
  slowestMs: number;
  readonly afterBatch: () => void;
}

function timed(store: Store, systems: Systems, watch: Watch): Systems {
  const apart = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = store.cpuSeconds();
    const result = await work();
    watch.apartSeconds += store.cpuSeconds() - before;
    return result;
  };
  return {
    ...systems,
    get: async (name) => {
      const system: ConnectedSystem = await systems.get(name);
      return {
        ...system,
        inspect: (target, clocks, actions) => apart(() => system.inspect(target, clocks, actions)),
        measure: (target, condition, exclusion, clock) =>
          apart(() => system.measure(target, condition, exclusion, clock)),
        reclaim: (target) => apart(() => system.reclaim(target)),
        disposeBatch: async (batch) => {
          const outcome = await system.disposeBatch(batch);
          watch.batches += 1;
          watch.slowestMs = Math.max(watch.slowestMs, outcome.elapsedMs);
          watch.afterBatch();
          return outcome;
        },
      };
    },
  };
}

/** JSON is YAML too. */
function policyOf(tables: readonly string[]): string {
  const of = <T>(value: (table: string) => T) => Object.fromEntries(tables.map((table) => [table, value(table)]));
  return JSON.stringify({
    kept: 1,
    title: { en: 'Retention' },
    organisation: {
      name: 'Bench',
      country: 'BR',
      'time-zone': 'UTC',
      regimes: ['lgpd'],
      languages: ['en'],
      contact: 'privacy@bench.example',
    },
    sections: [{ key: 'all', title: { en: 'All' }, promises: tables }],
    subjects: { contact: { en: 'contacts' } },
    data: of((table) => ({ title: { en: table }, of: 'contact', role: 'processor', holds: ['contents'] })),
    purposes: { service: { title: { en: 'Service' }, basis: { lgpd: '7-V' }, data: tables } },
    promises: of((table) => ({
      keep: { data: table, for: 'P30D', from: 'received', then: 'delete' },
      says: { en: 'We keep it for {for}.' },
    })),
  });
}

function mapOf(tables: readonly string[]): string {
  return JSON.stringify({
    'kept-map': 1,
    systems: { store: { kind: 'postgres', credential: 'store' } },
    datasets: Object.fromEntries(
      tables.map((table) => [
        table,
        {
          covers: [table],
          system: 'store',
          table: `public.${table}`,
          key: ['id'],
          clocks: { received: 'at' },
          brake: 1,
        },
      ]),
    ),
  });
}
