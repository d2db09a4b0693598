import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { Failure } from './failure.ts';
import { openTestPlatform } from './test-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-seal-'));
const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends) await end();
  rmSync(folder, { recursive: true });
});
const unusable = (error: unknown) => error instanceof Failure && error.code === 'sealing-key-unusable';

async function open(environment: Record<string, string> = {}) {
  const test = await openTestPlatform({ environment });
  ends.push(test.close);
  return test;
}
const { platform, openAnother } = await open();
const { seal } = platform;
const keyFile = join(platform.config.dataDirectory, 'sealing.key');

test('what is sealed opens with the same key, for the same purpose and row, and never twice looks the same', async () => {
  const sealed = seal.close('sécret', 'totp', 'row');
  assert.equal((await openAnother()).seal.open(sealed, 'totp', 'row'), 'sécret', 'also on another server');
  assert.ok(!sealed.includes('sécret'));
  assert.notDeepEqual(seal.close('sécret', 'totp', 'row'), sealed);
  assert.throws(() => seal.open(sealed, 'totp', 'another row'), unusable);
  assert.throws(() => seal.open(sealed, 'mail', 'row'), unusable);
  assert.throws(() => seal.open(sealed, 'tot', 'p\0row'), unusable);
  const { platform: stranger } = await open();
  assert.throws(() => stranger.seal.open(sealed, 'totp', 'row'), unusable);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => seal.open(changed, 'totp', 'row'), unusable, `octet ${at}`);
  }
  for (const length of [0, 1, 9, 17, 29, 44])
    assert.throws(() => seal.open(sealed.subarray(0, length), 'totp', 'row'), unusable);
  const octets = Buffer.of(0, 255, 254, 128);
  assert.deepEqual(seal.openBytes(seal.closeBytes(octets, 'file', 'row'), 'file', 'row'), octets);
});

test('how a value is sealed is told without opening it', async () => {
  const sealed = seal.close('x', 'totp', 'row');
  assert.equal(seal.stateOf(sealed), 'current');
  const { platform: stranger } = await open();
  assert.equal(stranger.seal.stateOf(sealed), 'unknown');
  for (const text of ['', 'JBSWY3DPEHPK3PXP', '\x02short', '\x01short'])
    assert.equal(seal.stateOf(Buffer.from(text)), 'none', text);
});

test('the sealing key is for its owner’s eyes, is made once, and can stand elsewhere', async () => {
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);
  const before = readFileSync(keyFile, 'utf8');
  await openAnother();
  assert.equal(readFileSync(keyFile, 'utf8'), before);
  const elsewhere = join(folder, 'deeper', 'kept.key');
  await open({ KEPT_SEALING_KEY_FILE: elsewhere });
  assert.equal(Buffer.from(readFileSync(elsewhere, 'utf8'), 'base64').length, 32);
});

test('a sealing key that is gone, another one or none is said at the start, and never replaced', async () => {
  const away = join(folder, 'away.key');
  renameSync(keyFile, away);
  await assert.rejects(openAnother(), (error) => unusable(error) && /is not there/.test(String(error)));
  for (const text of ['c2hvcnQ=\n', '', `${Buffer.alloc(32, 7).toString('base64')}\n`]) {
    writeFileSync(keyFile, text);
    await assert.rejects(openAnother(), unusable);
    assert.equal(readFileSync(keyFile, 'utf8'), text);
  }
  renameSync(away, keyFile);
  assert.equal((await openAnother()).seal.open(seal.close('x', 'a', 'b'), 'a', 'b'), 'x');
});

test('keys derived for different purposes differ, and are the same on every node', async () => {
  assert.deepEqual(seal.derive('a'), (await openAnother()).seal.derive('a'));
  assert.notDeepEqual(seal.derive('a'), seal.derive('b'));
  assert.equal(seal.derive('a').length, 32);
  assert.notDeepEqual((await open()).platform.seal.derive('a'), seal.derive('a'));
});

test('servers that start on a database without keys at once make the same ones', async () => {
  const { openAnother: openNext, platform: first, adminUrl } = await open();
  await query(adminUrl, 'delete from platform.data_key');
  rmSync(join(first.config.dataDirectory, 'sealing.key'));
  const [one, ...others] = await Promise.all([openNext(), openNext(), openNext()]);
  const sealed = one.seal.close('x', 'a', 'b');
  for (const node of others) assert.equal(node.seal.open(sealed, 'a', 'b'), 'x');
});

test('what an earlier checkout sealed with the sealing key itself still opens', () => {
  const key = Buffer.from(readFileSync(keyFile, 'utf8'), 'base64');
  const fingerprint = createHash('sha256').update('kept sealing key').update(key).digest().subarray(0, 8);
  const nonce = Buffer.alloc(12, 3);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from('totp\0row'));
  const text = Buffer.concat([cipher.update('old'), cipher.final()]);
  const sealed = Buffer.concat([Buffer.of(1), fingerprint, nonce, cipher.getAuthTag(), text]);
  assert.equal(seal.open(sealed, 'totp', 'row'), 'old');
  assert.equal(seal.stateOf(sealed), 'older-form');
  assert.throws(() => seal.open(sealed, 'totp', 'other'), unusable);
});

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(text);
  await client.end();
}
