import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readConfig } from './config.ts';
import { Failure } from './failure.ts';
import type { Files } from './files.ts';
import { SEGMENT_BYTES } from './sealed-file.ts';
import { openFiles } from './storage.ts';
import { startTestS3 } from './test-s3.ts';
import { openTestSeal } from './test-seal.ts';

const base = mkdtempSync(join(tmpdir(), 'kept-files-'));
const folder = join(base, 'files');
const s3 = await startTestS3(base);
after(async () => {
  await s3.close();
  rmSync(base, { recursive: true, force: true });
});
const configOf = (url: string) => readConfig({ KEPT_DATA_DIR: base, KEPT_FILES_URL: url });
const seal = openTestSeal();

async function* inPieces(content: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
}
const collect = async (content: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(content));
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const key = (name: string) => `exports/org/${name}`;

interface Place {
  readonly name: string;
  readonly files: Files;
  /** What is really stored, behind the back of `files`. */
  stored(key: string): Promise<Buffer>;
  store(key: string, content: Buffer): Promise<void>;
}

const places: readonly Place[] = [
  {
    name: 'a folder',
    files: openFiles(configOf(pathToFileURL(folder).href), seal),
    stored: async (name) => readFileSync(join(folder, name)),
    store: async (name, content) => writeFileSync(join(folder, name), content),
  },
  {
    name: 'a bucket',
    files: openFiles(configOf(s3.url('kept-files', 'one/two')), seal),
    stored: (name) => s3.read('kept-files', `one/two/${name}`),
    store: (name, content) => s3.write('kept-files', `one/two/${name}`, content),
  },
];

for (const place of places)
  describe(place.name, () => {
    const { files } = place;
    after(() => files.close());

    test('gives back what was written, whatever its size, with its size and hash', async () => {
      const sizes = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 20_000_001];
      for (const size of sizes) {
        const content = randomBytes(size);
        const written = await files.write(key('sized'), inPieces(content, 50_021));
        assert.deepEqual(written, { bytes: size, sha256: sha256(content) });
        assert.ok((await collect(files.read(key('sized')))).equals(content), String(size));
      }
    });

    test('gives any part of it', async () => {
      const content = randomBytes(3 * SEGMENT_BYTES + 77);
      await files.write(key('parted'), inPieces(content, 10_000));
      const edges = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, 2 * SEGMENT_BYTES + 5, content.length - 1, content.length];
      for (const start of edges)
        for (const end of edges) {
          if (end <= start) continue;
          const part = await collect(files.read(key('parted'), { start, end }));
          assert.ok(part.equals(content.subarray(start, end)), `${start} to ${end}`);
        }
    });

    test('what is stored shows nothing of the content, and twice the same is stored differently', async () => {
      const content = Buffer.from('maria@example.com;'.repeat(10_000));
      await files.write(key('secret'), inPieces(content, 4_096));
      const first = await place.stored(key('secret'));
      await files.write(key('secret'), inPieces(content, 4_096));
      const second = await place.stored(key('secret'));
      for (const stored of [first, second]) assert.equal(stored.includes('maria@'), false);
      assert.equal(first.subarray(300, 10_000).equals(second.subarray(300, 10_000)), false);
    });

    test('a file that was changed, cut, lengthened, put together anew or moved does not open', async () => {
      const content = randomBytes(4 * SEGMENT_BYTES);
      await files.write(key('whole'), inPieces(content, 65_536));
      await files.write(key('other'), inPieces(content, 65_536));
      const good = await place.stored(key('whole'));
      const other = await place.stored(key('other'));
      const step = SEGMENT_BYTES + 16;
      const bodyAt = good.length - 4 * step;
      const segment = (of: Buffer, index: number) => of.subarray(bodyAt + index * step, bodyAt + (index + 1) * step);
      const head = good.subarray(0, bodyAt);
      const flipped = (at: number) => {
        const copy = Buffer.from(good);
        copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
        return copy;
      };
      const all = [0, 1, 2, 3].map((index) => segment(good, index));
      const tampered: Record<string, Buffer> = {
        'the mark changed': flipped(0),
        'the length of the key changed': flipped(5),
        'the key changed': flipped(bodyAt - 1),
        'an octet changed': flipped(bodyAt + step + 9),
        'a tag changed': flipped(bodyAt + step - 1),
        'the last tag changed': flipped(good.length - 1),
        'cut within a segment': good.subarray(0, good.length - 100),
        'cut by one octet': good.subarray(0, good.length - 1),
        'cut after a segment': Buffer.concat([head, ...all.slice(0, 3)]),
        'cut to the header': Buffer.from(head),
        'cut within the header': good.subarray(0, 20),
        empty: Buffer.alloc(0),
        'two segments exchanged': Buffer.concat([head, ...[0, 2, 1, 3].map((index) => segment(good, index))]),
        'a segment left out': Buffer.concat([head, ...[0, 2, 3].map((index) => segment(good, index))]),
        'a segment twice': Buffer.concat([head, ...[0, 1, 1, 2, 3].map((index) => segment(good, index))]),
        'more behind the end': Buffer.concat([good, randomBytes(40)]),
        'the last segment twice': Buffer.concat([good, segment(good, 3)]),
        'a segment of another file': Buffer.concat([head, segment(good, 0), segment(other, 1), ...all.slice(2)]),
        'another file': other,
      };
      // The bucket's test server hangs up when a part of an empty object is asked for.
      if (place.name === 'a bucket') delete tampered['empty'];
      for (const [what, stored] of Object.entries(tampered)) {
        await place.store(key('whole'), stored);
        const given: Uint8Array[] = [];
        await assert.rejects(
          async () => {
            for await (const piece of files.read(key('whole'))) given.push(piece);
          },
          (error) => error instanceof Failure && error.code === 'file-damaged',
          what,
        );
        // What was given out until then was authentic.
        const seen = Buffer.concat(given);
        assert.ok(seen.equals(content.subarray(0, seen.length)), what);
      }
      await place.store(key('whole'), good);
      assert.ok((await collect(files.read(key('whole')))).equals(content));
    });

    test('is written whole or not at all, and one that is there stays until then', async () => {
      const before = Buffer.from('the one before');
      await files.write(key('replaced'), inPieces(before, 5));
      async function* breaksOff(): AsyncGenerator<Uint8Array> {
        for (let piece = 0; piece < 200; piece += 1) yield randomBytes(100_000);
        throw new Error('the rows ended too early');
      }
      await assert.rejects(files.write(key('replaced'), breaksOff()), /rows ended too early/);
      await assert.rejects(files.write(key('never'), breaksOff()), /rows ended too early/);
      assert.ok((await collect(files.read(key('replaced')))).equals(before));
      await assert.rejects(collect(files.read(key('never'))), { code: 'file-not-found' });
      const stop = new AbortController();
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let piece = 0; ; piece += 1) {
          if (piece === 150) stop.abort(new Error('cancelled'));
          yield randomBytes(100_000);
        }
      }
      await assert.rejects(files.write(key('never'), endless(), { signal: stop.signal }), /cancelled/);
      await assert.rejects(collect(files.read(key('never'))), { code: 'file-not-found' });
    });

    test('lists what is there by its key, and removes it, also twice', async () => {
      for (const name of ['a/2', 'a/1', 'b/1', 'ab/1'])
        await files.write(`attachments/${name}`, inPieces(Buffer.from(name), 9));
      const listed = await Array.fromAsync(files.list('attachments/'));
      assert.deepEqual(
        listed.map((file) => file.key),
        ['attachments/a/1', 'attachments/a/2', 'attachments/ab/1', 'attachments/b/1'],
      );
      assert.ok(listed.every((file) => file.bytes > 3 && Date.now() - file.writtenAt.getTime() < 60_000));
      const below = await Array.fromAsync(files.list('attachments/a/'));
      assert.deepEqual(
        below.map((file) => file.key),
        ['attachments/a/1', 'attachments/a/2'],
      );
      await files.remove('attachments/a/1');
      await files.remove('attachments/a/1');
      await assert.rejects(collect(files.read('attachments/a/1')), { code: 'file-not-found' });
    });

    test('takes no key that could lead elsewhere', async () => {
      for (const wicked of ['../x', 'a/../../x', '/etc/passwd', 'a//b', '.partial/x', 'a/.b', 'a\\b', '', 'a/', 'é'])
        await assert.rejects(files.write(wicked, inPieces(Buffer.from('x'), 1)), /no key/, wicked);
    });
  });

test('what a killed writer left is swept once nobody touched it for a while, and was never listed', async () => {
  const [{ files }] = [places[0] ?? assert.fail()];
  const partial = join(folder, '.partial');
  assert.deepEqual(readdirSync(partial), [], 'nothing is left of writers that failed');
  writeFileSync(join(partial, 'left'), 'half');
  writeFileSync(join(partial, 'growing'), 'half');
  utimesSync(join(partial, 'left'), new Date('2026-01-01'), new Date('2026-01-01'));
  assert.equal(await files.sweep(new Date('2026-01-02')), 1);
  assert.deepEqual(readdirSync(partial), ['growing']);
  assert.ok((await Array.fromAsync(files.list(''))).every((file) => !file.key.includes('partial')));
});

test('a folder is listed in the order of the octets of whole keys', async () => {
  const [{ files }] = [places[0] ?? assert.fail()];
  for (const name of ['s/a/1', 's/a-b/1', 's/a_b', 's/aa', 's/B'])
    await files.write(name, inPieces(Buffer.from('x'), 1));
  const keys = (await Array.fromAsync(files.list('s/'))).map((file) => file.key);
  assert.deepEqual(keys, ['s/B', 's/a-b/1', 's/a/1', 's/a_b', 's/aa']);
});

test('a folder is for the user of the server alone', async () => {
  const [{ files }] = [places[0] ?? assert.fail()];
  await files.write(key('private'), inPieces(Buffer.from('x'), 1));
  assert.equal(statSync(join(folder, key('private'))).mode & 0o777, 0o600);
  assert.equal(statSync(join(folder, 'exports', 'org')).mode & 0o077, 0);
});

test('a storage that is not there is said to be so, without its address', async () => {
  const gone = openFiles(configOf('s3://id:very-secret@bucket/?endpoint=http%3A%2F%2F127.0.0.1%3A9'), seal);
  await assert.rejects(gone.write(key('x'), inPieces(Buffer.from('x'), 1)), (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.code, 'storage-unavailable');
    assert.doesNotMatch(error.message, /very-secret|127\.0\.0\.1/);
    return true;
  });
  await gone.close();
});

test('the address of the storage is read at the start', () => {
  for (const wrong of ['s3://', 'https://bucket/x', 's3://onlykey@bucket/', 's3://b/?regoin=x', 'file://host/x', 'x'])
    assert.throws(() => configOf(wrong), /KEPT_FILES_URL/, wrong);
});
