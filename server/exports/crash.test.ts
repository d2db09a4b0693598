import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Id } from '../platform/contract.ts';
import { openTestPlatform } from '../platform/test-database.ts';
import { askForExport } from './ask-for-export.ts';
import { lookAfterExports } from './look-after.ts';
import { registerExportsTasks } from './tasks.ts';
import { makeElsewhere } from './test-export-process.ts';
import { registerNumbers } from './test-exports.ts';

const kept = await openTestPlatform();
const { platform, organisationId } = kept;
const admin = new pg.Client(kept.adminUrl);
await admin.connect();
after(async () => {
  await admin.end();
  await kept.close();
});
registerNumbers(platform, { onPage: async () => {} });
await registerExportsTasks(platform);

const ROWS = 60_000;
const KILLS = 5;
/** Always the same moments; those of another seed are as good. */
let seed = 20_261_121;
const random = () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed / 2 ** 31;
};
const folder = join(platform.config.dataDirectory, 'files', 'exports', organisationId);
const files = () => (existsSync(folder) ? readdirSync(folder).sort() : []);
const partial = () => readdirSync(join(platform.config.dataDirectory, 'files', '.partial'));

test('killed five times on the way, every export comes to its end once, and nothing stays behind', async () => {
  const ids: Id<'Export'>[] = [];
  for (const format of ['csv', 'ndjson', 'json'] as const)
    ids.push(
      await platform.db.transaction(organisationId, (tx) =>
        askForExport(platform, tx, {
          kind: 'numbers',
          format,
          parameters: { rows: ROWS },
          by: { kind: 'system', id: 'test' },
        }),
      ),
    );
  let leftHalfDone = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = makeElsewhere({ DATABASE_URL: kept.adminUrl, KEPT_DATA_DIR: platform.config.dataDirectory });
    const exited = once(child, 'exit');
    const begun = async () => (await admin.query('select from exports.file')).rowCount ?? 0;
    const before = await begun();
    const left = Number(
      (await admin.query('select count(*)::int as n from exports.export where ended_at is null')).rows[0].n,
    );
    for (let waited = 0; left > 0 && (await begun()) === before && waited < 400; waited += 1) await sleep(25);
    await sleep(random() * 350);
    child.kill('SIGKILL');
    await exited;
    leftHalfDone = Math.max(leftHalfDone, partial().length);
  }
  assert.ok(leftHalfDone > 0, 'no attempt was killed while it wrote');
  await platform.tasks.start();
  for (let waited = 0; waited < 600; waited += 1) {
    const { rowCount } = await admin.query('select from exports.export where ended_at is null');
    if (rowCount === 0) break;
    await sleep(50);
  }
  await platform.tasks.settled();
  const { rows } = await admin.query(
    'select id, state, rows_done::int as rows, bytes::int as bytes, sha256, file_id, failures from exports.export order by id',
  );
  assert.deepEqual(
    rows.map(({ id, state, rows: done, failures }) => ({ id, state, done, failures })),
    ids.map((id) => ({ id, state: 'ready', done: ROWS, failures: 0 })),
  );
  const stored = await admin.query<{ id: string }>('select id from exports.file order by id');
  assert.deepEqual(
    stored.rows.map(({ id }) => id),
    rows.map((row) => row.file_id).sort(),
  );
  assert.deepEqual(
    files(),
    stored.rows.map(({ id }) => id),
  );
  for (const { file_id, bytes, sha256 } of rows) {
    const hash = createHash('sha256');
    let read = 0;
    for await (const piece of platform.files.read(`exports/${organisationId}/${file_id}`)) {
      hash.update(piece);
      read += piece.length;
    }
    assert.deepEqual([read, hash.digest('hex')], [bytes, sha256]);
  }
  const made = await admin.query(
    "select from (select kind from ledger.entry union all select kind from ledger.pending) as e where kind = 'export.made'",
  );
  assert.equal(made.rowCount, ids.length);
  // What was half written goes when nobody has touched it for a day.
  await lookAfterExports(platform);
  assert.ok(partial().length > 0);
  assert.ok((await platform.files.sweep(new Date(Date.now() + 1_000))) > 0);
  assert.deepEqual(partial(), []);
});
