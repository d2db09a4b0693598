/**
 * Disposal against what PostgreSQL itself can do: rows per CPU-second (this process and the whole server) beside one
 * bare DELETE of the same rows, the partition path at two sizes, what other sessions feel meanwhile, and memory.
 * VACUUM and the counting pass are left out of the ratio and noted beside it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine, type EngineOrganisation, openEngine } from './disposal-engine.ts';
import { eventsTarget, noExclusion, run, someHolds } from './disposal-run.ts';
import { cutoff, fillEvents, fillFamilies, openStore, type Store } from './disposal-store.ts';
import { type Bench, type BenchPart, type BenchPeer, median, type Pair, partOfPairs, resultOf } from './result.ts';

interface Sizes {
  readonly rows: number;
  readonly families: number;
  readonly rounds: number;
  readonly partition: readonly [number, number];
  readonly memory: readonly [number, number];
}

const full: Sizes = {
  rows: 2_000_000,
  families: 400_000,
  rounds: 7,
  partition: [10_000, 1_000_000],
  memory: [1_000_000, 20_000_000],
};
const small: Sizes = {
  rows: 200_000,
  families: 40_000,
  rounds: 1,
  partition: [1_000, 100_000],
  memory: [100_000, 1_000_000],
};

type Note = (line: string) => void;

const bench: Bench = async ({ quick, note }) => {
  const sizes = quick ? small : full;
  const store = await openStore();
  try {
    const engine = await openEngine(store);
    const events = await warmUp(store, engine);
    const peers: BenchPeer[] = [];
    const parts = [
      await rowPath(store, events, sizes, note, peers),
      ...(await families(store, engine, sizes, note)),
      await partitionPath(store, sizes, note, peers),
      await foreground(store, events, sizes, note, peers),
      await memory(store, await engine.organisation(['events']), sizes, note),
    ];
    await engine.close();
    return resultOf('disposal', parts, peers);
  } finally {
    await store.close();
  }
};

export { bench as run };

const bareDelete = (name: string) => `delete from ${name} where at < '${cutoff.toISOString()}'`;

/**
 * Both sides run as in a server that has been up for a while: code compiled, connections open, statements known. The
 * organisation that is measured is another, whose habits these runs are not.
 */
async function warmUp(store: Store, engine: Engine): Promise<EngineOrganisation> {
  await fillEvents(store, 'events', 10_000);
  const warm = await engine.organisation(['events']);
  const events = await engine.organisation(['events']);
  for (let round = 0; round < 10; round += 1) {
    await fillEvents(store, 'events', 200_000);
    await run(store, eventsTarget('events'), {}, { size: 500, restMs: 0 });
    await fillEvents(store, 'events', 200_000);
    await warm.dispose();
  }
  return events;
}

/** Rows per CPU-second of one piece of work that disposes of `rows`. */
async function rate(store: Store, rows: number, work: () => Promise<unknown>): Promise<number> {
  const before = store.cpuSeconds();
  await work();
  return rows / (store.cpuSeconds() - before);
}

/** The same of a run of the engine, without counting and VACUUM, which the ratio leaves out. */
async function engineRate(
  organisation: EngineOrganisation,
  disposed: number,
  rows: number,
  note: Note,
): Promise<number> {
  const done = await organisation.dispose();
  if (done.disposed !== disposed) throw new Error(`${done.disposed} of ${disposed} rows went`);
  note(`${done.batches} batches, the slowest ${done.slowestMs.toFixed(1)} ms`);
  return rows / done.cpuSeconds;
}

async function rowPath(
  store: Store,
  events: EngineOrganisation,
  sizes: Sizes,
  note: Note,
  peers: BenchPeer[],
): Promise<BenchPart> {
  const due = sizes.rows / 2;
  const target = eventsTarget('events');
  const fill = () => fillEvents(store, 'events', sizes.rows);
  const pairs: Pair[] = [];
  for (let round = 0; round < sizes.rounds; round += 1) {
    await fill();
    const limit = await rate(store, due, () => store.client.query(bareDelete('events')));
    await fill();
    const ours = await engineRate(events, due, due, note);
    pairs.push({ ours, limit });
    note(`row path: ${ours.toFixed(0)} of ${limit.toFixed(0)} rows/CPU-s, ${(ours / limit).toFixed(3)}`);
  }
  await fill();
  const connector = await rate(store, due, () => run(store, target));
  await fill();
  const held = await rate(store, due, () => run(store, target, { exclusion: someHolds }));
  const condition = { kind: 'older', clock: 'at', before: cutoff } as const;
  const counting = await rate(store, due, () => store.system.measure(target, condition, noExclusion, 'at'));
  const vacuum = await rate(store, due, () => store.system.reclaim(target));
  peers.push({ name: 'row path, the connector without the engine', value: connector, unit: 'rows/CPU-s' });
  peers.push({ name: 'the same under holds on three accounts and fifty rows', value: held, unit: 'rows/CPU-s' });
  peers.push({ name: 'counting pass, beside the ratio', value: counting, unit: 'rows/CPU-s' });
  peers.push({ name: 'VACUUM, beside the ratio', value: vacuum, unit: 'rows/CPU-s' });
  return partOfPairs('row path', 0.9, pairs, 'rows/CPU-s');
}

async function families(store: Store, engine: Engine, sizes: Sizes, note: Note): Promise<BenchPart[]> {
  const due = sizes.families / 2;
  const plain: Pair[] = [];
  const leafFirst: Pair[] = [];
  await fillFamilies(store, 1_000);
  const parents = await engine.organisation(['parents']);
  await fillFamilies(store, 1_000);
  const both = await engine.organisation(['parents', 'children']);
  for (let round = 0; round < sizes.rounds; round += 1) {
    await fillFamilies(store, sizes.families);
    const limit = await rate(store, due, () => store.client.query(bareDelete('parents')));
    await fillFamilies(store, sizes.families);
    plain.push({ ours: await engineRate(parents, due, due, note), limit });
    await fillFamilies(store, sizes.families);
    leafFirst.push({ ours: await engineRate(both, 2 * due, due, note), limit });
    note(`families: ${JSON.stringify([plain.at(-1), leafFirst.at(-1)])} parents/CPU-s`);
  }
  return [
    partOfPairs('a plain cascading child', 0.9, plain, 'parents/CPU-s'),
    partOfPairs('a child with rules of its own, leaf first', 0.6, leafFirst, 'parents/CPU-s'),
  ];
}

/**
 * Dropping a partition. Removing a larger file takes the file system longer, whoever asks for it, so what is compared is
 * what Kept adds to a bare DROP TABLE: with a hundred times the rows it must not add more than with the few. A pass over
 * the rows would add a hundred times as much.
 */
async function partitionPath(store: Store, sizes: Sizes, note: Note, peers: BenchPeer[]): Promise<BenchPart> {
  const bare: number[][] = [[], []];
  const ours: number[][] = [[], []];
  for (let round = 0; round < 7; round += 1) {
    for (const [index, rows] of sizes.partition.entries()) {
      await fillMonths(store, rows);
      bare[index]?.push(await milliseconds(() => store.client.query('drop table months_old')));
      await fillMonths(store, rows);
      const drop = async () => {
        const done = await store.system.disposeBatch(partitionBatch());
        if (done.dropped.length !== 1) throw new Error('the partition did not go');
      };
      ours[index]?.push(await milliseconds(drop));
    }
  }
  const [bareFew = 0, bareMany = 0] = bare.map(median);
  const [few = 0, many = 0] = ours.map(median);
  note(`partition path: ${few.toFixed(1)} ms with ${sizes.partition[0]} rows, ${bareFew.toFixed(1)} ms of them bare`);
  note(`partition path: ${many.toFixed(1)} ms with ${sizes.partition[1]} rows, ${bareMany.toFixed(1)} ms of them bare`);
  peers.push({ name: 'a bare DROP TABLE of the larger partition', value: bareMany, unit: 'ms' });
  peers.push({ name: 'the partition path over the larger partition', value: many, unit: 'ms' });
  const added = { few: Math.max(few - bareFew, 0.1), many: Math.max(many - bareMany, 0.1) };
  return {
    name: 'what the partition path adds to DROP TABLE, with a hundred times the rows',
    ratio: Math.min(1, added.few / added.many),
    goal: 0.5,
    ours: added.many,
    limit: added.few,
    unit: 'ms',
  };
}

async function fillMonths(store: Store, rows: number): Promise<void> {
  await store.client.query(
    `drop table if exists months;
     create table months (id bigint, account int, at timestamptz not null, note text) partition by range (at);
     create table months_old partition of months for values from ('2025-01-01') to ('2026-01-01');
     create table months_new partition of months for values from ('2026-01-01') to ('2027-01-01')`,
  );
  await store.client.query(
    `insert into months select i, i % 1000, '2025-06-01', repeat(md5(i::text), 4) from generate_series(1, ${rows}) i`,
  );
  await store.client.query('vacuum analyze months');
  await store.client.query('checkpoint');
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function partitionBatch() {
  return {
    target: eventsTarget('months', { key: ['id'] }),
    condition: { kind: 'older', clock: 'at', before: cutoff } as const,
    exclusion: noExclusion,
    action: { kind: 'delete' } as const,
    path: 'partition' as const,
    cursor: null,
    size: 5_000,
    lockTimeoutMs: 500,
    statementTimeoutMs: 2_000,
    beforeCommit: async () => {},
    removeAttachments: async () => [],
  };
}

/**
 * 99th percentile of single-row updates by other sessions, under one bare DELETE and under the engine. They update rows
 * anywhere in the table, as customers do, who know nothing of what is due: whoever meets a row that has been deleted
 * waits for the deletion's transaction to end, and all who come after them wait, too. Beside it, the same for who only
 * meets rows that stay.
 */
async function foreground(
  store: Store,
  events: EngineOrganisation,
  sizes: Sizes,
  note: Note,
  peers: BenchPeer[],
): Promise<BenchPart> {
  const lists = (): { readonly bare: number[]; readonly ours: number[] } => ({ bare: [], ours: [] });
  const anywhere = lists();
  const staying = lists();
  const remove = () => store.client.query(bareDelete('events'));
  for (let round = 0; round < Math.min(3, sizes.rounds); round += 1) {
    for (const [from, into] of [
      [1, anywhere],
      [sizes.rows / 2 + 1, staying],
    ] as const) {
      await fillEvents(store, 'events', sizes.rows);
      into.bare.push(...(await latencies(store, [from, sizes.rows], remove)));
      await fillEvents(store, 'events', sizes.rows);
      into.ours.push(...(await latencies(store, [from, sizes.rows], () => events.dispose())));
      note(
        `foreground p99 from row ${from}: ${p99(into.ours).toFixed(1)} ms of ${into.ours.length}, under one DELETE ${p99(into.bare).toFixed(1)} ms of ${into.bare.length}`,
      );
    }
  }
  peers.push({ name: 'foreground p99 on rows that stay, one DELETE', value: p99(staying.bare), unit: 'ms' });
  peers.push({ name: 'foreground p99 on rows that stay, the engine', value: p99(staying.ours), unit: 'ms' });
  const allowed = p99(anywhere.bare) / 5;
  return {
    name: 'foreground update p99, a fifth of that under one DELETE',
    ratio: allowed / p99(anywhere.ours),
    goal: 1,
    ours: p99(anywhere.ours),
    limit: allowed,
    unit: 'ms',
  };
}

async function latencies(
  store: Store,
  [from, to]: readonly [number, number],
  work: () => Promise<unknown>,
): Promise<number[]> {
  const script = join(import.meta.dirname, 'disposal-foreground.ts');
  const child = spawn(process.execPath, [script, store.url, 'events', String(from), String(to)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== 'ready') throw new Error('the foreground did not start');
  await sleep(200);
  await work();
  child.stdin.end();
  const answer: unknown = JSON.parse(String((await lines.next()).value));
  await once(child, 'exit');
  if (!Array.isArray(answer)) throw new Error('the foreground told no latencies');
  return answer.map(Number);
}

/** Most memory this process had while it disposed of few and of twenty times as many rows. */
async function memory(store: Store, events: EngineOrganisation, sizes: Sizes, note: Note): Promise<BenchPart> {
  const peaks: number[] = [];
  for (const rows of sizes.memory) {
    await fillEvents(store, 'events', rows);
    let peak = 0;
    const done = await events.dispose(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    });
    if (done.disposed !== rows / 2) throw new Error(`${done.disposed} of ${rows / 2} rows went`);
    peaks.push(peak / 1024 ** 2);
  }
  const [few = 0, many = 0] = peaks;
  note(`memory: ${few.toFixed(1)} MiB at ${sizes.memory[0]} rows, ${many.toFixed(1)} MiB at ${sizes.memory[1]}`);
  return {
    name: 'memory at twenty times the rows',
    ratio: Math.min(1, few / many),
    goal: 0.9,
    ours: many,
    limit: few,
    unit: 'MiB',
  };
}

function p99(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0;
}
