import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { BatchTimedOut, type Condition, type Cursor, StatementRefused } from '../connector.ts';
import { batchOf, disposeAll, noExclusion, openTestProduct, type TestProduct, targetOf } from './test-product.ts';

const cutoff = new Date('2026-06-01T00:00:00Z');
const older: Condition = { kind: 'older', clock: 'created_at', before: cutoff };

describe('rows go in batches', () => {
  let product: TestProduct;
  before(async () => {
    product = await openTestProduct();
  });
  after(() => product.close());

  /** 10,000 rows, one an hour before and after the cutoff: 4,000 are due. */
  async function fill(table: string, columns = ''): Promise<void> {
    await product.client.query(`drop table if exists ${table} cascade`);
    await product.client.query(
      `create table ${table} (id bigint primary key, account int, created_at timestamptz, note text ${columns})`,
    );
    await product.client.query(
      `insert into ${table} (id, account, created_at, note)
       select i, i % 10, timestamptz '2026-06-01' + make_interval(hours => i - 4001), repeat('x', 50)
         from generate_series(1, 10000) i`,
    );
    await product.client.query(`analyze ${table}`);
  }

  for (const path of ['tid-range', 'key-range', 'bulk'] as const) {
    test(`by ${path}, exactly those older than the cutoff go`, async () => {
      await fill('walked');
      const target = targetOf('public.walked');
      const done = await disposeAll(product.system, batchOf(target, older, { path }));
      assert.equal(done.disposed, 4000);
      assert.equal(await product.value('select count(*)::int from walked'), 6000);
      assert.equal(await product.value(`select count(*)::int from walked where created_at < '2026-06-01'`), 0);
      assert.equal(done.batches.length > 5, path !== 'bulk');
      const after = await product.system.measure(target, older, noExclusion, 'created_at');
      assert.deepEqual(
        { rows: after.rows, matching: after.matching, oldest: after.oldestAt },
        {
          rows: 6000,
          matching: 0,
          oldest: cutoff,
        },
      );
    });

    test(`by ${path}, held keys and held accounts stay`, async () => {
      await fill('held');
      const exclusion = { ...noExclusion, accounts: ['3'], keys: [['17'], ['9999']] };
      const target = targetOf('public.held', { account: { column: 'account', through: [] } });
      const done = await disposeAll(product.system, batchOf(target, older, { path, exclusion }));
      assert.equal(done.disposed, 4000 - 400 - 1);
      assert.equal(await product.value('select count(*)::int from held where account = 3'), 1000);
      assert.equal(await product.value('select count(*)::int from held where id = 17'), 1);
      const after = await product.system.measure(target, older, exclusion, 'created_at');
      assert.deepEqual([after.matching, after.excluded], [0, 401]);
    });
  }

  test('a held row without an account does not hide behind null', async () => {
    await fill('ownerless');
    await product.client.query('update ownerless set account = null where id <= 100');
    const target = targetOf('public.ownerless', { account: { column: 'account', through: [] } });
    const exclusion = { ...noExclusion, accounts: ['3'] };
    const done = await disposeAll(product.system, batchOf(target, older, { exclusion }));
    assert.equal(done.disposed, 4000 - 390, 'rows without an account go, those of account 3 stay');
  });

  test('a held dataset loses nothing', async () => {
    await fill('frozen');
    const exclusion = { ...noExclusion, dataset: true };
    const done = await disposeAll(product.system, batchOf(targetOf('public.frozen'), older, { exclusion }));
    assert.equal(done.disposed, 0);
    const measured = await product.system.measure(targetOf('public.frozen'), older, exclusion, 'created_at');
    assert.deepEqual([measured.matching, measured.excluded], [0, 4000]);
  });

  test('a key that its column cannot hold stops the batch instead of holding nothing', async () => {
    await fill('typed');
    const exclusion = { ...noExclusion, keys: [['not a number']] };
    await assert.rejects(
      product.system.disposeBatch(batchOf(targetOf('public.typed'), older, { exclusion })),
      (error) => error instanceof StatementRefused && error.code === '22P02' && !error.message.includes('not a number'),
    );
    assert.equal(await product.value('select count(*)::int from typed'), 10000);
  });

  test('rows with a composite key are held by the whole of it', async () => {
    await product.client.query(
      `create table pairs (a int, b text, created_at timestamptz, primary key (a, b));
       insert into pairs select i % 3, 'k' || i, timestamptz '2026-01-01' from generate_series(1, 300) i`,
    );
    const target = targetOf('public.pairs', { key: ['a', 'b'] });
    const exclusion = {
      ...noExclusion,
      keys: [
        ['1', 'k1'],
        ['2', 'k1'],
        ['0', 'k3'],
      ],
    };
    for (const path of ['key-range', 'tid-range'] as const) {
      await disposeAll(product.system, batchOf(target, older, { exclusion, path, size: 50 }));
      assert.equal(await product.value(`select string_agg(b, ',' order by b) from pairs`), 'k1,k3');
    }
  });

  test('the caller is told the transaction and its cursor before the commit, and can undo it', async () => {
    await fill('told');
    const target = targetOf('public.told');
    const seen: { id: string | null; disposed: number; cursor: Cursor | null; visible: unknown }[] = [];
    const outcome = await product.system.disposeBatch(
      batchOf(target, older, {
        beforeCommit: async (id, pending) => {
          const visible = await product.value('select count(*)::int from told');
          seen.push({ id, disposed: pending.disposed, cursor: pending.cursor, visible });
          assert.equal(await product.system.outcomeOf(String(id)), 'in-progress');
        },
      }),
    );
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.visible, 10000, 'nothing is committed yet');
    assert.deepEqual([seen[0]?.disposed, seen[0]?.cursor], [outcome.disposed, outcome.cursor]);
    assert.equal(await product.system.outcomeOf(String(seen[0]?.id)), 'committed');
    let undone = '';
    const refusal = new Error('the record could not be written');
    await assert.rejects(
      product.system.disposeBatch(
        batchOf(target, older, {
          cursor: outcome.cursor,
          beforeCommit: async (id) => {
            undone = String(id);
            throw refusal;
          },
        }),
      ),
      (error) => error === refusal,
    );
    assert.equal(await product.system.outcomeOf(undone), 'aborted');
    assert.equal(await product.value('select count(*)::int from told'), 10000 - outcome.disposed);
  });

  test('a failure of the caller that looks like one of the store passes as it is', async () => {
    await fill('mistaken');
    const theirs = Object.assign(new pg.DatabaseError('their own', 1, 'error'), { code: '40P01' });
    await assert.rejects(
      product.system.disposeBatch(
        batchOf(targetOf('public.mistaken'), older, {
          beforeCommit: async () => {
            throw theirs;
          },
        }),
      ),
      (error) => error === theirs,
    );
  });

  test('a transaction id nobody ever had has no known outcome', async () => {
    assert.equal(await product.system.outcomeOf('9999999999'), 'unknown');
    assert.equal(await product.system.outcomeOf('not an id'), 'unknown');
  });

  test('a batch with nothing to do tells nobody', async () => {
    await fill('idle');
    const none: Condition = { kind: 'older', clock: 'created_at', before: new Date('2020-01-01') };
    let told = 0;
    const beforeCommit = async () => {
      told += 1;
    };
    const done = await disposeAll(product.system, batchOf(targetOf('public.idle'), none, { beforeCommit }));
    assert.deepEqual([told, done.disposed], [0, 0]);
  });

  test('a locked row makes the batch time out, nothing of it is done, and afterwards it goes', async () => {
    await fill('locked');
    const target = targetOf('public.locked');
    const other = new pg.Client({ connectionString: product.url });
    await other.connect();
    await other.query('begin; select from locked where id = 5 for update');
    await assert.rejects(
      product.system.disposeBatch(batchOf(target, older, { lockTimeoutMs: 50 })),
      (error) => error instanceof BatchTimedOut && error.reason === 'lock-timeout',
    );
    assert.equal(await product.value('select count(*)::int from locked'), 10000);
    await other.query('rollback');
    await other.end();
    assert.equal((await disposeAll(product.system, batchOf(target, older))).disposed, 4000);
  });

  test('a table rewritten during the walk is walked again from its beginning', async () => {
    await fill('rewritten');
    const target = targetOf('public.rewritten');
    const first = await product.system.disposeBatch(batchOf(target, older));
    // A rewrite in another order: what was behind the walk is now before it.
    await product.client.query('create index rewritten_order on rewritten (created_at desc)');
    await product.client.query('cluster rewritten using rewritten_order');
    const rest = await disposeAll(product.system, batchOf(target, older, { cursor: first.cursor }));
    assert.equal(first.disposed + rest.disposed, 4000);
  });

  test('rows that point at the batch and restrict it stay, with the rows they point at', async () => {
    await fill('restricting');
    await product.client.query(
      `drop table if exists pins;
       create table pins (id int primary key, row_id bigint references restricting on delete restrict);
       create index on pins (row_id); insert into pins values (1, 10), (2, 2000), (3, 9000)`,
    );
    await product.system.inspect(targetOf('public.restricting'), ['created_at']);
    const done = await disposeAll(product.system, batchOf(targetOf('public.restricting'), older));
    assert.deepEqual([done.disposed, done.refused], [3998, 2]);
    assert.equal(await product.value('select count(*)::int from restricting where id in (10, 2000)'), 2);
  });

  test('a guarded cascade does not take children that are still there', async () => {
    await fill('parents');
    await product.client.query(
      `drop table if exists children;
       create table children (id int primary key, parent bigint,
         constraint children_parent foreign key (parent) references parents on delete cascade);
       create index on children (parent); insert into children select i, i * 100 from generate_series(1, 50) i`,
    );
    await product.system.inspect(targetOf('public.parents'), ['created_at']);
    const target = targetOf('public.parents', { guardedBy: ['children_parent'] });
    const done = await disposeAll(product.system, batchOf(target, older));
    assert.deepEqual([done.disposed, done.refused], [3960, 40]);
    assert.equal(await product.value('select count(*)::int from children'), 50);
  });

  test('a declared break lets a table that refers to itself go, and cuts younger rows loose', async () => {
    await fill('replies', ', reply_to bigint');
    await product.client.query(
      `update replies set reply_to = id - 1 where id > 1;
       alter table replies add constraint replies_reply_to foreign key (reply_to) references replies;
       create index on replies (reply_to)`,
    );
    await product.client.query('vacuum full replies');
    const target = targetOf('public.replies', { breakCycleAt: ['replies_reply_to'] });
    const inspection = await product.system.inspect(target, ['created_at']);
    assert.deepEqual(inspection.obstacles, []);
    let passes = 0;
    for (let left = 1; left > 0 && passes < 5; passes += 1) {
      await disposeAll(product.system, batchOf(target, older));
      left = (await product.system.measure(target, older, noExclusion, 'created_at')).matching;
    }
    assert.equal(await product.value('select count(*)::int from replies'), 6000);
    assert.equal(await product.value('select count(*)::int from replies where reply_to is null'), 1);
    assert.ok(passes <= 2, `${passes} passes`);
  });

  test('few due rows in a large table are found by the index, not by a walk over all of it', async () => {
    await product.client.query(
      `create table large (id bigint primary key, created_at timestamptz, note text);
       insert into large select i, timestamptz '2026-05-31 23:59:00' + make_interval(secs => i), repeat('x', 100)
         from generate_series(1, 60000) i;
       create index on large (created_at); analyze large`,
    );
    const done = await disposeAll(product.system, batchOf(targetOf('public.large'), older, { size: 500 }));
    assert.equal(done.disposed, 59);
    assert.equal(done.batches.length, 1);
  });
});
