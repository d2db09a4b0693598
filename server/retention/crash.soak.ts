import { test } from 'node:test';
import { killDatabase, killServer } from './test-crashes.ts';

test('a server killed at fifty random moments loses nothing and does nothing twice', async () => {
  await killServer(50, 7040);
});

test('databases killed at fifty random moments lose nothing and repeat nothing', async () => {
  await killDatabase(50, 7041);
});
