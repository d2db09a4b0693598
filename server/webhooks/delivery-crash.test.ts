import { test } from 'node:test';
import { killWhileDelivering } from './test-delivery-crashes.ts';

// Five kills here; thirty with ten thousand deliveries under way in delivery-crash.soak.ts.
test('a server killed five times while it delivers loses nothing, doubles nothing and keeps the order', async () => {
  await killWhileDelivering(5, 1_000, 20261121);
});
