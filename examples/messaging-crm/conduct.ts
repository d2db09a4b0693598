import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AnswerOf, type Client, endpoints, KeptError } from '@kept/sdk';
import { cast } from './people.ts';

export type Board = AnswerOf<typeof endpoints.policy.listPromises>;
export type Run = AnswerOf<typeof endpoints.retention.getRun>;

/** What Maré's people would do by hand: publish, place holds, read the plan, approve it. Each act may be repeated. */
export const organisation = { slug: 'mare', name: 'Maré' } as const;

const fileOf = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');

/** Creates the organisation unless it is there. @returns whether it was made now */
export async function createOrganisation(client: Client): Promise<boolean> {
  const { items } = await client.call(endpoints.access.listOrganisations);
  if (items.some((item) => item.slug === organisation.slug)) return false;
  await client.call(endpoints.access.createOrganisation, { body: organisation });
  return true;
}

/**
 * Publishes the example's policy and data map where nothing is published yet. What a person has published since is
 * left alone.
 */
export async function publish(client: Client): Promise<void> {
  const board = await client.call(endpoints.policy.listPromises);
  if (board.version === null)
    await client.call(endpoints.policy.publishPolicy, { body: { source: fileOf('policy.yaml'), parent: null } });
  if (!(await hasDataMap(client)))
    await client.call(endpoints.datamap.publishDataMap, { body: { source: fileOf('data-map.yaml'), parent: null } });
}

async function hasDataMap(client: Client): Promise<boolean> {
  try {
    await client.call(endpoints.datamap.readDataMap);
    return true;
  } catch (error) {
    if (error instanceof KeptError && error.code === 'no-data-map') return false;
    throw error;
  }
}

/** The two holds of the example; a person may release them, and then they stay released. */
export const holds = [
  {
    target: { kind: 'account', account: cast.inDispute },
    reason: 'Consumer claim before the court in Recife; counsel asked to keep everything of this shop',
  },
  {
    target: { kind: 'rows', dataset: 'invoices', keys: [['1'], ['2'], ['3']] },
    reason: 'Tax office examines these invoices; they stay until its decision',
  },
] as const;

/** @param reviewOn civil date, `2027-03-31` */
export async function placeHolds(client: Client, reviewOn: string): Promise<void> {
  const known = new Set<string>();
  for (const released of ['false', 'true'] as const)
    for await (const hold of client.items(endpoints.retention.listHolds, { query: { released } }))
      known.add(hold.reason);
  for (const { target, reason } of holds) {
    if (known.has(reason)) continue;
    const body = target.kind === 'rows' ? { ...target, keys: target.keys.map((key) => [...key]) } : target;
    await client.call(endpoints.retention.placeHold, { body: { target: body, reason, reviewOn } });
  }
}

const ended: ReadonlySet<Run['state']> = new Set(['finished', 'failed', 'stopped']);

/** A run that is under way or waits, whoever began it. */
export async function findUnfinishedRun(client: Client): Promise<Run | undefined> {
  const { items } = await client.call(endpoints.retention.listRuns, { query: { limit: 20 } });
  return items.find((run) => !ended.has(run.state));
}

/**
 * Whether the arrears of the neglected database are gone: a run about everything took rows and ended. Runs of one
 * contract's end begin by themselves and say nothing of the rest, so after a crash they may be all there is.
 */
export async function hasDisposedArrears(client: Client): Promise<boolean> {
  for await (const run of client.items(endpoints.retention.listRuns))
    if (run.state === 'finished' && isGeneral(run) && run.disposed > 0) return true;
  return false;
}

const isGeneral = ({ cause }: Run) => cause === 'person' || cause === 'schedule';

/**
 * Plans, and approves what awaits approval, as the example's loader may; without anything to approve a run is started.
 * @returns the run that follows
 */
export async function planAndApprove(client: Client): Promise<{ rows: number; run: Run }> {
  const plan = await client.call(endpoints.retention.makePlan, { body: {} });
  const obstacles = plan.steps.flatMap((step) =>
    step.obstacles.map((obstacle) => `${obstacle.place}: ${obstacle.remedy}`),
  );
  if (obstacles.length > 0) throw new Error(`the example's plan has obstacles:\n${obstacles.join('\n')}`);
  if (plan.state !== 'awaiting-approval') return { rows: plan.rows, run: await startRun(client) };
  await client.call(endpoints.retention.approvePlan, { params: { plan: plan.id }, body: { rows: plan.rows } });
  return { rows: plan.rows, run: (await findGeneralRun(client)) ?? (await startRun(client)) };
}

/** A run over everything that is under way; runs of one contract's end or one event are others. */
export async function findGeneralRun(client: Client): Promise<Run | undefined> {
  const { items } = await client.call(endpoints.retention.listRuns, { query: { limit: 20 } });
  return items.find((run) => !ended.has(run.state) && isGeneral(run));
}

/** Starts a run; where one has begun meanwhile, that one. */
export async function startRun(client: Client): Promise<Run> {
  try {
    return await client.call(endpoints.retention.startRun, { body: {} });
  } catch (error) {
    const underWay = await findGeneralRun(client);
    if (underWay === undefined || !(error instanceof KeptError && error.code === 'run-in-progress')) throw error;
    return underWay;
  }
}

/** Lets braked steps go on: the loader has read the plan, and it is the first disposal of a neglected database. */
export async function releaseBrakes(client: Client, run: Run): Promise<void> {
  for (const step of run.steps.filter((candidate) => candidate.state === 'braked'))
    await client.call(endpoints.retention.releaseBrake, {
      params: { run: run.id, position: step.position },
      body: { rows: step.expected, reason: 'First disposal of the example: years of arrears' },
    });
}

/** Measures every promise now. */
export async function measure(client: Client): Promise<Board> {
  return client.call(endpoints.policy.measurePromises, { body: {} });
}

/** The board as it stands where all of it was measured within the last hour, which is how often Kept looks by itself. */
export async function currentBoard(client: Client): Promise<Board> {
  const board = await client.call(endpoints.policy.listPromises);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const isCurrent = board.promises.every(({ measurement }) => (measurement?.measuredAt ?? '') > since);
  return isCurrent ? board : measure(client);
}

/**
 * The board once every promise was measured after the last run. The end of a run has Kept measure by itself, so this
 * waits for that, and only asks for what nobody measures.
 */
export async function boardAfterRuns(client: Client): Promise<Board> {
  const { items } = await client.call(endpoints.retention.listRuns, { query: { limit: 1 } });
  const since = items[0]?.finishedAt ?? items[0]?.startedAt ?? '';
  let behind = Number.POSITIVE_INFINITY;
  for (let progressAt = performance.now(); ; await pause(200)) {
    const board = await client.call(endpoints.policy.listPromises);
    const stale = board.promises.filter(({ measurement }) => (measurement?.measuredAt ?? '') <= since);
    if (stale.length === 0) return board;
    if (stale.length < behind) progressAt = performance.now();
    behind = stale.length;
    if (performance.now() - progressAt < 4_000) continue;
    const promises = stale.map(({ promise }) => promise);
    return client.call(endpoints.policy.measurePromises, { body: { promises } });
  }
}

export type ContractEnd = AnswerOf<typeof endpoints.retention.listContractEnds>['items'][number];

export async function listEnds(client: Client): Promise<ContractEnd[]> {
  const ends: ContractEnd[] = [];
  for await (const end of client.items(endpoints.retention.listContractEnds)) ends.push(end);
  return ends;
}

/** Whether the contract is past its grace and its data is still to go. */
function isErasing(end: ContractEnd, at: Date): boolean {
  return end.state === 'erasing' || (end.state === 'in-grace' && new Date(end.graceUntil) <= at);
}

/**
 * Waits until nothing is under way any more: contract ends begin by themselves once an account is seen cancelled.
 * @param told whether to wait for their confirmations, too, which leave in the background
 * @param follow waits for a run that is under way
 * @returns false when that took longer than `patienceMs`
 */
export async function settle(
  client: Client,
  patienceMs: number,
  told: boolean,
  follow: (run: Run) => Promise<unknown>,
): Promise<boolean> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await pause(200)) {
    const run = await findUnfinishedRun(client);
    if (run !== undefined && run.state !== 'waiting') await follow(run);
    else {
      const now = new Date();
      const waits = (await listEnds(client)).some((one) => isErasing(one, now) || (told && one.state === 'erased'));
      if (!waits) return true;
    }
  }
  return false;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
