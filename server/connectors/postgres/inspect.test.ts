import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Inspection } from '../connector.ts';
import { openTestProduct, type TestProduct, targetOf } from './test-product.ts';

describe('what stands in the way of disposal is found, with its remedy', () => {
  let product: TestProduct;
  before(async () => {
    product = await openTestProduct();
    await product.client.query(
      `create table accounts (id uuid primary key, email text);
       create table conversations (id bigint primary key, account_id uuid not null references accounts on delete cascade);
       create index on conversations (account_id);
       create table messages (id bigint primary key, conversation_id bigint not null
           constraint messages_conversation references conversations on delete cascade,
         sent_at timestamptz, body text, day int);
       create table reactions (id bigint primary key, message_id bigint constraint reactions_message references messages);
       create table "odd ""names" (id int primary key, "created at" timestamptz)`,
    );
  });
  after(() => product.close());

  const codes = (inspection: Inspection) => inspection.obstacles.map(({ code }) => code);

  test('a table that is not there, with the nearest names', async () => {
    const { obstacles } = await product.system.inspect(targetOf('public.mesages'), []);
    assert.deepEqual(
      obstacles.map(({ code, nearest }) => ({ code, nearest })),
      [{ code: 'missing-table', nearest: ['public.messages'] }],
    );
  });

  test('columns that are not there, with the nearest names', async () => {
    const target = targetOf('public.messages', {
      account: { column: 'acount', through: [] },
      attachments: [{ column: 'bdy', system: 'media' }],
    });
    const { obstacles } = await product.system.inspect(target, ['sent_t']);
    const found = obstacles
      .filter(({ code }) => code === 'missing-column')
      .map(({ place, nearest }) => [place, nearest[0]]);
    assert.deepEqual(found, [
      ['public.messages.sent_t', 'sent_at'],
      ['public.messages.bdy', 'body'],
      ['public.messages.acount', undefined],
    ]);
  });

  test('a path through tables is followed to its end', async () => {
    const good = targetOf('public.messages', {
      account: {
        column: 'account_id',
        through: [{ table: 'public.conversations', from: 'conversation_id', to: 'id' }],
      },
    });
    assert.ok(!codes(await product.system.inspect(good, ['sent_at'])).includes('missing-column'));
    const bad = targetOf('public.messages', {
      account: { column: 'owner', through: [{ table: 'public.conversation', from: 'conversation_id', to: 'id' }] },
    });
    const { obstacles } = await product.system.inspect(bad, ['sent_at']);
    assert.ok(
      obstacles.some(({ code, nearest }) => code === 'missing-table' && nearest.includes('public.conversations')),
    );
  });

  test('a clock that is no time', async () => {
    const { obstacles } = await product.system.inspect(targetOf('public.messages'), ['day']);
    const clock = obstacles.find(({ code }) => code === 'not-a-clock');
    assert.deepEqual(clock?.nearest, ['sent_at']);
  });

  test('a key that is not one', async () => {
    const { obstacles } = await product.system.inspect(targetOf('public.messages', { key: ['day'] }), ['sent_at']);
    assert.deepEqual(obstacles.find(({ code }) => code === 'missing-key')?.nearest, ['id']);
  });

  test('a referencing key without an index, with the statement that mends it', async () => {
    const inspection = await product.system.inspect(targetOf('public.messages'), ['sent_at']);
    assert.deepEqual(codes(inspection), ['unindexed-foreign-key']);
    assert.deepEqual(inspection.dependants, [
      { table: 'public.reactions', constraint: 'reactions_message', onDelete: 'no action', indexed: false },
    ]);
    assert.deepEqual(inspection.references, [{ table: 'public.conversations', constraint: 'messages_conversation' }]);
    const remedy = inspection.obstacles[0]?.remedy ?? '';
    assert.match(remedy, /^create index concurrently/);
    await product.client.query(remedy);
    assert.deepEqual(codes(await product.system.inspect(targetOf('public.messages'), ['sent_at'])), []);
  });

  test('an index that serves only some rows, or begins with another column, is none', async () => {
    await product.client.query(
      `create table parts (id int primary key, message_id bigint constraint parts_message references messages, n int);
       create index on parts (message_id) where n > 0; create index on parts (n, message_id)`,
    );
    assert.ok(
      codes(await product.system.inspect(targetOf('public.messages'), ['sent_at'])).includes('unindexed-foreign-key'),
    );
    await product.client.query('drop table parts');
  });

  test('a circle of foreign keys, until somebody says where to cut it', async () => {
    await product.client.query(
      `create table threads (id int primary key, last_post int, at timestamptz);
       create table posts (id int primary key, thread int not null constraint posts_thread references threads);
       alter table threads add constraint threads_last_post foreign key (last_post) references posts;
       create index on posts (thread); create index on threads (last_post)`,
    );
    const inspection = await product.system.inspect(targetOf('public.threads'), ['at']);
    assert.deepEqual(codes(inspection), ['foreign-key-cycle']);
    assert.deepEqual(inspection.obstacles[0]?.nearest, ['threads_last_post'], 'the only one that may be null');
    const cut = (constraint: string) =>
      product.system.inspect(targetOf('public.threads', { breakCycleAt: [constraint] }), ['at']);
    assert.deepEqual(codes(await cut('threads_last_post')), []);
    assert.deepEqual(codes(await cut('posts_thread')), ['foreign-key-cycle'], 'its column does not allow null');
    const wrong = await cut('threads_last_pots');
    assert.deepEqual(wrong.obstacles[0]?.nearest, ['threads_last_post']);
  });

  test('a reference that the database itself sets to null makes no circle', async () => {
    await product.client.query(
      `create table nodes (id int primary key, at timestamptz, up int references nodes on delete set null);
       create index on nodes (up)`,
    );
    assert.deepEqual(codes(await product.system.inspect(targetOf('public.nodes'), ['at'])), []);
  });

  test('missing privileges, with the grants that mend them', async () => {
    const { role, system } = await product.asRole(() => []);
    const first = await system.inspect(targetOf('public.conversations'), [], ['delete']);
    const remedies = first.obstacles.filter(({ code }) => code === 'missing-privilege').map(({ remedy }) => remedy);
    assert.deepEqual(remedies, [`grant select, delete on "public"."conversations" to "${role}";`]);
    for (const remedy of remedies) await product.client.query(remedy);
    assert.ok(
      !codes(await system.inspect(targetOf('public.conversations'), [], ['delete'])).includes('missing-privilege'),
    );
    assert.ok(
      codes(await system.inspect(targetOf('public.conversations'), [], ['anonymise'])).includes('missing-privilege'),
    );
  });

  test('row-level security is an obstacle, and a count under it an error, never a false zero', async () => {
    await product.client.query(
      `create table secrets (id int primary key, at timestamptz); insert into secrets values (1, '2020-01-01');
       alter table secrets enable row level security; create policy nobody on secrets using (false)`,
    );
    const { role, system } = await product.asRole((name) => [`grant select, delete, update on secrets to ${name}`]);
    assert.deepEqual(codes(await system.inspect(targetOf('public.secrets'), ['at'])), ['row-security']);
    await assert.rejects(
      system.measure(
        targetOf('public.secrets'),
        { kind: 'older', clock: 'at', before: new Date() },
        { dataset: false, accounts: [], subjects: {}, keys: [] },
        'at',
      ),
      { name: 'StatementRefused', code: '42501' },
    );
    await product.client.query(`alter role ${role} bypassrls`);
    assert.deepEqual(codes(await system.inspect(targetOf('public.secrets'), ['at'])), []);
  });

  test('a view holds no rows of its own', async () => {
    await product.client.query('create view recent as select * from messages');
    assert.deepEqual(codes(await product.system.inspect(targetOf('public.recent'), [])), ['missing-table']);
  });

  test('partitions are listed with their bounds, and need privileges of their own', async () => {
    await product.client.query(
      `create table logs (id int, at timestamptz not null) partition by range (at);
       create table logs_june partition of logs for values from ('2026-06-01') to ('2026-07-01');
       create table logs_rest partition of logs for values from ('2026-07-01') to (maxvalue)`,
    );
    const target = targetOf('public.logs', { key: [] });
    const inspection = await product.system.inspect(target, ['at']);
    assert.equal(inspection.path, 'partition');
    assert.deepEqual(inspection.partitions, [
      { name: 'public.logs_june', from: '2026-06-01 00:00:00+00', to: '2026-07-01 00:00:00+00' },
      { name: 'public.logs_rest', from: '2026-07-01 00:00:00+00', to: null },
    ]);
    const { system } = await product.asRole((role) => [`grant select, delete on logs to ${role}`]);
    const stranger = await system.inspect(target, ['at'], ['delete']);
    assert.equal(stranger.path, 'tid-range');
    assert.match(stranger.pathReason, /belongs to another role/);
    assert.deepEqual(
      stranger.obstacles.map(({ place }) => place),
      ['public.logs_june', 'public.logs_rest'],
    );
  });

  test('a table without partitions whose rows may only go in bulk goes in one statement', async () => {
    const inspection = await product.system.inspect(targetOf('public.nodes', { bulkOnly: true }), ['at']);
    assert.equal(inspection.path, 'bulk');
  });

  test('names with quotes, spaces and dots are names', async () => {
    const inspection = await product.system.inspect(targetOf('public.odd "names'), ['created at']);
    assert.deepEqual(inspection.obstacles, []);
  });
});
