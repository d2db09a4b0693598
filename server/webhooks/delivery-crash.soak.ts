import { test } from 'node:test';
import { killWhileDelivering } from './test-delivery-crashes.ts';

test('a server killed thirty times with ten thousand deliveries under way loses nothing', async () => {
  await killWhileDelivering(30, 2_500, 7040);
});
