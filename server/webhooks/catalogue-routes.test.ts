import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openTestAccess } from '../access/test-access.ts';
import { entryKinds } from '../ledger/kinds-contract.ts';
import { listEventKinds } from './catalogue-contract.ts';
import { registerCatalogueRoutes } from './catalogue-routes.ts';

const kept = await openTestAccess({
  environment: { KEPT_OUTBOUND_ALLOW: '127.0.0.1,localhost' },
  register: registerCatalogueRoutes,
});
after(() => kept.close());

test('whoever may read webhooks is told every kind, with its version, schema and an example', async () => {
  const answer = await kept.call('GET', '/v1/webhooks/kinds', 'auditor');
  assert.equal(answer.status, 200);
  const { catalogue, kinds } = listEventKinds.answer.parse(answer.json());
  assert.equal(catalogue, 1);
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    [...entryKinds],
  );
  assert.equal((await kept.call('GET', '/v1/webhooks/kinds')).status, 401);
});

test('a server does not call itself, nor its database, though the operator allows the host', async () => {
  const { outbound } = kept.platform;
  const own = new URL(kept.address);
  const database = new URL(kept.adminUrl);
  const hosts = ['127.0.0.1', 'localhost', '127.1', '2130706433'];
  for (const host of hosts)
    for (const path of ['/metrics', '/health', '/v1/openapi.json'])
      await assert.rejects(outbound.fetch(`http://${host}:${own.port}${path}`), { code: 'outbound-refused' });
  assert.equal((await outbound.fetch(`${kept.address}/health`, { operator: true })).status, 200);
  if (database.searchParams.get('host')?.startsWith('/') !== true)
    for (const host of hosts)
      await assert.rejects(outbound.fetch(`http://${host}:${database.port}/`), { code: 'outbound-refused' });
});
