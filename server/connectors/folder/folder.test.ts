import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  type Batch,
  type Condition,
  type ConnectedSystem,
  type Exclusion,
  SystemUnreachable,
  type Target,
} from '../connector.ts';
import { openSystem } from '../open-system.ts';
import { dateInName } from './name-date.ts';

const older: Condition = { kind: 'older', clock: 'modified', before: new Date('2026-06-01T00:00:00Z') };
const noExclusion: Exclusion = { dataset: false, accounts: [], subjects: {}, keys: [] };

function targetOf(name: string, files: Target['files'] = { match: '**', clock: 'modified' }): Target {
  return { name, key: [], subjects: {}, attachments: [], bulkOnly: false, breakCycleAt: [], ...(files && { files }) };
}

function batchOf(target: Target, condition: Condition, more: Partial<Batch> = {}): Batch {
  return {
    target,
    condition,
    exclusion: noExclusion,
    action: { kind: 'delete' },
    path: 'file',
    cursor: null,
    size: 100,
    lockTimeoutMs: 500,
    statementTimeoutMs: 5_000,
    beforeCommit: async () => {},
    removeAttachments: async () => [],
    ...more,
  };
}

async function disposeAll(
  system: ConnectedSystem,
  batch: Batch,
): Promise<{ disposed: number; refused: number; batches: number }> {
  const sum = { disposed: 0, refused: 0, batches: 0 };
  let { cursor } = batch;
  do {
    const outcome = await system.disposeBatch({ ...batch, cursor });
    sum.disposed += outcome.disposed;
    sum.refused += outcome.refused;
    sum.batches += 1;
    cursor = outcome.cursor;
  } while (cursor !== null);
  return sum;
}

describe('a folder of files', () => {
  let base: string;
  let root: string;
  let system: ConnectedSystem;

  beforeEach(async () => {
    base = mkdtempSync(join(tmpdir(), 'kept-folder-'));
    root = join(base, 'root');
    mkdirSync(root);
    system = await openSystem({ kind: 'folder', name: 'volume', credential: root });
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  function put(path: string, at = '2026-01-01T00:00:00Z', bytes = 10): void {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, 'x'.repeat(bytes));
    utimesSync(full, new Date(at), new Date(at));
  }
  const has = (path: string) => existsSync(join(root, path));

  test('files go by their age, in batches, and empty folders with them', async () => {
    for (let index = 0; index < 25; index += 1) put(`media/a/${index % 5}/f${index}.jpg`);
    put('media/b/young.jpg', '2026-06-01T00:00:00Z');
    const target = targetOf('media');
    const before = await system.measure(target, older, noExclusion, 'modified');
    assert.deepEqual(
      [before.rows, before.matching, before.oldestMatchingAt],
      [26, 25, new Date('2026-01-01T00:00:00Z')],
    );
    const done = await disposeAll(system, batchOf(target, older, { size: 4 }));
    assert.equal(done.disposed, 25);
    assert.ok(done.batches >= 6);
    assert.deepEqual(readdirSync(join(root, 'media')), ['b']);
    assert.equal((await system.measure(target, older, noExclusion, 'modified')).matching, 0);
    const reclaimed = await system.reclaim(target);
    assert.ok(reclaimed.bytesReturned >= 25 * 512, String(reclaimed.bytesReturned));
    assert.equal((await system.reclaim(target)).bytesReturned, 0);
  });

  test('a target that lost its last file is still there', async () => {
    put('media/deep/only.jpg');
    assert.equal((await disposeAll(system, batchOf(targetOf('media/deep'), older))).disposed, 1);
    assert.equal((await system.measure(targetOf('media/deep'), older, noExclusion, null)).rows, 0);
  });

  test('a date in the name is the clock, for its whole day', async () => {
    put('logs/app-2026-05-30.log', '2026-08-01T00:00:00Z');
    put('logs/app-20260531.log.gz', '2026-08-01T00:00:00Z');
    put('logs/app-2026-06-01.log', '2020-01-01T00:00:00Z');
    put('logs/2026-05-29T23-59-59Z/base.tar', '2026-08-01T00:00:00Z');
    put('logs/app.log', '2026-08-01T00:00:00Z');
    const target = targetOf('logs', { match: '**', clock: 'name' });
    const at = (instant: string): Condition => ({ kind: 'older', clock: 'name', before: new Date(instant) });
    assert.equal((await system.measure(target, at('2026-05-31T23:59:59Z'), noExclusion, 'name')).matching, 2);
    await disposeAll(system, batchOf(target, at('2026-06-01T00:00:00Z')));
    assert.deepEqual(readdirSync(join(root, 'logs')).toSorted(), ['app-2026-06-01.log', 'app.log']);
  });

  test('dates in names are read as such, and other numbers are not', () => {
    const read = (name: string) => dateInName(name, 'UTC')?.from.toISOString() ?? null;
    assert.equal(read('app-2026-11-20.log'), '2026-11-21T00:00:00.000Z');
    assert.equal(dateInName('app-2026-11-20.log', 'America/Sao_Paulo')?.to.toISOString(), '2026-11-21T03:00:00.000Z');
    assert.equal(read('dump_20261120T0304.sql'), '2026-11-20T03:04:00.000Z');
    assert.equal(read('db-2026-11-20_03-04-05.tar'), '2026-11-20T03:04:05.000Z');
    assert.equal(read('2026/11/20.log'), null, 'a date over several folders is none');
    assert.equal(read('order-20269999.pdf'), null);
    assert.equal(read('id-120261120.pdf'), null);
    assert.equal(read('2026-02-30.log'), null);
    assert.equal(read('from-2025-01-01-to-2026-01-01.csv'), '2026-01-02T00:00:00.000Z');
  });

  test('only files that the pattern means are counted or removed, hidden ones too', async () => {
    put('logs/a.log');
    put('logs/.hidden.log');
    put('logs/keep.txt');
    put('logs/old/b.log');
    const target = targetOf('logs', { match: '**/*.log', clock: 'modified' });
    assert.equal((await disposeAll(system, batchOf(target, older))).disposed, 3);
    assert.ok(has('logs/keep.txt'));
  });

  test('held files and held folders stay', async () => {
    put('media/a.jpg');
    put('media/b.jpg');
    const exclusion = { ...noExclusion, keys: [['media/a.jpg']] };
    const measured = await system.measure(targetOf('media'), older, exclusion, null);
    assert.deepEqual([measured.matching, measured.excluded], [1, 1]);
    await disposeAll(system, batchOf(targetOf('media'), older, { exclusion }));
    assert.ok(has('media/a.jpg') && !has('media/b.jpg'));
    const frozen = { ...noExclusion, dataset: true };
    assert.equal((await disposeAll(system, batchOf(targetOf('media'), older, { exclusion: frozen }))).disposed, 0);
  });

  test('the caller is told before a file goes, and its failure keeps them all', async () => {
    put('media/a.jpg');
    const seen: unknown[] = [];
    await assert.rejects(
      system.disposeBatch(
        batchOf(targetOf('media'), older, {
          beforeCommit: async (id, pending) => {
            seen.push(id, pending.disposed, has('media/a.jpg'));
            throw new Error('not written down');
          },
        }),
      ),
      /not written down/,
    );
    assert.deepEqual(seen, [null, 1, true]);
    assert.ok(has('media/a.jpg'));
  });

  test('a file that was written to in the meantime stays', async () => {
    put('logs/live.log');
    const beforeCommit = async () => utimesSync(join(root, 'logs/live.log'), new Date(), new Date());
    assert.equal((await disposeAll(system, batchOf(targetOf('logs'), older, { beforeCommit }))).disposed, 0);
    assert.ok(has('logs/live.log'));
  });

  test('removing is idempotent, and many go with one answer for those that could not', async () => {
    put('media/a.jpg');
    assert.equal(await system.removeFile('media/a.jpg'), 'removed');
    assert.equal(await system.removeFile('media/a.jpg'), 'missing');
    assert.equal(await system.removeFile('media/no/such/folder.jpg'), 'missing');
    put('media/b.jpg');
    put('media/c.jpg');
    mkdirSync(join(root, 'media/folder'));
    const failed = await system.removeFiles(['media/b.jpg', '../root/media/c.jpg', 'media/folder', 'media/c.jpg']);
    assert.deepEqual(failed, ['../root/media/c.jpg', 'media/folder']);
    assert.ok(!has('media/b.jpg') && !has('media/c.jpg'));
  });

  test('no path leads out of the root', async () => {
    writeFileSync(join(base, 'outside.txt'), 'precious');
    mkdirSync(join(base, 'elsewhere'));
    writeFileSync(join(base, 'elsewhere', 'file.txt'), 'precious');
    put('media/in.jpg');
    symlinkSync(join(base, 'elsewhere'), join(root, 'media', 'link'));
    symlinkSync(join(base, 'outside.txt'), join(root, 'media', 'link.txt'));
    symlinkSync(join(base, 'elsewhere'), join(root, 'linked'));
    const wicked = [
      '../outside.txt',
      'media/../../outside.txt',
      '/etc/hostname',
      join(base, 'outside.txt'),
      'media/./in.jpg',
      'media//in.jpg',
      '',
      '.',
      '..',
      'media/link/file.txt',
      'media/link.txt',
      'media\\in.jpg',
      'media/in.jpg\0',
      'linked/file.txt',
    ];
    for (const path of wicked) assert.equal(await system.removeFile(path), 'failed', JSON.stringify(path));
    assert.deepEqual(await system.removeFiles(wicked), wicked);
    const listed = await Array.fromAsync(system.listFiles(targetOf('media')));
    assert.deepEqual(
      listed.map(({ path }) => path),
      ['media/in.jpg'],
    );
    assert.equal(
      (
        await disposeAll(
          system,
          batchOf(targetOf('media'), { kind: 'older', clock: 'm', before: new Date('2100-01-01') }),
        )
      ).disposed,
      1,
    );
    for (const name of ['..', '../elsewhere', 'linked', 'media/link', '/etc']) {
      assert.equal((await system.inspect(targetOf(name), [])).obstacles[0]?.code, 'missing-table', name);
      await assert.rejects(disposeAll(system, batchOf(targetOf(name), older)), { name: 'StatementRefused' });
    }
    assert.ok(existsSync(join(base, 'outside.txt')) && existsSync(join(base, 'elsewhere', 'file.txt')));
  });

  test('files are listed in byte order of their whole paths', async () => {
    for (const path of ['m/a/x', 'm/a.txt', 'm/a-b', 'm/B', 'm/é', 'm/z/y/x', 'm/z.y', 'm/\u{1f600}', 'm/\u{ffef}'])
      put(path);
    const listed = (await Array.fromAsync(system.listFiles(targetOf('m')))).map(({ path }) => path);
    assert.deepEqual(
      listed,
      listed.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
    );
    assert.equal(listed.length, 9);
    const all = (await Array.fromAsync(system.listFiles(targetOf('.')))).map(({ path }) => path);
    assert.deepEqual(all, listed);
    let cursor: Batch['cursor'] = null;
    let batches = 0;
    do {
      const outcome = await system.disposeBatch(
        batchOf(targetOf('m'), { kind: 'older', clock: 'm', before: new Date(0) }, { size: 1, cursor }),
      );
      cursor = outcome.cursor;
      batches += 1;
    } while (cursor !== null && batches < 50);
    assert.equal(batches, 10, 'one look at each file, and one that finds the end');
  });

  test('a volume that went away is unreachable, and none of its files counts as removed', async () => {
    put('media/a.jpg');
    renameSync(root, join(base, 'unmounted'));
    await assert.rejects(system.removeFile('media/a.jpg'), SystemUnreachable);
    mkdirSync(root);
    await assert.rejects(system.removeFile('media/a.jpg'), SystemUnreachable, 'an empty mount point is another folder');
    await assert.rejects(system.measure(targetOf('media'), older, noExclusion, null), SystemUnreachable);
    await assert.rejects(openSystem({ kind: 'folder', name: 'volume', credential: join(base, 'nowhere') }), (error) => {
      assert.ok(error instanceof SystemUnreachable);
      assert.match(error.message, /ENOENT/);
      return true;
    });
  });

  test('a folder that is not there has near names, and is never an empty one', async () => {
    put('attachments/a.jpg');
    const { obstacles } = await system.inspect(targetOf('atachments'), []);
    assert.deepEqual(
      obstacles.map(({ code, nearest }) => [code, nearest]),
      [['missing-table', ['attachments']]],
    );
    await assert.rejects(system.measure(targetOf('atachments'), older, noExclusion, null), { code: 'ENOENT' });
  });

  test('what a file cannot know is refused', async () => {
    put('media/a.jpg');
    await assert.rejects(
      system.measure(targetOf('media'), { kind: 'of-accounts', accounts: ['a'] }, noExclusion, null),
      { code: 'files-have-only-age' },
    );
    await assert.rejects(
      system.disposeBatch(
        batchOf(targetOf('media'), older, { action: { kind: 'anonymise', fields: {}, secret: 'x' } }),
      ),
      { code: 'files-only-go' },
    );
    await assert.rejects(system.probe(targetOf('media'), { kind: 'vacuumed' }), { code: 'no-database' });
    assert.equal(await system.outcomeOf('1'), 'unknown');
    assert.deepEqual(await system.pressure(), []);
  });
});
