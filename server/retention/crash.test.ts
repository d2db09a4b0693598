import { test } from 'node:test';
import { killDatabase, killServer } from './test-crashes.ts';

// Five of each here; fifty of each in crash.soak.ts.
test('a server killed at any moment of a run finishes it when it is started again, and does nothing twice', async () => {
  await killServer(5, 20261120);
});

test('the same when the databases are killed', async () => {
  await killDatabase(5, 20261121);
});
