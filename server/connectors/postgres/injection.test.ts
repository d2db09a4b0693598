import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { quote } from './quote.ts';
import { batchOf, disposeAll, noExclusion, openTestProduct, type TestProduct, targetOf } from './test-product.ts';

const evil = `x"; drop table witness;--`;
const evilValue = `'); drop table witness;--`;
const older = (clock: string) => ({ kind: 'older', clock, before: new Date('2026-01-01') }) as const;

describe('nothing in a data map is ever read as SQL', () => {
  let product: TestProduct;
  before(async () => {
    product = await openTestProduct();
    const name = quote(evil);
    await product.client.query(
      `create schema ${name}; create table witness (id int); create table ${name}.${name} (
         ${name} text primary key, ${quote(`${evil}at`)} timestamptz, ${quote(`${evil}account`)} text, ${quote(`${evil}file`)} text,
         ${quote(`${evil}parent`)} text constraint ${name} references ${name}.${name});
       create index on ${name}.${name} (${quote(`${evil}parent`)})`,
    );
  });
  after(() => product.close());

  const target = targetOf(`${evil}.${evil}`, {
    key: [evil],
    account: { column: `${evil}account`, through: [] },
    subjects: {
      [evil]: { column: `${evil}account`, through: [{ table: `${evil}.${evil}`, from: `${evil}parent`, to: evil }] },
    },
    attachments: [{ column: `${evil}file`, system: evil }],
    breakCycleAt: [evil],
  });
  const exclusion = { ...noExclusion, accounts: [evilValue], subjects: { [evil]: [evilValue] }, keys: [[evilValue]] };

  async function fill(): Promise<void> {
    const table = `${quote(evil)}.${quote(evil)}`;
    await product.client.query(`truncate ${table}`);
    await product.client.query(
      `insert into ${table} select 'k' || i, '2020-01-01', 'a', 'f' || i, null from generate_series(1, 20) i`,
    );
    await product.client.query(`insert into ${table} values ($1, '2020-01-01', 'a', null, 'k1')`, [evilValue]);
  }

  test('names that exist work, whatever they look like', async () => {
    await fill();
    const inspection = await product.system.inspect(target, [`${evil}at`]);
    assert.deepEqual(inspection.obstacles, []);
    const measured = await product.system.measure(target, older(`${evil}at`), exclusion, `${evil}at`);
    assert.deepEqual([measured.matching, measured.excluded], [20, 1]);
    for (const path of ['tid-range', 'key-range'] as const) {
      await fill();
      const done = await disposeAll(product.system, batchOf(target, older(`${evil}at`), { exclusion, path, size: 5 }));
      assert.equal(done.disposed, 20);
    }
    const paths = await Array.fromAsync(
      product.system.readAttachmentPaths(target, { column: `${evil}file`, system: evil }),
    );
    assert.deepEqual(paths, []);
    await product.system.reclaim(target);
    assert.equal(await product.value('select count(*)::int from witness'), 0);
  });

  test('names that do not exist are refused by name', async () => {
    for (const wrong of [`public.${evil}`, 'witness; drop table witness', `public.witness"; drop table witness;--`]) {
      const { obstacles } = await product.system.inspect(targetOf(wrong), []);
      assert.equal(obstacles[0]?.code, 'missing-table');
      await assert.rejects(product.system.disposeBatch(batchOf(targetOf(wrong), older('at'))), { code: '42P01' });
    }
    await assert.rejects(product.system.disposeBatch(batchOf(target, older(`at") or true --`))), { code: '42703' });
    assert.equal(await product.value('select count(*)::int from witness'), 0);
  });

  test('a cursor from elsewhere cannot smuggle a relation', async () => {
    const cursor = {
      at: 'blocks',
      part: `public.witness" as t; drop table witness;--`,
      oid: 1,
      file: '1',
      block: 0,
      end: 9,
      density: 1,
      last: 1,
      again: 0,
    };
    await assert.rejects(product.system.disposeBatch(batchOf(target, older(`${evil}at`), { cursor })), {
      code: '42P01',
    });
    assert.equal(await product.value('select count(*)::int from witness'), 0);
  });
});
