import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { BatchTimedOut, type Condition } from '../connector.ts';
import { batchOf, disposeAll, noExclusion, openTestProduct, type TestProduct, targetOf } from './test-product.ts';

const cutoff = new Date('2026-05-15T00:00:00Z');
const older: Condition = { kind: 'older', clock: 'at', before: cutoff };

describe('partitions go as a whole', () => {
  let product: TestProduct;
  before(async () => {
    product = await openTestProduct();
  });
  after(() => product.close());

  /** Months January to July 2026 and a default, 1,000 rows each; the cutoff is in the middle of May. */
  async function fill(table: string, type = 'timestamptz'): Promise<void> {
    await product.client.query(
      `drop table if exists ${table} cascade;
       create table ${table} (id bigint, account int, at ${type} not null, primary key (id, at)) partition by range (at);
       create table ${table}_rest partition of ${table} default`,
    );
    for (let month = 1; month <= 7; month += 1) {
      const [from, to] = [month, month + 1].map((each) => `2026-${String(each).padStart(2, '0')}-01`);
      await product.client.query(
        `create table "${table} m${month}" partition of ${table} for values from ('${from}') to ('${to}')`,
      );
    }
    await product.client.query(
      `insert into ${table} select i, i % 10, timestamp '2026-01-01' + make_interval(secs => (i - 1) * 2604.0)
         from generate_series(1, 7000) i`,
    );
    await product.client.query(`analyze ${table}`);
  }

  const count = (table: string, where = 'true') => product.value(`select count(*)::int from ${table} where ${where}`);

  for (const type of ['timestamptz', 'timestamp', 'date']) {
    test(`by a ${type}: past ones are dropped, the one in between loses its rows one by one`, async () => {
      await fill('logs', type);
      const target = targetOf('public.logs', { key: ['id', 'at'] });
      const due = await count('logs', `at < '2026-05-15'`);
      const inspection = await product.system.inspect(target, ['at']);
      assert.equal(inspection.path, 'partition');
      assert.deepEqual(inspection.obstacles, []);
      const done = await disposeAll(product.system, batchOf(target, older, { path: 'partition' }));
      assert.deepEqual(
        done.dropped,
        [1, 2, 3, 4].map((month) => `public.logs m${month}`),
      );
      assert.equal(await count('logs', `at < '2026-05-15'`), 0);
      assert.equal(await count('logs'), 7000 - Number(due));
      assert.equal(done.disposed, due);
    });
  }

  test('a bound that ends at the cutoff is past, one that ends after it is not', async () => {
    await fill('edges');
    const target = targetOf('public.edges', { key: ['id', 'at'], bulkOnly: true });
    const at = (instant: string): Condition => ({ kind: 'older', clock: 'at', before: new Date(instant) });
    const before = await disposeAll(
      product.system,
      batchOf(target, at('2026-01-31T23:59:59.999Z'), { path: 'partition' }),
    );
    assert.deepEqual(before.dropped, []);
    const exactly = await disposeAll(
      product.system,
      batchOf(target, at('2026-02-01T00:00:00Z'), { path: 'partition' }),
    );
    assert.deepEqual(exactly.dropped, ['public.edges m1']);
  });

  test('where rows may only go in bulk, the partition in between stays as it is', async () => {
    await fill('audit');
    const target = targetOf('public.audit', { key: ['id', 'at'], bulkOnly: true });
    const done = await disposeAll(product.system, batchOf(target, older, { path: 'partition' }));
    assert.equal(done.dropped.length, 4);
    assert.ok(Number(await count('audit', `at < '2026-05-15'`)) > 0);
    assert.equal(await count('audit', `at < '2026-05-01'`), 0);
  });

  test('a held row postpones the partition that contains it, and only that', async () => {
    await fill('held');
    const target = targetOf('public.held', { key: ['id', 'at'], bulkOnly: true });
    const key = String(await product.value(`select at::text from held where id = 1500`));
    const exclusion = { ...noExclusion, keys: [['1500', key]] };
    const inFebruary = await count('held', `at >= '2026-02-01' and at < '2026-03-01'`);
    const done = await disposeAll(product.system, batchOf(target, older, { path: 'partition', exclusion }));
    assert.deepEqual(done.dropped, ['public.held m1', 'public.held m3', 'public.held m4']);
    assert.equal(await count('held', `at < '2026-05-01'`), inFebruary);
    const measured = await product.system.measure(
      target,
      { ...older, before: new Date('2026-05-01') },
      exclusion,
      'at',
    );
    assert.deepEqual(
      [measured.matching, measured.excluded],
      [0, inFebruary],
      'rows kept by a held neighbour count as held',
    );
  });

  test('where rows may go singly, the neighbours of a held row go', async () => {
    await fill('singly');
    const target = targetOf('public.singly', { key: ['id', 'at'], account: { column: 'account', through: [] } });
    const exclusion = { ...noExclusion, accounts: ['3'] };
    const done = await disposeAll(product.system, batchOf(target, older, { path: 'partition', exclusion }));
    assert.deepEqual(done.dropped, []);
    assert.equal(await count('singly', `at < '2026-05-15' and account <> 3`), 0);
    assert.equal(await count('singly', 'account = 3'), 700);
  });

  test('a partition with rows that another condition spares is not dropped', async () => {
    await fill('mixed');
    const target = targetOf('public.mixed', { key: ['id', 'at'], bulkOnly: true });
    const condition: Condition = { kind: 'all', of: [older, { kind: 'equals', column: 'account', values: ['1'] }] };
    assert.deepEqual((await disposeAll(product.system, batchOf(target, condition, { path: 'partition' }))).dropped, []);
    await product.client.query(`update mixed set account = 1 where at < '2026-02-01'`);
    const done = await disposeAll(product.system, batchOf(target, condition, { path: 'partition' }));
    assert.deepEqual(done.dropped, ['public.mixed m1']);
  });

  test('a partition that other tables point at goes when nobody points at it any more', async () => {
    await fill('pointed');
    await product.client.query(
      `create table pointing (id int primary key, row_id bigint, row_at timestamptz,
         constraint pointing_row foreign key (row_id, row_at) references pointed);
       create index on pointing (row_at, row_id);
       insert into pointing select 1, id, at from pointed where id = 1500`,
    );
    const target = targetOf('public.pointed', { key: ['id', 'at'], bulkOnly: true });
    assert.deepEqual((await product.system.inspect(target, ['at'])).obstacles, []);
    const first = await disposeAll(product.system, batchOf(target, older, { path: 'partition' }));
    assert.deepEqual(first.dropped, ['public.pointed m1', 'public.pointed m3', 'public.pointed m4']);
    await product.client.query('delete from pointing');
    const second = await disposeAll(product.system, batchOf(target, older, { path: 'partition' }));
    assert.deepEqual(second.dropped, ['public.pointed m2']);
  });

  test('a reader in the way makes the drop time out, not wait', async () => {
    await fill('read');
    const target = targetOf('public.read', { key: ['id', 'at'] });
    const reader = new pg.Client({ connectionString: product.url });
    await reader.connect();
    await reader.query('begin; select count(*) from read');
    const started = performance.now();
    await assert.rejects(
      product.system.disposeBatch(batchOf(target, older, { path: 'partition', lockTimeoutMs: 100 })),
      (error) => error instanceof BatchTimedOut && error.reason === 'lock-timeout',
    );
    assert.ok(performance.now() - started < 2_000);
    await reader.query('rollback');
    await reader.end();
    assert.equal(await count('read'), 7000);
  });

  test('a row written while its partition is being dropped is not lost', async () => {
    await fill('raced');
    const target = targetOf('public.raced', {
      key: ['id', 'at'],
      account: { column: 'account', through: [] },
      bulkOnly: true,
    });
    await product.client.query(`delete from raced where account = 3`);
    const exclusion = { ...noExclusion, accounts: ['3'] };
    const writer = new pg.Client({ connectionString: product.url });
    await writer.connect();
    // The writer is not committed when the first count is taken, and is before the lock is granted.
    await writer.query(`begin; insert into raced values (99999, 3, '2026-01-15')`);
    const run = disposeAll(
      product.system,
      batchOf(target, older, { path: 'partition', exclusion, lockTimeoutMs: 5_000 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await writer.query('commit');
    const done = await run;
    await writer.end();
    assert.deepEqual(done.dropped, ['public.raced m2', 'public.raced m3', 'public.raced m4']);
    assert.equal(await count('raced', 'id = 99999'), 1);
  });

  test('dropping says how many rows went by the statistics, and that it did not count', async () => {
    await fill('counted');
    const target = targetOf('public.counted', { key: ['id', 'at'] });
    const outcome = await product.system.disposeBatch(batchOf(target, older, { path: 'partition' }));
    assert.equal(outcome.disposedExact, false);
    assert.ok(outcome.disposed > 1000 && outcome.disposed < 1050, String(outcome.disposed));
  });
});
