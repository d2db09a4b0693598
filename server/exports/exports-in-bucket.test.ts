import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startTestS3 } from '../platform/test-s3.ts';
import { openTestExports } from './test-exports.ts';

const base = mkdtempSync(join(tmpdir(), 'kept-exports-s3-'));
const s3 = await startTestS3(base);
const kept = await openTestExports({ environment: { KEPT_FILES_URL: s3.url('kept-files', 'prefix') } });
after(async () => {
  await kept.close();
  await s3.close();
  rmSync(base, { recursive: true, force: true });
});
const stored = async () => (await Array.fromAsync(kept.platform.files.list('exports/'))).map(({ key }) => key);

test('an export lies encrypted in the bucket, in parts of many, and is given out whole or in part', async () => {
  const made = await kept.make({ kind: 'numbers', format: 'ndjson', parameters: { rows: 400_000 } });
  assert.equal(made.state, 'ready', String(made.reason));
  // More than one part of a multipart upload.
  assert.ok((made.bytes ?? 0) > 16 * 1024 * 1024);
  const whole = Buffer.from(await (await kept.download(made.id)).arrayBuffer());
  assert.deepEqual([whole.length, createHash('sha256').update(whole).digest('hex')], [made.bytes, made.sha256]);
  const part = await kept.download(made.id, { range: 'bytes=10000000-10000099' });
  assert.equal(part.status, 206);
  assert.ok(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(10_000_000, 10_000_100)));
  const [key = ''] = await stored();
  const octets = await s3.read('kept-files', `prefix/${key}`);
  assert.equal(octets.includes('text 1234'), false);
  assert.ok(octets.length > whole.length);
});

test('a cancelled one leaves nothing in the bucket', async () => {
  const before = await stored();
  let cancelled = false;
  kept.kind.onPage = async (_tx, first) => {
    if (first < 200_000 || cancelled) return;
    cancelled = true;
    const [{ id }] = (await kept.call('GET', '/v1/exports?limit=1', kept.keyOf())).json().items;
    await kept.call('POST', `/v1/exports/${id}/cancellation`, kept.keyOf());
    // Longer than it takes to notice.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  };
  const made = await kept.make({ kind: 'numbers', format: 'ndjson', parameters: { rows: 400_000 } });
  assert.deepEqual([made.state, cancelled], ['cancelled', true]);
  assert.deepEqual(await stored(), before);
});
