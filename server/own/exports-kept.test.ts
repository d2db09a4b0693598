import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { FILE_DAYS } from '../exports/contract.ts';
import { newId } from '../platform/ids.ts';
import { filesFolder } from '../platform/storage.ts';
import { startTestS3 } from '../platform/test-s3.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { readOwnPolicy } from './own-documents.ts';
import { daysAgo, type OwnServer, startOwnServer } from './test-own.ts';

/** CF-15: exports go after seven days, with their files, wherever these are. */
const base = mkdtempSync(join(tmpdir(), 'kept-own-exports-'));
const s3 = await startTestS3(base);
const inFolder = await startOwnServer();
const inBucket = await startOwnServer({ environment: { KEPT_FILES_URL: s3.url('kept-files', 'kept') } });
after(async () => {
  await inFolder.close();
  await inBucket.close();
  rmSync(base, { recursive: true, force: true });
});

interface Place {
  readonly name: string;
  readonly own: OwnServer;
  setWrittenAt(key: string, at: Date): void;
}
const places: readonly Place[] = [
  {
    name: 'in a folder',
    own: inFolder,
    setWrittenAt: (key, at) => utimesSync(join(filesFolder(inFolder.platform.config) ?? '', key), at, at),
  },
  {
    name: 'in a bucket',
    own: inBucket,
    setWrittenAt: (key, at) => s3.setWrittenAt('kept-files', `kept/${key}`, at),
  },
];

async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content);
}

for (const { name, own, setWrittenAt } of places)
  describe(name, () => {
    const { files } = own.platform;
    const keys = async () => (await Array.fromAsync(files.list('exports/'))).map(({ key }) => key);
    async function expect(promise: string, status: string): Promise<void> {
      const row = await own.prove(promise);
      const seen = `${promise}: ${JSON.stringify(row.reason)} ${JSON.stringify(row.measurement?.places)}`;
      assert.equal(row.status, status, seen);
    }
    /** An export that was made so many days ago, with its file. @returns the key of the file */
    async function insertExport(days: number): Promise<string> {
      const organisation = await own.test.newOrganisation();
      const [id, file] = [newId<'Export'>(daysAgo(days)), newId<'ExportFile'>(daysAgo(days))];
      const path = `exports/${organisation}/${file}`;
      await own.change(
        `insert into exports.export (organisation_id, id, kind, format, parameters, state, bytes, sha256, file_id,
           actor_kind, actor_id, asked_at, ended_at, expires_at)
         values ($1, $2, 'audit-trail', 'csv', '{"address": "203.0.113.9"}', 'ready', 4, 'ab', $3, 'person', 'x', $4, $4, $5)`,
        [organisation, id, file, daysAgo(days), daysAgo(days - FILE_DAYS)],
      );
      await own.change('insert into exports.file values ($1, $2, $3, $4, $5)', [
        organisation,
        file,
        id,
        path,
        daysAgo(days),
      ]);
      await files.write(path, text('rows'));
      setWrittenAt(path, daysAgo(days));
      return path;
    }

    test('the policy keeps files as long as they are given out', () => {
      const keep = parsePolicy(readOwnPolicy()).document?.promises['export-files-seven-days']?.keep;
      assert.equal(keep !== undefined && 'for' in keep ? keep.for : null, `P${FILE_DAYS}D`);
    });

    test('a row past its time is a broken promise; it goes with its file, and what is known of the export stays', async () => {
      let young = '';
      let old = '';
      await own.whileStopped(async () => {
        young = await insertExport(1);
        await expect('export-files-seven-days', 'kept');
        await expect('export-parameters-seven-days', 'kept');
        old = await insertExport(9);
        await expect('export-files-seven-days', 'broken');
        await expect('export-parameters-seven-days', 'broken');
        await expect('no-stray-exports', 'kept');
        assert.deepEqual((await keys()).sort(), [young, old].sort());
      });
      await own.dispose();
      for (const promise of ['export-files-seven-days', 'export-parameters-seven-days', 'no-stray-exports'])
        await expect(promise, 'kept');
      assert.deepEqual(await keys(), [young]);
      assert.equal(await own.count('exports.file'), 1);
      const { rows } = await own.store.query(
        'select parameters, bytes::int, sha256, purged_at is null as whole from exports.export order by asked_at',
      );
      assert.deepEqual(rows, [
        { parameters: null, bytes: 4, sha256: 'ab', whole: false },
        { parameters: { address: '203.0.113.9' }, bytes: 4, sha256: 'ab', whole: true },
      ]);
    });

    test('a file that no export knows is a broken promise, and goes', async () => {
      const there = await keys();
      const stray = `exports/${own.organisationId}/${newId<'ExportFile'>(daysAgo(3))}`;
      await own.whileStopped(async () => {
        await files.write(stray, text('left behind'));
        await expect('no-stray-exports', 'due');
        setWrittenAt(stray, daysAgo(3));
        await expect('no-stray-exports', 'broken');
      });
      await own.dispose();
      await expect('no-stray-exports', 'kept');
      assert.deepEqual(await keys(), there);
    });

    test('a row without its file goes as well', async () => {
      const path = await insertExport(10);
      await files.remove(path);
      await own.dispose();
      assert.equal(await own.count('exports.file where path = $1', [path]), 0);
      await expect('export-files-seven-days', 'kept');
    });
  });

test('storage that does not answer proves nothing', async () => {
  await s3.close();
  const row = await inBucket.prove('no-stray-exports');
  assert.equal(row.status, 'unproven');
});
