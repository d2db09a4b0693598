import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { listSources } from '../exports/register-export.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { registerWebhookExports } from './register-exports.ts';

const { platform, organisationId, close } = await openTestPlatform();
after(close);

test('what went out and what came in can be asked for page by page, and narrowed down', async () => {
  registerWebhookExports(platform);
  const sources = listSources(platform.db);
  assert.deepEqual(
    sources.map(({ shown }) => [shown.kind, shown.permission]),
    [
      ['webhook-deliveries', 'webhooks:read'],
      ['webhooks-received', 'webhooks:read'],
    ],
  );
  for (const source of sources) {
    assert.throws(() => source.bind({ strange: 1 }), { code: 'export-parameters-invalid' });
    const bound = source.bind({ from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' });
    const page = await platform.db.transaction(organisationId, (tx) => bound.page(tx, { after: null, limit: 10 }));
    assert.deepEqual(page, { rows: [], next: null });
  }
});
