import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Anonymisation, Condition } from '../connector.ts';
import { batchOf, disposeAll, noExclusion, openTestProduct, type TestProduct, targetOf } from './test-product.ts';

const older: Condition = { kind: 'older', clock: 'at', before: new Date('2026-01-01') };
const secret = 'a key of more than sixty-four bytes, so that RFC 2104 has it hashed before it is padded';

describe('anonymising leaves what does not identify, once', () => {
  let product: TestProduct;
  before(async () => {
    product = await openTestProduct();
  });
  after(() => product.close());

  async function fill(rows = 300): Promise<void> {
    await product.client.query(
      `drop table if exists people;
       create table people (id int primary key, at timestamptz, name text not null, email varchar(120) unique,
         phone text, note varchar(10), ip inet, ip_text text, born date, code varchar(24), done_at timestamptz)`,
    );
    await product.client.query(
      `insert into people select i, case when i % 3 = 0 then timestamptz '2026-06-01' else '2025-06-01' end, 'Ana ' || i,
         case when i % 7 = 0 then null else 'ana' || i || '@loja.example' end, '+55 (11) 9' || (80000000 + i),
         'Ärger-' || i % 9, '203.0.113.77', case when i % 2 = 0 then '203.0.113.9' else '2001:db8:1:2::3' end, '1987-04-23', 'c' || i
       from generate_series(1, ${rows}) i`,
    );
  }

  const recognisable: Record<string, Anonymisation> = {
    name: { kind: 'keyed-hash' },
    email: { kind: 'fake', shape: 'email' },
    phone: { kind: 'null' },
    note: { kind: 'fixed', value: 'gone' },
    ip: { kind: 'generalise', to: 'network' },
    ip_text: { kind: 'generalise', to: 'network' },
    born: { kind: 'generalise', to: 'year' },
    code: { kind: 'keyed-hash' },
  };

  test('every strategy does as it says, and the second run finds nothing', async () => {
    await fill();
    const target = targetOf('public.people');
    const action = { kind: 'anonymise', fields: recognisable, secret } as const;
    const condition: Condition = { kind: 'all', of: [older, { kind: 'not-anonymised', fields: recognisable }] };
    assert.equal((await product.system.measure(target, condition, noExclusion, 'at')).matching, 200);
    const first = await disposeAll(product.system, batchOf(target, older, { action, size: 50 }));
    assert.equal(first.disposed, 200);
    assert.equal((await product.system.measure(target, condition, noExclusion, 'at')).matching, 0);
    assert.equal((await disposeAll(product.system, batchOf(target, older, { action }))).disposed, 0);
    const { rows } = await product.client.query(
      'select *, born::text as born_text from people where id in (1, 2, 7) order by id',
    );
    const hashOf = (text: string) => createHmac('sha256', secret).update(text).digest('hex');
    assert.equal(rows[0].name, `kh1_${hashOf('Ana 1')}`);
    assert.equal(rows[0].code, `kh1_${hashOf('c1').slice(0, 20)}`);
    assert.match(rows[0].email, /^u[0-9a-f]{32}@anonymised\.example$/);
    assert.deepEqual(
      [rows[0].phone, rows[0].note, rows[0].ip, rows[0].ip_text],
      [null, 'gone', '203.0.113.0/24', '2001:db8:1::'],
    );
    assert.equal(rows[1].ip_text, '203.0.113.0');
    assert.equal(rows[0].born_text, '1987-01-01');
    assert.equal(rows[2].email, null, 'what was null stays null');
    const untouched = await product.value(
      `select count(*)::int from people where at > '2026-01-01' and name like 'Ana %'`,
    );
    assert.equal(untouched, 100);
    for (const probe of [
      { kind: 'anonymised-ip', column: 'ip' },
      { kind: 'anonymised-ip', column: 'ip_text' },
    ] as const) {
      const { examined, failing } = await product.system.probe(target, probe);
      assert.deepEqual([examined, failing], [300, 100]);
    }
  });

  test('fakes keep the shape and nothing of the value, and a column says that it is done', async () => {
    await fill(60);
    const target = targetOf('public.people', { anonymisedAt: 'done_at' });
    const fields: Record<string, Anonymisation> = {
      phone: { kind: 'fake', shape: 'phone' },
      note: { kind: 'fake', shape: 'text' },
    };
    const done = await disposeAll(
      product.system,
      batchOf(target, older, { action: { kind: 'anonymise', fields, secret } }),
    );
    assert.equal(done.disposed, 40);
    const { rows } = await product.client.query(
      'select id, phone, note, done_at from people where done_at is not null order by id',
    );
    assert.equal(rows.length, 40);
    for (const row of rows) {
      assert.match(row.phone, /^\+\d{2} \(\d{2}\) \d{9}$/);
      assert.notEqual(row.phone, `+55 (11) 9${80000000 + row.id}`);
      assert.match(row.note, /^[A-Z][a-z]{4}-\d$/);
    }
    assert.ok(new Set(rows.map(({ phone }) => phone)).size > 38);
    const again = await disposeAll(
      product.system,
      batchOf(target, older, { action: { kind: 'anonymise', fields, secret } }),
    );
    assert.equal(again.disposed, 0);
  });

  test('a fake that meets a unique column twice is made anew', async () => {
    await product.client.query(
      `drop table if exists badges; create table badges (id int primary key, at timestamptz, pin text unique, done_at date);
       insert into badges select i, '2025-01-01', lpad(i::text, 3, '0') from generate_series(0, 29) i`,
    );
    const target = targetOf('public.badges', { anonymisedAt: 'done_at' });
    const action = { kind: 'anonymise', fields: { pin: { kind: 'fake', shape: 'digits' } }, secret } as const;
    let attempts = 0;
    for (let left = 30; left > 0 && attempts < 20; attempts += 1) {
      left -= (await disposeAll(product.system, batchOf(target, older, { action, size: 1 }))).disposed;
    }
    assert.equal(await product.value('select count(distinct pin)::int from badges where done_at is not null'), 30);
  });

  test('a strategy that a column cannot take is refused before a row is touched', async () => {
    await fill(30);
    const wrong: readonly [Record<string, Anonymisation>, RegExp][] = [
      [{ name: { kind: 'null' } }, /does not allow null/],
      [{ email: { kind: 'fixed', value: 'x' } }, /unique/],
      [{ id: { kind: 'fixed', value: '1' } }, /primary key/],
      [{ born: { kind: 'keyed-hash' } }, /is date/],
      [{ note: { kind: 'fake', shape: 'email' } }, /too short/],
      [{ phone: { kind: 'fake', shape: 'phone' } }, /nothing would tell/],
      [{ note: { kind: 'keyed-hash' } }, /nothing would tell/],
    ];
    for (const [fields, message] of wrong) {
      await assert.rejects(
        product.system.disposeBatch(
          batchOf(targetOf('public.people'), older, { action: { kind: 'anonymise', fields, secret } }),
        ),
        { code: 'unfit-anonymisation', message },
      );
    }
    assert.equal(await product.value(`select count(*)::int from people where name like 'Ana %'`), 30);
  });

  test('held rows keep their values', async () => {
    await fill(30);
    const action = { kind: 'anonymise', fields: { phone: { kind: 'null' } }, secret } as const;
    const exclusion = { ...noExclusion, keys: [['1'], ['2']] };
    await disposeAll(product.system, batchOf(targetOf('public.people'), older, { action, exclusion }));
    assert.equal(await product.value('select count(*)::int from people where phone is not null and id <= 2'), 2);
    assert.equal(await product.value(`select count(*)::int from people where phone is null`), 18);
  });
});
