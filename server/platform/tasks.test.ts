import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { openLog } from './log.ts';
import { administer } from './test-cluster.ts';
import { openTestPlatform } from './test-database.ts';

const lines: string[] = [];
const log = openLog(
  { logLevel: 'info' },
  new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  }),
);
const { platform, organisationId, adminUrl, openAnother, close } = await openTestPlatform({ log });
after(close);

const payload = z.object({ number: z.number().int() });
const seen: number[] = [];
let refuse = 0;
for (const { tasks } of [platform])
  tasks.define({
    name: 'test.count',
    payload,
    async handle({ number }) {
      if (refuse > 0) {
        refuse -= 1;
        throw new Error(`refused ${number}`);
      }
      seen.push(number);
    },
  });

const add = (number: number, options = {}) =>
  platform.db.transaction(organisationId, (tx) => platform.tasks.enqueue(tx, 'test.count', { number }, options));

test('a task exists if and only if its transaction commits', async () => {
  await add(1);
  await assert.rejects(
    platform.db.transaction(organisationId, async (tx) => {
      await platform.tasks.enqueue(tx, 'test.count', { number: 2 });
      throw new Error('no');
    }),
  );
  await platform.tasks.start();
  await platform.tasks.settled();
  assert.deepEqual(seen.splice(0), [1]);
});

test('a task is taken up within milliseconds of its commit', async () => {
  await sleep(200);
  const started = performance.now();
  await add(3);
  while (seen.length === 0) await sleep(1);
  const elapsedMs = performance.now() - started;
  seen.splice(0);
  assert.ok(elapsedMs < 700, `${elapsedMs} ms: it waited for the poll`);
});

test('one key waits once, other tasks are not held back by it', async () => {
  const startAfter = new Date(platform.clock.now().getTime() + 400);
  await add(4, { singletonKey: 'a', startAfter });
  await add(5, { singletonKey: 'a', startAfter });
  await add(6, { singletonKey: 'b', startAfter });
  await add(7);
  await add(8);
  while (seen.length < 4) await sleep(20);
  await platform.tasks.settled();
  assert.deepEqual(seen.splice(0).sort(), [4, 6, 7, 8]);
});

test('a failed task is logged with its cause and tried again', async () => {
  refuse = 1;
  await add(9);
  while (seen.length === 0) await sleep(20);
  assert.deepEqual(seen.splice(0), [9]);
  const line = lines
    .map((text): unknown => JSON.parse(text))
    .find((entry) => JSON.stringify(entry).includes('refused 9'));
  assert.match(JSON.stringify(line), /"task":"test.count"/);
});

test('a payload that does not fit its schema is refused where it is added', async () => {
  await assert.rejects(
    platform.db.transaction(organisationId, (tx) => platform.tasks.enqueue(tx, 'test.count', { number: 'ten' })),
    z.ZodError,
  );
});

test('what a killed process had begun is taken up at once by the next', async () => {
  await platform.tasks.settled();
  await platform.tasks.stop();
  const another = await openAnother();
  const again: number[] = [];
  another.tasks.define({
    name: 'test.count',
    payload,
    async handle({ number }) {
      again.push(number);
    },
  });
  await another.db.transaction(organisationId, (tx) => another.tasks.enqueue(tx, 'test.count', { number: 11 }));
  // The mark a killed process leaves behind.
  await administer(adminUrl, [
    "update queue.job set state = 'active', started_on = now(), heartbeat_on = now() where name = 'test.count' and state = 'created'",
  ]);
  const started = performance.now();
  await another.tasks.start();
  while (again.length === 0) await sleep(5);
  assert.deepEqual(again, [11]);
  assert.ok(performance.now() - started < 3_000);
});

test('a task that is given up says so in the log', async () => {
  const another = await openAnother();
  another.tasks.define({
    name: 'test.hopeless',
    payload,
    retries: 0,
    async handle() {
      throw new Error('hopeless');
    },
  });
  await another.db.transaction(organisationId, (tx) => another.tasks.enqueue(tx, 'test.hopeless', { number: 1 }));
  await another.tasks.start();
  const told = () => lines.some((text) => text.includes('given up') && text.includes('test.hopeless'));
  while (!told()) await sleep(50);
});
