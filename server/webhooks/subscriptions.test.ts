import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { openReceiver, type Receiver, status } from './test-receiver.ts';
import { openTestSubscriptions, until } from './test-subscriptions.ts';

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
const at = '/v1/webhooks/subscriptions';
const kinds = ['accounts.cancelled'] as const;
const hour = 3_600_000;
const allDelivered = async (id: Parameters<typeof kept.deliveries>[0], count: number) => {
  const deliveries = await kept.deliveries(id);
  return deliveries.length === count && deliveries.every(({ state }) => state === 'delivered');
};
async function entriesOf(kind: string): Promise<unknown[]> {
  const { rows } = await kept.admin.query(
    `select leaf from ledger.entry where kind = $1 union all select leaf from ledger.pending where kind = $1`,
    [kind],
  );
  return rows.map(({ leaf }) => JSON.parse(leaf).body);
}

test('the secret is shown once, and is nowhere in the database', async () => {
  const receiver = await receive();
  const made = await kept.call('POST', at, { name: 'A', url: receiver.url, kinds });
  assert.equal(made.status, 201);
  const { id, secret, secrets } = made.body;
  assert.match(secret, /^whsec_/);
  assert.equal(secrets[0].lastFour, secret.slice(-4));
  const shown = JSON.stringify((await kept.call('GET', `${at}/${id}`)).body);
  assert.ok(!shown.includes(secret.slice(6, 30)));
  const { rows } = await kept.admin.query('select s::text as text from webhooks.subscription_secret s');
  assert.ok(rows.length > 0 && rows.every(({ text }) => !text.includes(Buffer.from(secret.slice(6)).toString('hex'))));
});

test('during a rotation deliveries verify with the old secret and the new one, afterwards with the new one only', async () => {
  const receiver = await receive();
  const { body: made } = await kept.call('POST', at, { name: 'R', url: receiver.url, kinds });
  const { body: rotated } = await kept.call('POST', `${at}/${made.id}/secrets`, { overlapHours: 2 });
  assert.notEqual(rotated.secret, made.secret);
  assert.equal(rotated.secrets.length, 2);
  const verifies = (secret: string, index: number) => {
    const got = receiver.got[index];
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
    const headers = Object.fromEntries(names.map((name) => [name, String(got?.headers[name])]));
    // The package compares with its own clock, which the test has put forward.
    headers['webhook-timestamp'] ??= '';
    try {
      const content = Buffer.from(got?.body ?? '');
      const time = new Date(Number(headers['webhook-timestamp']) * 1000);
      const signed = new Webhook(secret).sign(headers['webhook-id'] ?? '', time, content.toString());
      return headers['webhook-signature']?.split(' ').includes(signed) === true;
    } catch {
      return false;
    }
  };
  await kept.record(1);
  await until('one is there', () => receiver.got.length === 1);
  assert.deepEqual([verifies(made.secret, 0), verifies(rotated.secret, 0)], [true, true]);
  kept.clock.advance(3 * hour);
  await kept.record(1);
  await until('another one is there', () => receiver.got.length === 2);
  assert.deepEqual([verifies(made.secret, 1), verifies(rotated.secret, 1)], [false, true]);
  const refused = await kept.call('DELETE', `${at}/${made.id}/secrets/${rotated.secrets[0].id}`);
  assert.equal(refused.body.code, 'secret-needed');
});

test('addresses that nothing is sent to are refused when somebody asks for them', async () => {
  for (const url of [
    'http://example.com/',
    'https://10.0.0.1/',
    'https://169.254.169.254/',
    'https://a:b@example.com/',
    'https://[::1]/',
    'https://2130706433.0x7f/#x',
  ]) {
    const answer = await kept.call('POST', at, { name: 'X', url, kinds });
    assert.ok(answer.status === 422 || answer.status === 400, `${url}: ${answer.status}`);
  }
});

test('while it is paused nothing is sent and nothing is lost; going on catches up, or skips', async () => {
  const receiver = await receive();
  const { id } = await kept.subscribe({ url: receiver.url, kinds, ordered: true });
  for (const [from, expected] of [
    ['catch-up', 4],
    ['skip', 6],
  ] as const) {
    const before = receiver.got.length;
    await kept.record(1);
    await until('it arrived', () => receiver.got.length === before + 1);
    assert.equal((await kept.call('POST', `${at}/${id}/pause`)).body.state, 'paused');
    await kept.record(2);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(receiver.got.length, before + 1);
    assert.equal((await kept.call('POST', `${at}/${id}/enable`, {})).body.code, 'subscription-state');
    // What was recorded has its place by now.
    await kept.platform.tasks.settled();
    assert.equal((await kept.call('POST', `${at}/${id}/resume`, { from })).body.state, 'active');
    await kept.record(1);
    await until(from, () => receiver.got.length === expected);
  }
});

test('410 disables at once, the owners’ mail and the ledger tell, and enabling it loses nothing', async () => {
  await kept.admin.query(
    `with p as (insert into access.person (id, name, email, email_key, email_verified_at, language, created_at)
       values (gen_random_uuid(), 'Ana', 'ana@example.org', 'ana@example.org', now(), 'pt-BR', now()) returning id)
     insert into access.membership (organisation_id, person_id, role, created_at) select $1, id, 'owner', now() - interval '1 day' from p`,
    [kept.organisationId],
  );
  const receiver = await receive();
  receiver.answer = status(410);
  const { id } = await kept.subscribe({ url: receiver.url, kinds, name: 'Armazém' });
  await kept.record(1);
  await until('it is disabled', async () => (await kept.show(id)).state === 'disabled');
  assert.equal((await kept.show(id)).disabledReason, 'gone');
  await kept.record(2);
  const mails = await kept.admin.query(
    "select recipient, subject from messages.message where template = 'webhook-disabled'",
  );
  assert.deepEqual(mails.rows, [
    { recipient: 'ana@example.org', subject: 'Assinatura de webhook desativada: Armazém' },
  ]);
  assert.equal((await entriesOf('webhooks.subscription-disabled')).length, 1);
  receiver.answer = status(204);
  await kept.platform.tasks.settled();
  await kept.call('POST', `${at}/${id}/enable`, {});
  await until('all three are there', () => allDelivered(id, 3));
});

test('what was not accepted for three days is a dead letter, and a receiver that accepted nothing is disabled', async () => {
  const receiver = await receive();
  receiver.answer = status(500);
  const { id } = await kept.subscribe({ url: receiver.url, kinds });
  await kept.record(1);
  for (let attempts = 1; attempts < 40; attempts += 1) {
    await until(`attempt ${attempts}`, async () => ((await kept.deliveries(id))[0]?.attempts ?? 0) >= attempts);
    if ((await kept.deliveries(id))[0]?.state === 'failed') break;
    kept.clock.advance(10 * hour);
  }
  await until('it is disabled', async () => (await kept.show(id)).disabledReason === 'failing');
  const [dead] = await kept.deliveries(id);
  assert.equal(dead?.state, 'failed');
  // Enabled again, the dead letter is replayed under its id.
  receiver.answer = status(204);
  await kept.call('POST', `${at}/${id}/enable`, {});
  const range = { since: '2026-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' };
  assert.deepEqual((await kept.call('POST', `${at}/${id}/replay`, range)).body, { deliveries: 1 });
  await until('it is delivered', () => allDelivered(id, 1));
  assert.equal(new Set(receiver.got.map((got) => got.id)).size, 1);
  const again = await kept.call('POST', `/v1/webhooks/deliveries/${dead?.id}/replay`);
  assert.equal(again.status, 202);
  await until('it came once more', async () => (await kept.deliveries(id))[0]?.attempts === receiver.got.length);
});

test('a test is sent at once, also while it is paused, once, and verifies', async () => {
  const receiver = await receive();
  const { id } = await kept.subscribe({ url: receiver.url, kinds });
  await kept.call('POST', `${at}/${id}/pause`);
  receiver.answer = status(500);
  const { body } = await kept.call('POST', `${at}/${id}/test`);
  assert.deepEqual([body.type, body.state, body.lastStatus, receiver.got.length], ['webhooks.test', 'failed', 500, 1]);
  assert.equal(
    (await kept.call('POST', `/v1/webhooks/deliveries/${body.id}/replay`)).body.code,
    'delivery-not-repeatable',
  );
  await kept.call('DELETE', `${at}/${id}`);
  assert.equal((await kept.call('GET', `${at}/${id}`)).status, 404);
  assert.equal((await kept.call('GET', `/v1/webhooks/deliveries/${body.id}`)).status, 200, 'the log stays');
});
