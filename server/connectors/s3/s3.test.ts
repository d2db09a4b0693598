import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { startTestS3 } from '../../platform/test-s3.ts';
import {
  type Batch,
  type Condition,
  type Exclusion,
  StatementRefused,
  SystemUnreachable,
  type Target,
} from '../connector.ts';
import { openSystem } from '../open-system.ts';

const base = mkdtempSync(join(tmpdir(), 'kept-s3-'));
const s3 = await startTestS3(base, ['files', 'others']);
const system = await openSystem({ kind: 's3', name: 'archive', credential: s3.url('files', 'in/side') });
after(async () => {
  await system.close();
  await s3.close();
  rmSync(base, { recursive: true, force: true });
});

const there = new Set<string>();
async function put(path: string, at = '2026-01-01T00:00:00Z'): Promise<void> {
  await s3.write('files', path, Buffer.from(`content of ${path}`));
  s3.setWrittenAt('files', path, new Date(at));
  there.add(path);
}
beforeEach(async () => {
  for (const path of there) await s3.remove('files', path);
  there.clear();
});

const targetOf = (name: string, files: Target['files'] = { match: '**', clock: 'modified' }): Target => ({
  name,
  key: [],
  subjects: {},
  attachments: [],
  files,
  bulkOnly: false,
  breakCycleAt: [],
});
const nothing: Exclusion = { dataset: false, accounts: [], subjects: {}, keys: [] };
const older: Condition = { kind: 'older', clock: 'modified', before: new Date('2026-06-01T00:00:00Z') };
const batchOf = (target: Target, options: Partial<Batch> = {}): Batch => ({
  target,
  condition: older,
  exclusion: nothing,
  action: { kind: 'delete' },
  path: 'file',
  cursor: null,
  size: 2,
  lockTimeoutMs: 1_000,
  statementTimeoutMs: 1_000,
  beforeCommit: async () => {},
  removeAttachments: async () => [],
  ...options,
});
async function disposeAll(batch: Batch): Promise<number> {
  let disposed = 0;
  for (let cursor = batch.cursor, step = 0; step < 20; step += 1) {
    const outcome = await system.disposeBatch({ ...batch, cursor });
    disposed += outcome.disposed;
    cursor = outcome.cursor;
    if (cursor === null) return disposed;
  }
  throw new Error('the batches have no end');
}
const paths = async (target: Target) => (await Array.fromAsync(system.listFiles(target))).map(({ path }) => path);

test('files past their time are measured and go, in batches, and nothing else', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await put(`in/side/logs/${name}.log`);
  await put('in/side/logs/young.log', '2026-08-01T00:00:00Z');
  await put('in/side/other/x.log');
  await put('in/sideways/logs/a.log');
  const target = targetOf('logs');
  const before = await system.measure(target, older, nothing, null);
  assert.deepEqual([before.rows, before.matching, before.excluded], [5, 4, 0]);
  assert.equal(before.oldestMatchingAt?.toISOString(), '2026-01-01T00:00:00.000Z');
  assert.equal(await disposeAll(batchOf(target)), 4);
  assert.equal((await system.measure(target, older, nothing, null)).matching, 0);
  assert.deepEqual(await paths(targetOf('.')), ['logs/young.log', 'other/x.log']);
  assert.equal((await s3.read('files', 'in/sideways/logs/a.log')).toString(), 'content of in/sideways/logs/a.log');
  assert.ok((await system.reclaim(target)).bytesReturned > 0);
});

test('held files stay, and what a pattern does not mean', async () => {
  for (const name of ['a.log', 'b.log', 'c.txt']) await put(`in/side/logs/${name}`);
  const target = targetOf('logs', { match: '**/*.log', clock: 'modified' });
  const exclusion = { ...nothing, keys: [['logs/a.log']] };
  assert.equal((await system.measure(target, older, exclusion, null)).excluded, 1);
  assert.equal(await disposeAll(batchOf(target, { exclusion })), 1);
  assert.equal(await disposeAll(batchOf(target, { exclusion: { ...nothing, dataset: true } })), 0);
  assert.deepEqual(await paths(targetOf('.')), ['logs/a.log', 'logs/c.txt']);
});

test('the caller is told before one goes; its failure keeps them, and what was written meanwhile stays', async () => {
  await put('in/side/logs/a.log');
  const target = targetOf('logs');
  const refuse = async () => {
    throw new Error('not written down');
  };
  await assert.rejects(system.disposeBatch(batchOf(target, { beforeCommit: refuse })), /not written down/);
  assert.deepEqual(await paths(target), ['logs/a.log']);
  const rewrite = async () => put('in/side/logs/a.log', '2026-08-02T00:00:00Z');
  assert.equal((await system.disposeBatch(batchOf(target, { beforeCommit: rewrite }))).disposed, 0);
  assert.deepEqual(await paths(target), ['logs/a.log']);
});

test('a date in the name is a clock here, too', async () => {
  await put('in/side/logs/app-2026-05-30.log', '2026-08-01T00:00:00Z');
  await put('in/side/logs/app-2026-06-02.log', '2020-01-01T00:00:00Z');
  const target = targetOf('logs', { match: '**', clock: 'name' });
  assert.equal(await disposeAll(batchOf(target)), 1);
  assert.deepEqual(await paths(target), ['logs/app-2026-06-02.log']);
});

test('removing many answers with those that could not go, and leads nowhere else', async () => {
  for (const name of ['a', 'b']) await put(`in/side/x/${name}`);
  await put('in/precious');
  assert.deepEqual(await system.removeFiles(['x/a', 'x/gone', '../precious', 'x//b']), ['../precious', 'x//b']);
  assert.equal(await system.removeFile('x/b'), 'removed');
  assert.equal(await system.removeFile('x/b'), 'missing');
  assert.equal((await s3.read('files', 'in/precious')).length > 0, true);
  await assert.rejects(system.measure(targetOf('../..'), older, nothing, null), { code: 'outside-root' });
});

test('what files cannot know, or a bucket cannot do, is refused', async () => {
  await put('in/side/x/a');
  const ofAccounts: Condition = { kind: 'of-accounts', accounts: ['a'] };
  await assert.rejects(system.measure(targetOf('x'), ofAccounts, nothing, null), { code: 'files-have-only-age' });
  await assert.rejects(system.probe(targetOf('x'), { kind: 'vacuumed' }), StatementRefused);
  const anonymise: Batch['action'] = { kind: 'anonymise', fields: {}, secret: 'x' };
  await assert.rejects(system.disposeBatch(batchOf(targetOf('x'), { action: anonymise })), { code: 'files-only-go' });
});

test('a bucket that is not there, or nobody who answers, is unreachable, and says nothing of the credential', async () => {
  const open = async (credential: string) => {
    const opened = await openSystem({ kind: 's3', name: 'archive', credential });
    try {
      await opened.measure(targetOf('.'), older, nothing, null);
    } finally {
      await opened.close();
    }
  };
  const addresses = [
    s3.url('nowhere'),
    's3://id:very-secret@files/?endpoint=http%3A%2F%2F127.0.0.1%3A9',
    'not an address with very-secret',
  ];
  for (const address of addresses)
    await assert.rejects(open(address), (error) => {
      assert.ok(error instanceof SystemUnreachable, String(error));
      assert.doesNotMatch(error.message + error.remedy, /very-secret/);
      return true;
    });
});
