/**
 * How fast webhooks leave for fifty receivers, of which one never answers.
 *
 * - **throughput**: deliveries per second of the dispatcher, each signed, sent through the guarded way out and written
 *   down with its request and answer, against a bare `fetch` loop that posts the same bodies to the same receivers with
 *   the same number under way and remembers nothing. Goal 0.7, the median of several pairs.
 * - **memory**: the most this process takes while it delivers with some thousands queued, against the same with a million.
 *   Goal 0.8: what waits lies in the database.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { readConfig } from '../server/platform/config.ts';
import type { Id, OrganisationId } from '../server/platform/contract.ts';
import { startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts';
import { newId } from '../server/platform/ids.ts';
import { migrate } from '../server/platform/migrate.ts';
import { openPlatform, type Platform } from '../server/platform/platform.ts';
import { createSubscription } from '../server/webhooks/create-subscription.ts';
import { openDispatcher } from '../server/webhooks/dispatch.ts';
import { type Bench, type Pair, partOf, partOfPairs, resultOf } from './result.ts';

const RECEIVERS = 50;
const WIDTH = 8;
const body = JSON.stringify({
  type: 'disposal.batch',
  version: 1,
  timestamp: '2026-11-20T14:02:11.482Z',
  data: { run: '01932b5e-7c00-7000-8000-0000000000a1', batch: 7, disposed: 5_000, note: 'x'.repeat(200) },
  ledger: null,
});

interface Setting {
  readonly platform: Platform;
  readonly organisation: OrganisationId;
  readonly admin: pg.Client;
  readonly subscriptions: readonly Id<'Subscription'>[];
  readonly urls: readonly string[];
}

export const run: Bench = async ({ quick, note }) => {
  const each = quick ? 40 : 400;
  const directory = mkdtempSync(join(tmpdir(), 'kept-bench-'));
  chmodSync(directory, 0o755);
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  const receivers = spawn(process.execPath, [join(import.meta.dirname, 'deliveries-receivers.ts'), String(RECEIVERS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const admin = new pg.Client(postgres.url('postgres'));
  await admin.connect();
  await admin.query('create database kept');
  await admin.end();
  const databaseUrl = postgres.url('kept');
  await migrate(databaseUrl);
  const config = readConfig({
    KEPT_DATA_DIR: join(directory, 'kept'),
    KEPT_LOG_LEVEL: 'silent',
    KEPT_OUTBOUND_ALLOW: '127.0.0.1',
  });
  const platform = await openPlatform({ config, databaseUrl });
  const store = new pg.Client(databaseUrl);
  await store.connect();
  try {
    const setting = await prepare(platform, store, await urlsOf(receivers));
    await deliver(setting, 20);
    await bare(setting, 20);
    const pairs: Pair[] = [];
    for (let pair = 0; pair < (quick ? 1 : 5); pair += 1) {
      const ours = await deliver(setting, each);
      const limit = await bare(setting, each);
      note(`${Math.round(ours)} deliveries per second, bare fetch ${Math.round(limit)}`);
      pairs.push({ ours, limit });
    }
    const little = await peakWith(setting, quick ? 10_000 : 50_000);
    const much = await peakWith(setting, quick ? 100_000 : 1_000_000);
    note(`${Math.round(little / 1e6)} MB with little queued, ${Math.round(much / 1e6)} MB with much`);
    return resultOf('deliveries', [
      partOfPairs('throughput', 0.7, pairs, 'deliveries per second to 50 receivers, one stuck'),
      partOf(
        'memory',
        0.8,
        1 / (much / 1e6),
        1 / (little / 1e6),
        '1/MB resident while delivering, of the same with little queued',
      ),
    ]);
  } finally {
    receivers.kill('SIGKILL');
    await store.end();
    await platform.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  }
};

async function urlsOf(receivers: ChildProcess): Promise<string[]> {
  if (receivers.stdout === null) throw new Error('the receivers say their ports');
  const [chunk] = await once(receivers.stdout, 'data');
  const ports: unknown = JSON.parse(String(chunk));
  if (!Array.isArray(ports)) throw new Error('ports are a list');
  return ports.map((port) => `http://127.0.0.1:${port}/hook`);
}

async function prepare(platform: Platform, admin: pg.Client, urls: readonly string[]): Promise<Setting> {
  const organisation: OrganisationId = newId(platform.clock.now());
  await admin.query(
    `insert into access.organisation (id, slug, name, created_at) values ($1, 'bench', 'Bench', now())`,
    [organisation],
  );
  const subscriptions: Id<'Subscription'>[] = [];
  for (const url of urls) {
    const wanted = { name: 'B', url, kinds: null, ordered: false, scheme: 'hmac-sha256' } as const;
    const by = { kind: 'system', id: 'bench' } as const;
    const { id } = await platform.db.transaction(organisation, (tx) =>
      createSubscription(tx, platform.seal, wanted, by),
    );
    subscriptions.push(id);
  }
  return { platform, organisation, admin, subscriptions, urls };
}

/** Queues deliveries as feeding the ledger does, and forgets those before. */
async function queue({ admin, organisation, subscriptions }: Setting, each: number): Promise<void> {
  await admin.query('truncate webhooks.delivery, webhooks.attempt, webhooks.due');
  await admin.query('update webhooks.subscription set failures = 0, failing_since = null, hold_until = null');
  await admin.query(
    `insert into webhooks.delivery (organisation_id, id, subscription_id, sequence, entry_id, kind, body, state, attempts,
       round_attempts, created_at, queued_at, due_at)
     select $1, gen_random_uuid(), s, n, gen_random_uuid(), 'disposal.batch', convert_to($4, 'UTF8'), 'waiting', 0, 0,
       now(), now(), now()
     from unnest($2::uuid[]) s, generate_series(1, $3::int) n`,
    [organisation, subscriptions, each, body],
  );
  await admin.query('insert into webhooks.due select $1, s, now() from unnest($2::uuid[]) s', [
    organisation,
    subscriptions,
  ]);
  await admin.query('analyze webhooks.delivery');
}

/** @returns deliveries per second, until all that can arrive have */
async function deliver(setting: Setting, each: number): Promise<number> {
  await queue(setting, each);
  const wanted = each * (RECEIVERS - 1);
  const dispatcher = openDispatcher(setting.platform, { width: WIDTH, graceMs: 0 });
  const began = performance.now();
  dispatcher.start();
  for (;;) {
    const { rows } = await setting.admin.query<{ waiting: number }>(
      `select count(*)::int as waiting from webhooks.delivery where state = 'waiting' and subscription_id <> $1`,
      [setting.subscriptions.at(-1)],
    );
    if (rows[0]?.waiting === 0) break;
    await sleep(20);
  }
  const seconds = (performance.now() - began) / 1000;
  await dispatcher.stop();
  return wanted / seconds;
}

/** The same bodies to the same receivers, with as many under way, and nothing else. */
async function bare({ urls }: Setting, each: number): Promise<number> {
  const end = new AbortController();
  const post = async (url: string) => {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      signal: end.signal,
    });
    await answer.arrayBuffer();
  };
  const began = performance.now();
  const quick = urls.slice(0, -1).flatMap((url) => {
    let left = each;
    return Array.from({ length: WIDTH }, async () => {
      while (left > 0) {
        left -= 1;
        await post(url);
      }
    });
  });
  const stuck = Array.from({ length: WIDTH }, () => post(urls.at(-1) ?? '').catch(() => undefined));
  await Promise.all(quick);
  const seconds = (performance.now() - began) / 1000;
  end.abort();
  await Promise.all(stuck);
  return (each * (RECEIVERS - 1)) / seconds;
}

/** The most bytes this process takes in some seconds of delivering. */
async function peakWith(setting: Setting, queued: number): Promise<number> {
  await queue(setting, Math.ceil(queued / RECEIVERS));
  const dispatcher = openDispatcher(setting.platform, { width: WIDTH, graceMs: 0 });
  dispatcher.start();
  let peak = 0;
  for (let waited = 0; waited < 5_000; waited += 50) {
    peak = Math.max(peak, process.memoryUsage().rss);
    await sleep(50);
  }
  await dispatcher.stop();
  return peak;
}
