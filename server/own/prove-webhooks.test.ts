import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Outbound, openOutbound } from '../platform/outbound.ts';
import { createSubscription } from '../webhooks/create-subscription.ts';
import { openReceiver, type Receiver } from '../webhooks/test-receiver.ts';
import { trySubscription } from '../webhooks/try-subscription.ts';
import { proveSignedWebhooks } from './prove-webhooks.ts';
import { daysAgo, type OwnServer, startOwnServer } from './test-own.ts';

let own: OwnServer;
let receiver: Receiver;
let outbound: Outbound;
before(async () => {
  own = await startOwnServer();
  receiver = await openReceiver();
  outbound = openOutbound({ allow: ['127.0.0.1'] });
});
after(async () => {
  await outbound.close();
  await receiver.close();
  await own.close();
});

async function expect(promise: string, status: string, code: string | null = null): Promise<void> {
  const row = await own.prove(promise);
  assert.deepEqual([row.status, row.reason?.code ?? null], [status, code], JSON.stringify(row.measurement));
}

test('CF-10: what left unsigned, or signed over something else, breaks the promise until it verifies again', async () => {
  await expect('signed-webhooks', 'kept', 'nothing-there');
  // In another organisation than the one that promises.
  const organisation = await own.test.newOrganisation();
  for (const scheme of ['hmac-sha256', 'ed25519'] as const) {
    const { id } = await own.platform.db.transaction(organisation, (tx) =>
      createSubscription(
        tx,
        own.platform.seal,
        { name: 'T', url: receiver.url, kinds: null, ordered: false, scheme },
        own.owner,
      ),
    );
    await trySubscription({ ...own.platform, outbound }, organisation, id);
  }
  assert.equal(receiver.got.length, 2);
  await expect('signed-webhooks', 'kept');
  const breaks: [breaking: string, mending: string][] = [
    [
      `update webhooks.attempt set request_headers = replace(request_headers::text, 'v1,', 'v1,A')::jsonb`,
      `update webhooks.attempt set request_headers = replace(request_headers::text, 'v1,A', 'v1,')::jsonb`,
    ],
    [
      `update webhooks.attempt set request_headers = replace(request_headers::text, 'webhook-signature', 'x')::jsonb`,
      `update webhooks.attempt set request_headers = replace(request_headers::text, '"x"', '"webhook-signature"')::jsonb`,
    ],
    [
      `update webhooks.delivery set body = body || convert_to(' ', 'UTF8')`,
      `update webhooks.delivery set body = substring(body from 1 for length(body) - 1)`,
    ],
    [
      `update webhooks.attempt set started_at = started_at - interval '1 hour' * -1`,
      `update webhooks.attempt set started_at = started_at + interval '1 hour' * -1`,
    ],
    [
      `update webhooks.subscription_secret set expires_at = created_at`,
      `update webhooks.subscription_secret set expires_at = null`,
    ],
  ];
  for (const [breaking, mending] of breaks) {
    await own.change(breaking);
    await expect('signed-webhooks', 'broken', 'webhook-unsigned');
    await own.change(mending);
    await expect('signed-webhooks', 'kept');
  }
});

test('CF-10: a way out that lets anybody reach where clouds keep their keys is a broken promise', async () => {
  const open = openOutbound({ allow: ['169.254.169.254'] });
  const at = own.platform.clock.now();
  const broken = await proveSignedWebhooks({ ...own.platform, outbound: open }, at);
  assert.deepEqual([broken.status, broken.reason?.code], ['broken', 'outbound-open']);
  await open.close();
  assert.equal((await proveSignedWebhooks(own.platform, at)).status, 'kept');
});

test('CF-16: deliveries and attempts go after ninety days, delivered or not, and nothing goes before', async () => {
  const insert = async (age: number) => {
    const id = randomUUID();
    const organisation = own.organisationId;
    await own.change(
      `insert into webhooks.delivery (organisation_id, id, subscription_id, body, state, attempts, round_attempts,
         created_at, queued_at, settled_at) values ($1, $2, $3, '{}', 'failed', 1, 1, $4, $4, $4)`,
      [organisation, id, randomUUID(), daysAgo(age)],
    );
    await own.change(
      `insert into webhooks.attempt (organisation_id, delivery_id, number, subscription_id, started_at, duration_ms,
         outcome, url, request_headers) values ($1, $2, 1, $3, $4, 1, 'timed-out', 'https://example.org/', '[]')`,
      [organisation, id, randomUUID(), daysAgo(age)],
    );
  };
  await own.whileStopped(async () => {
    await insert(80);
    await expect('webhook-deliveries-ninety-days', 'kept');
    await insert(100);
    await expect('webhook-deliveries-ninety-days', 'broken', 'disposal-stopped');
  });
  await own.dispose();
  await expect('webhook-deliveries-ninety-days', 'kept');
  const left = `where organisation_id = '${own.organisationId}'`;
  assert.deepEqual([await own.count(`webhooks.delivery ${left}`), await own.count(`webhooks.attempt ${left}`)], [1, 1]);
});
