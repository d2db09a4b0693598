import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Condition } from '../connector.ts';
import { batchOf, disposeAll, noExclusion, openTestProduct, type TestProduct, targetOf } from './test-product.ts';

const olderThan = (instant: string): Condition => ({ kind: 'older', clock: 'issued_on', before: new Date(instant) });

describe('a civil date in São Paulo', () => {
  let product: TestProduct;
  before(async () => {
    product = await openTestProduct({ timeZone: 'America/Sao_Paulo' });
    await product.client.query(
      `create table invoice (id int primary key, issued_on date not null);
       insert into invoice values (1, '2021-11-20'), (2, '2021-11-21');
       create table booking (id int, issued_on date not null, primary key (id, issued_on)) partition by range (issued_on);
       create table booking_20 partition of booking for values from ('2021-11-20') to ('2021-11-21');
       create table booking_21 partition of booking for values from ('2021-11-21') to ('2021-11-22');
       insert into booking values (1, '2021-11-20'), (2, '2021-11-21')`,
    );
  });
  after(() => product.close());

  test('has not passed while it is still that day there, although it is the next day in UTC', async () => {
    const target = targetOf('public.invoice');
    const look = (instant: string) => product.system.measure(target, olderThan(instant), noExclusion, 'issued_on');
    assert.equal((await look('2021-11-21T02:59:59Z')).matching, 0);
    const passed = await look('2021-11-21T03:00:00Z');
    assert.equal(passed.matching, 1);
    // Its age counts from its end, so that what is not past its period is never older than that.
    assert.equal(passed.oldestAt?.toISOString(), '2021-11-21T03:00:00.000Z');
    assert.equal((await disposeAll(product.system, batchOf(target, olderThan('2021-11-21T02:59:59Z')))).disposed, 0);
    assert.equal((await disposeAll(product.system, batchOf(target, olderThan('2021-11-21T03:00:00Z')))).disposed, 1);
  });

  test('bounds a partition that is past at the end of that day there', async () => {
    const target = targetOf('public.booking', { key: ['id', 'issued_on'] });
    const drop = (instant: string) =>
      disposeAll(product.system, batchOf(target, olderThan(instant), { path: 'partition' }));
    assert.deepEqual((await drop('2021-11-21T02:59:59Z')).dropped, []);
    assert.deepEqual((await drop('2021-11-21T03:00:00Z')).dropped, ['public.booking_20']);
  });
});
