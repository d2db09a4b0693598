import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixedClock } from './clock.ts';
import { readConfig } from './config.ts';
import { selectDataKeys } from './data-key-store.ts';
import { Failure } from './failure.ts';
import { newLocalKey, openLocalKey } from './kms-local.ts';
import { openPlatform, type Platform } from './platform.ts';
import { describeDataKeys, rotateDataKeys } from './rotate-data-keys.ts';
import { openTestPlatform } from './test-database.ts';

const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});
const failsAs = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;

async function open() {
  const clock = fixedClock('2026-03-01T12:00:00Z');
  const opened = await openTestPlatform({ clock });
  ends.push(opened.close);
  const { platform } = opened;
  return {
    ...opened,
    keyFile: join(platform.config.dataDirectory, 'sealing.key'),
    clock,
  };
}

const rotate = (platform: Platform, isPrepared = false) =>
  rotateDataKeys(platform, { isPrepared }, (write) => platform.db.globalTransaction(write));

/** How many data keys somebody opens who has the database and one sealing key. */
async function openedBy(platform: Platform, octets: Buffer): Promise<number> {
  const key = openLocalKey(octets, 'file');
  let count = 0;
  for (const { id, use, wrapped } of await platform.db.globalTransaction(selectDataKeys))
    count += await key.unwrap(wrapped, `kept data key ${id} to ${use}`).then(
      () => 1,
      () => 0,
    );
  return count;
}
const octetsIn = (file: string): Buffer => Buffer.from(readFileSync(file, 'utf8').split('\n')[0] ?? '', 'base64');

test('after a rotation the earlier key opens nothing, and running servers neither notice nor stop', async () => {
  const { platform, openAnother, keyFile, clock } = await open();
  const other = await openAnother();
  const old = octetsIn(keyFile);
  const derived = platform.seal.derive('x');
  const sealed = platform.seal.close('before', 'a', 'b');
  clock.advance(3_600_000);
  assert.equal(await openedBy(platform, old), 2, 'what is looked for can be found');

  assert.deepEqual((await rotate(platform)).dataKeys, 2);
  assert.equal(await openedBy(platform, old), 0);
  assert.equal(await openedBy(platform, octetsIn(keyFile)), 3);
  assert.equal(readFileSync(keyFile, 'utf8').trim().split('\n').length, 1, 'nor does it lie beside the new one');

  for (const node of [platform, other, await openAnother()]) {
    assert.equal(node.seal.open(sealed, 'a', 'b'), 'before');
    assert.deepEqual(node.seal.derive('x'), derived);
  }
  // The new data key is sealed with once every server had time to learn it.
  await platform.seal.learn();
  clock.advance(119_000);
  assert.equal(platform.seal.stateOf(sealed), 'current');
  await other.seal.learn();
  clock.advance(2_000);
  assert.equal(platform.seal.stateOf(sealed), 'earlier');
  const newer = platform.seal.close('after', 'a', 'b');
  assert.equal(other.seal.open(newer, 'a', 'b'), 'after');
  assert.equal(other.seal.currentKey(), platform.seal.currentKey());
  assert.equal(other.seal.open(sealed, 'a', 'b'), 'before');
});

test('killed before the database took it, a rotation is finished by the next; the file opens both meanwhile', async () => {
  const { platform, openAnother, keyFile } = await open();
  const old = octetsIn(keyFile);
  const sealed = platform.seal.close('x', 'a', 'b');
  const killed = rotateDataKeys(platform, { isPrepared: false }, () => Promise.reject(new Error('killed')));
  await assert.rejects(killed, /killed/);
  assert.equal(readFileSync(keyFile, 'utf8').trim().split('\n').length, 2);
  assert.equal((await openAnother()).seal.open(sealed, 'a', 'b'), 'x');
  const begun = octetsIn(keyFile);
  await rotate(platform);
  assert.deepEqual(octetsIn(keyFile), begun, 'the key that was begun with, not a third one');
  assert.equal(await openedBy(platform, old), 0);
  assert.equal((await openAnother()).seal.open(sealed, 'a', 'b'), 'x');
});

test('killed after it, nothing is lost, and the old key opens nothing', async () => {
  const { platform, openAnother, keyFile } = await open();
  const old = octetsIn(keyFile);
  const sealed = platform.seal.close('x', 'a', 'b');
  const killed = rotateDataKeys(platform, { isPrepared: false }, async (write) => {
    await platform.db.globalTransaction(write);
    throw new Error('killed');
  });
  await assert.rejects(killed, /killed/);
  assert.equal(await openedBy(platform, old), 0);
  assert.equal((await openAnother()).seal.open(sealed, 'a', 'b'), 'x');
  await rotate(platform);
  assert.equal(readFileSync(keyFile, 'utf8').trim().split('\n').length, 1);
  assert.equal((await openAnother()).seal.open(sealed, 'a', 'b'), 'x');
});

test('two rotations at once are one', async () => {
  const { platform, openAnother } = await open();
  const other = await openAnother();
  const outcomes = await Promise.allSettled([rotate(platform), rotate(other)]);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(refused.length, 1);
  assert.ok(failsAs('rotation-under-way')(refused[0]?.reason));
});

test('a key that was prepared on every server is taken as it is', async () => {
  const { platform, openAnother, keyFile } = await open();
  const old = readFileSync(keyFile, 'utf8');
  const next = newLocalKey();
  writeFileSync(keyFile, `# since March\n${next.octets.export().toString('base64')}\n${old}`);
  assert.ok((await describeDataKeys(platform)).dataKeys.every((key) => key.wrappedBy !== next.name));
  assert.equal((await rotate(platform, true)).name, next.name);
  assert.equal(await openedBy(platform, Buffer.from(old, 'base64')), 0);
  assert.match(readFileSync(keyFile, 'utf8'), /since March/, 'the file is the operator’s');
  await openAnother();
});

test('the key moves from the file to the environment and on, with the earlier one named until it is rotated', async () => {
  const first = await open();
  const { platform } = first;
  const sealed = platform.seal.close('x', 'a', 'b');
  const next = newLocalKey().octets.export().toString('base64');
  const reopen = (environment: Record<string, string>) =>
    openPlatform({
      config: readConfig({
        KEPT_DATA_DIR: platform.config.dataDirectory,
        KEPT_LOG_LEVEL: 'silent',
        DATABASE_URL: first.adminUrl,
        ...environment,
      }),
      databaseUrl: first.adminUrl,
      clock: first.clock,
    });
  await assert.rejects(reopen({ KEPT_SEALING_KEY: `base64:${next}` }), (error) => {
    return failsAs('sealing-key-unusable')(error) && /KEPT_SEALING_KEYS_EARLIER/.test(String(error));
  });
  const moving = await reopen({
    KEPT_SEALING_KEY: `base64:${next}`,
    KEPT_SEALING_KEYS_EARLIER: `file:${first.keyFile}`,
  });
  assert.equal(moving.seal.open(sealed, 'a', 'b'), 'x');
  assert.equal((await rotate(moving)).keeper, 'environment');
  await moving.close();
  const moved = await reopen({ KEPT_SEALING_KEY: `base64:${next}` });
  assert.equal(moved.seal.open(sealed, 'a', 'b'), 'x');
  assert.equal(await openedBy(moved, octetsIn(first.keyFile)), 0);
  await moved.close();
});
