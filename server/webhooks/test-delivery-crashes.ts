import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { openTestPlatform } from '../platform/test-database.ts';
import { openReceiver, type Receiver } from './test-receiver.ts';
import { numberOf, record, subscribe, until } from './test-subscriptions.ts';

/**
 * Kills a server with -9 at random moments while thousands of deliveries are under way, and looks at what the receivers
 * got in the end: everything, each under one id, and in order where that was promised.
 * @param entries each of them goes to four receivers, one of which refuses every seventh request
 */
export async function killWhileDelivering(kills: number, entries: number, seed: number): Promise<void> {
  const kept = await openTestPlatform({ environment: { KEPT_OUTBOUND_ALLOW: '127.0.0.1' } });
  const { platform, organisationId, adminUrl } = kept;
  const receivers: Receiver[] = [];
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  let server: ChildProcess | null = null;
  const random = seededRandom(seed);
  try {
    for (const ordered of [true, true, false, false]) {
      const receiver = await openReceiver();
      receivers.push(receiver);
      await subscribe(platform, organisationId, { url: receiver.url, kinds: ['accounts.cancelled'], ordered });
    }
    let requests = 0;
    const flaky = receivers.at(-1);
    if (flaky !== undefined)
      flaky.answer = (response) => {
        requests += 1;
        response.writeHead(requests % 7 === 0 ? 500 : 200).end();
      };
    for (let kill = 0; kill < kills; kill += 1) {
      server = await start(adminUrl, platform.config.dataDirectory);
      // Half of them are recorded while it works, so that it dies while feeding, too.
      const share = Math.ceil(entries / kills);
      await record(platform, organisationId, Math.min(share, entries - kill * share), kill * share);
      await sleep(200 + random() * 1_500);
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    server = await start(adminUrl, platform.config.dataDirectory);
    const open = () => admin.query("select 1 from webhooks.delivery where state = 'waiting' limit 1");
    await until(
      'every receiver has everything',
      async () => {
        // What was refused is not waited for by the clock.
        await admin.query("update webhooks.delivery set due_at = now() where state = 'waiting' and due_at > now()");
        await admin.query('update webhooks.subscription set hold_until = null where hold_until is not null');
        await admin.query('update webhooks.due set due_at = now() where due_at > now()');
        const done = receivers.every(({ got }) => new Set(got.map(({ id }) => id)).size === entries);
        return done && (await open()).rowCount === 0;
      },
      120_000,
    );
    for (const [index, { got }] of receivers.entries()) check(got, entries, index < 2);
    const { rows } = await admin.query('select state, count(*)::int as count from webhooks.delivery group by 1');
    assert.deepEqual(rows, [{ state: 'delivered', count: entries * receivers.length }], 'nothing vanished or doubled');
  } finally {
    server?.kill('SIGKILL');
    await admin.end();
    for (const receiver of receivers) await receiver.close();
    await kept.close();
  }
}

function check(got: Receiver['got'], entries: number, isOrdered: boolean): void {
  const numbers = got.map(({ body }) => numberOf(body));
  assert.deepEqual(new Set(numbers), new Set(Array(entries).keys()), 'each entry arrived');
  const idOf = new Map<number, string>();
  for (const { id, body } of got) {
    const known = idOf.get(numberOf(body));
    assert.ok(known === undefined || known === id, 'the same id whenever it came');
    idOf.set(numberOf(body), id);
  }
  assert.equal(new Set(idOf.values()).size, entries, 'an id of its own for each');
  if (!isOrdered) return;
  const steps = numbers.slice(1).map((number, index) => number - (numbers[index] ?? 0));
  assert.ok(
    steps.every((step) => step === 1 || step === 0),
    'one after the other; what was under way comes twice, and nothing before it',
  );
}

async function start(databaseUrl: string, dataDirectory: string): Promise<ChildProcess> {
  const file = new URL('./test-delivery-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [file, databaseUrl, dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  assert.equal(child.exitCode, null, 'the process came up');
  return child;
}

/** Mulberry32: the same seed kills at the same moments. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
