import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openTestNotices } from '../messages/test-notices.ts';
import { getSource } from './register-export.ts';
import { registerExportKinds } from './register-kinds.ts';

const server = await openTestNotices();
after(() => server.close());
const { platform } = server.kept;
registerExportKinds(platform);

test('an export of the last notice stays with it, though another is announced between two pages', async () => {
  const announced = async (references: readonly string[]) => {
    const notice = await server.draft({ channels: ['in-product'] });
    await server.giveList(
      notice,
      references.map((reference) => ({ reference, language: 'en' })),
    );
    await server.announce(notice);
    await server.tell(notice);
    return notice;
  };
  const source = getSource(platform.db, 'notice-delivery').bind({});
  const page = (from: string | null) => server.within((tx) => source.page(tx, { after: from, limit: 2 }));
  const first = await announced(['a 1', 'b 2', 'c 3']);
  const { rows: begun, next } = await page(null);
  server.clock.advance(60_000);
  await announced(['a 1', 'b 2', 'c 3', 'd 4']);
  const { rows: ended, next: end } = await page(next);
  assert.deepEqual(
    [...begun, ...ended].map(({ notice, reference }) => [notice, reference]),
    ['a 1', 'b 2', 'c 3'].map((reference) => [first, reference]),
  );
  assert.equal(end, null);
});
