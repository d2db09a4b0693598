import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { openReceiver, type Receiver, status } from './test-receiver.ts';
import { numberOf, openTestSubscriptions, until } from './test-subscriptions.ts';

const kept = await openTestSubscriptions();
const receivers: Receiver[] = [];
after(async () => {
  await kept.close();
  for (const receiver of receivers) await receiver.close();
});
async function receive(): Promise<Receiver> {
  const receiver = await openReceiver();
  receivers.push(receiver);
  return receiver;
}
/** What is subscribed in one test is not sent what the others record. */
afterEach(async () => {
  const { rows } = await kept.admin.query("select id from webhooks.subscription where state <> 'removed'");
  for (const { id } of rows) await kept.call('DELETE', `/v1/webhooks/subscriptions/${id}`);
});
const hour = 3_600_000;
const ids = (receiver: Receiver) => receiver.got.map(({ id }) => id);
const kinds = ['accounts.cancelled'] as const;

test('an entry arrives signed, with its place in the ledger, and stays in the log with what was answered', async () => {
  const receiver = await receive();
  receiver.answer = (response) => void response.writeHead(202, { 'x-seen': 'yes' }).end('thank you');
  const { id, secret } = await kept.subscribe({ url: receiver.url, kinds });
  await kept.record(1, 1_000);
  await until('it arrived', () => receiver.got.length === 1);
  const [got] = receiver.got;
  assert.ok(got !== undefined && secret !== null);
  const { 'webhook-id': webhookId, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = got.headers;
  const headers = {
    'webhook-id': String(webhookId),
    'webhook-timestamp': String(timestamp),
    'webhook-signature': String(signature),
  };
  const payload = JSON.parse(JSON.stringify(new Webhook(secret).verify(got.body, headers)));
  assert.equal(payload.type, 'accounts.cancelled');
  assert.equal(payload.data.cancelledAt, new Date(1_000).toISOString());
  assert.equal(payload.ledger.index, 1, 'the first entry told of the subscription itself');
  await until('it is written down', async () => (await kept.deliveries(id))[0]?.state === 'delivered');
  const [listed] = await kept.deliveries(id);
  assert.ok(listed !== undefined);
  const { body, attemptLog, ...rest } = await kept.delivery(listed.id);
  assert.equal(body, got.body);
  assert.deepEqual([rest.webhookId, rest.entry, rest.attempts], [webhookId, payload.ledger.entry, 1]);
  const [attempt] = attemptLog;
  assert.equal(attempt?.request.body, got.body);
  assert.equal(attempt?.request.headers.find(({ name }) => name === 'webhook-signature')?.value, signature);
  assert.deepEqual(
    [attempt?.response?.status, attempt?.response?.body, attempt?.response?.isCut],
    [202, 'thank you', false],
  );
  assert.ok(attempt?.response?.headers.some(({ name, value }) => name === 'x-seen' && value === 'yes'));
});

test('only the kinds that were asked for are sent, and never what happens to the subscription itself', async () => {
  const [one, all] = [await receive(), await receive()];
  const some = await kept.subscribe({ url: one.url, kinds });
  const every = await kept.subscribe({ url: all.url, kinds: null });
  await kept.record(1);
  await until('both have it', () => one.got.length === 1 && all.got.length >= 1);
  const types = (receiver: Receiver) => receiver.got.map(({ body }) => JSON.parse(body).type);
  assert.deepEqual(types(one), kinds);
  const about = all.got.map(({ body }) => JSON.parse(body).data.subscription);
  assert.ok(!about.includes(every.id), 'its own making is no news for it');
  await kept.call('POST', `/v1/webhooks/subscriptions/${some.id}/pause`);
  await until('it is told of the other', () => types(all).includes('webhooks.subscription-changed'));
});

test('whatever a receiver does, it is written down, tried again with the same id, and bounded', async () => {
  const receiver = await receive();
  const { id } = await kept.subscribe({ url: receiver.url, kinds, ordered: true });
  let flowing = 0;
  const tricks: [outcome: string, Receiver['answer']][] = [
    ['refused', status(500)],
    ['throttled', status(429)],
    ['throttled', status(503)],
    ['redirected', status(301, { location: 'http://127.0.0.1:1/elsewhere' })],
    ['unreachable', (response) => void response.socket?.destroy()],
    ['timed-out', () => undefined],
    ['refused', (response) => void response.writeHead(404).end('a'.repeat(100_000))],
  ];
  await kept.record(1);
  for (const [index, [outcome, answer]] of tricks.entries()) {
    receiver.answer = answer;
    // The first of them comes by itself, each of the others once its wait is over.
    if (index > 0) kept.clock.advance(9 * hour);
    await until(outcome, async () => {
      const [delivery] = await kept.deliveries(id);
      return delivery?.attempts === index + 1 && delivery.lastOutcome === outcome;
    });
  }
  // Ten gigabytes: the status was enough, and nobody reads on.
  receiver.answer = (response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(1 << 16);
    const flow = () => {
      while (!response.destroyed && flowing < 10_000_000_000) {
        flowing += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', flow);
      }
    };
    flow();
  };
  kept.clock.advance(9 * hour);
  await until('it is delivered', async () => (await kept.deliveries(id))[0]?.state === 'delivered');
  assert.ok(flowing < 50_000_000, `${flowing} bytes were taken`);
  await until('the connection is closed', async () => (await receiver.connections()) === 0);
  assert.deepEqual(new Set(ids(receiver)).size, 1, 'the same id at every attempt');
  assert.equal(receiver.got.length, tricks.length + 1, 'no redirect was followed');
  const [listed] = await kept.deliveries(id);
  const { attemptLog } = await kept.delivery(listed?.id ?? assert.fail());
  assert.equal(
    new Set(attemptLog.map(({ request }) => request.headers.find(({ name }) => name === 'webhook-timestamp')?.value))
      .size,
    8,
    'each attempt is signed anew',
  );
  const stored = attemptLog.map(({ response }) => response?.body.length ?? null);
  assert.deepEqual(stored, [0, 0, 0, 0, null, null, 4_096, 4_096]);
  assert.equal(attemptLog.at(-1)?.response?.isCut, true);
});

test('one byte a second is accepted by its status, and no status in time is not', async () => {
  const receiver = await receive();
  const timers: NodeJS.Timeout[] = [];
  receiver.answer = (response) => {
    response.writeHead(200);
    response.write('a');
    timers.push(setInterval(() => response.write('a'), 1_000));
  };
  const { id } = await kept.subscribe({ url: receiver.url, kinds });
  await kept.record(1);
  await until('it is delivered', async () => (await kept.deliveries(id))[0]?.state === 'delivered');
  const { attemptLog } = await kept.delivery((await kept.deliveries(id))[0]?.id ?? assert.fail());
  assert.deepEqual([attemptLog[0]?.response?.body, attemptLog[0]?.response?.isCut], ['a', true]);
  assert.ok((attemptLog[0]?.durationMs ?? 0) < 2_000);
  for (const timer of timers) clearInterval(timer);
});

test('a receiver that says when to come back is left alone until then, a day at most', async () => {
  const receiver = await receive();
  receiver.answer = status(429, { 'retry-after': '7200' });
  const { id } = await kept.subscribe({ url: receiver.url, kinds });
  await kept.record(3);
  const asked = 3;
  await until('it was asked for what was under way', () => receiver.got.length === asked);
  await kept.record(1);
  kept.clock.advance(1.9 * hour);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(receiver.got.length, asked, 'nothing before two hours are over');
  receiver.answer = status(204);
  kept.clock.advance(0.2 * hour);
  await until('all four are there', async () =>
    (await kept.deliveries(id)).every(({ state }) => state === 'delivered'),
  );
  assert.equal(new Set(ids(receiver)).size, 4);
  receiver.answer = status(503, { 'retry-after': '99999999' });
  await kept.record(1);
  await until('it is asked again', () => receiver.got.length > asked + 3);
  await until('it waits', async () => {
    const [newest] = await kept.deliveries(id);
    return newest?.state === 'waiting' && newest.attempts === 1;
  });
  const [waiting] = await kept.deliveries(id);
  const wait = new Date(waiting?.nextAttemptAt ?? 0).getTime() - kept.clock.now().getTime();
  assert.ok(wait > 23.9 * hour && wait <= 24 * hour, `${wait}`);
});

test('in order means in order: what fails keeps the later ones waiting, and nothing is sent twice', async () => {
  const receiver = await receive();
  let refusals = 3;
  receiver.answer = (response, { body }) => {
    const refuses = numberOf(body) === 20_010 && refusals > 0;
    if (refuses) refusals -= 1;
    response.writeHead(refuses ? 500 : 200).end();
  };
  const { id } = await kept.subscribe({ url: receiver.url, kinds, ordered: true });
  await kept.record(30, 20_000);
  for (let attempts = 1; attempts <= 3; attempts += 1) {
    await until(`attempt ${attempts}`, async () =>
      (await kept.deliveries(id)).some((one) => one.state === 'waiting' && one.attempts === attempts),
    );
    assert.equal(receiver.got.length, 10 + attempts);
    kept.clock.advance(hour);
  }
  await until('all are there', () => receiver.got.length === 33);
  const numbers = receiver.got.map(({ body }) => numberOf(body) - 20_000);
  assert.deepEqual(numbers, [...Array(10).keys(), 10, 10, 10, ...Array.from({ length: 20 }, (_, at) => 10 + at)]);
});

test('where order does not matter, one that fails is passed by the others', async () => {
  const receiver = await receive();
  receiver.answer = (response, { body }) => void response.writeHead(numberOf(body) === 30_003 ? 500 : 200).end();
  const { id } = await kept.subscribe({ url: receiver.url, kinds });
  await kept.record(20, 30_000);
  await until('the others are there', () => receiver.got.length === 20);
  await until('one waits', async () => {
    const { figures } = await kept.show(id);
    return figures.delivered === 19 && figures.waiting === 1 && figures.attemptsFailed === 1;
  });
});

test('a stuck receiver delays nobody else', async () => {
  const [stuck, quick] = [await receive(), await receive()];
  stuck.answer = () => undefined;
  await kept.subscribe({ url: stuck.url, kinds });
  await kept.subscribe({ url: quick.url, kinds });
  const began = performance.now();
  await kept.record(300);
  await until('the quick one has all', () => quick.got.length === 300);
  assert.ok(performance.now() - began < 5_000);
  assert.ok(stuck.got.length <= 30, 'who never answers is not asked for each of them');
});
