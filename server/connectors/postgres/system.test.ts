import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type AccountRow, type Condition, SystemUnreachable } from '../connector.ts';
import { openSystem } from '../open-system.ts';
import { defaultPressureLimits } from './system.ts';
import { batchOf, disposeAll, noExclusion, openTestProduct, type TestProduct, targetOf } from './test-product.ts';

const older: Condition = { kind: 'older', clock: 'at', before: new Date('2026-01-01') };

describe('a database of a customer, as Kept sees it', () => {
  let product: TestProduct;
  before(async () => {
    product = await openTestProduct({
      pressureLimits: { ...defaultPressureLimits, snapshotSeconds: 0.2, lockWaitMs: 50, freeBytes: 0, freeShare: 0 },
    });
  });
  after(() => product.close());

  test('every session is pinned', async () => {
    await product.client.query(
      `create table pins (id int primary key, at timestamptz);
       insert into pins values (1, '2020-01-01');
       create function say() returns trigger language plpgsql as $$ begin
         perform pg_notify('kept', current_setting('row_security') || ' ' || current_setting('application_name') || ' '
           || current_setting('search_path') || ' ' || current_setting('TimeZone') || ' ' || current_setting('lock_timeout')
           || ' ' || current_setting('statement_timeout') || ' ' || current_setting('idle_in_transaction_session_timeout'));
         return old; end $$;
       create trigger say before delete on pins for each row execute function public.say()`,
    );
    const heard = new Promise<string>((resolve) => {
      product.client.once('notification', ({ payload }) => resolve(payload ?? ''));
    });
    await product.client.query('listen kept');
    await product.system.disposeBatch(
      batchOf(targetOf('public.pins'), older, { lockTimeoutMs: 321, statementTimeoutMs: 4321 }),
    );
    assert.equal(await heard, 'off kept pg_catalog, pg_temp UTC 321ms 4321ms 1min');
  });

  test('one pass tells how many, how old, and how many have no age at all', async () => {
    await product.client.query(
      `create table ages (id int primary key, account text, at timestamptz);
       insert into ages values (1, 'a', '2024-01-01'), (2, 'a', '2025-01-01'), (3, 'b', '2024-06-01'), (4, 'b', '2026-06-01'),
         (5, null, null), (6, 'c', '-infinity')`,
    );
    const target = targetOf('public.ages', { account: { column: 'account', through: [] } });
    const measured = await product.system.measure(target, older, { ...noExclusion, accounts: ['a'] }, 'at');
    assert.deepEqual(measured, {
      rows: 6,
      matching: 2,
      excluded: 2,
      oldestAt: new Date('2024-01-01'),
      oldestMatchingAt: new Date('2024-06-01'),
      oldestExcludedAt: new Date('2024-01-01'),
      withoutClock: 2,
    });
  });

  test('conditions about accounts and owners follow their paths', async () => {
    await product.client.query(
      `create table owners (id int primary key, account text);
       create table things (id int primary key, owner int, at date);
       insert into owners values (1, 'a'), (2, 'b'), (3, null);
       insert into things values (1, 1, '2020-01-01'), (2, 2, '2020-01-01'), (3, 3, '2020-01-01'), (4, 99, '2020-01-01'), (5, null, null)`,
    );
    const through = [{ table: 'public.owners', from: 'owner', to: 'id' }];
    const target = targetOf('public.things', { account: { column: 'account', through } });
    const count = async (condition: Condition) =>
      (await product.system.measure(target, condition, noExclusion, null)).matching;
    assert.equal(await count({ kind: 'of-accounts', accounts: ['a', 'b'] }), 2);
    assert.equal(
      await count({ kind: 'not-of-accounts', accounts: ['a'] }),
      1,
      'whose account is unknown is nobody’s to end',
    );
    assert.equal(await count({ kind: 'orphaned', path: { column: 'account', through } }), 1);
    assert.equal(await count({ kind: 'equals', column: 'owner', values: ['1', '99'] }), 2);
    // What no row can have comes from outside and finds none; the others are found all the same.
    for (const odd of ['x', '1.0', '', '99999999999', "1' or true", '-'])
      assert.equal(await count({ kind: 'equals', column: 'owner', values: [odd, '1'] }), 1, odd);
    assert.equal(await count({ kind: 'equals', column: 'owner', values: ['x'] }), 0);
    assert.equal(
      await count({
        kind: 'all',
        of: [
          { kind: 'equals', column: 'owner', values: ['1'] },
          { kind: 'older', clock: 'at', before: new Date('2020-01-01T23:59:59Z') },
        ],
      }),
      0,
      'a date is past when its day is',
    );
    assert.equal(await count({ kind: 'older', clock: 'at', before: new Date('2020-01-02') }), 4);
  });

  test('an estimate grows with what is due, and learns from what was measured', async () => {
    await product.client.query(
      `create table sized (id int primary key, at timestamptz, note text);
       insert into sized select i, case when i <= 20000 then timestamptz '2020-01-01' else '2027-01-01' end, repeat('x', 100)
         from generate_series(1, 40000) i; analyze sized`,
    );
    const target = targetOf('public.sized');
    const first = await product.system.estimate(target, older, noExclusion, 'at');
    assert.deepEqual([first.matching, first.exact], [20000, true]);
    assert.ok(first.seconds > 0 && first.walBytes > 20000 * 50, JSON.stringify(first));
    const done = await disposeAll(product.system, batchOf(target, older));
    assert.equal(done.disposed, 20000);
    const after = await product.system.estimate(target, older, noExclusion, 'at');
    assert.deepEqual([after.matching, after.seconds, after.walBytes], [0, 0, 0]);
  });

  test('VACUUM makes room reusable, and returns only what lies free at the end', async () => {
    await product.client.query(
      `create table roomy (id int primary key, at timestamptz, note text) with (autovacuum_enabled = off);
       insert into roomy select i, '2020-01-01', repeat('x', 200) from generate_series(1, 20000) i;
       insert into roomy values (0, '2027-01-01', 'last'); analyze roomy`,
    );
    const target = targetOf('public.roomy');
    await disposeAll(product.system, batchOf(target, older));
    const bytes = Number(await product.value(`select pg_relation_size('roomy')`));
    await sleep(50);
    const before = await product.system.probe(target, { kind: 'vacuumed' });
    const first = await product.system.reclaim(target);
    assert.equal(first.bytesReturned, 0);
    assert.ok(first.bytesReusable > bytes * 0.6 && first.bytesReusable <= bytes, `${first.bytesReusable} of ${bytes}`);
    const after = await product.system.probe(target, { kind: 'vacuumed' });
    assert.deepEqual([before.failing, after.failing], [20000, 0]);
    await product.client.query('delete from roomy');
    const second = await product.system.reclaim(target);
    assert.ok(second.bytesReturned > bytes * 0.9, String(second.bytesReturned));
  });

  test('an old snapshot and a waiting session are reasons to wait', async () => {
    await product.client.query(
      `create table busy (id int primary key, at timestamptz); insert into busy values (1, '2020-01-01'), (2, '2027-01-01')`,
    );
    await product.system.disposeBatch(batchOf(targetOf('public.busy'), older));
    assert.deepEqual(await product.system.pressure(), []);
    const [holder, waiter] = [new pg.Client(product.url), new pg.Client(product.url)];
    await Promise.all([holder.connect(), waiter.connect()]);
    await holder.query(
      'begin isolation level repeatable read; select from busy; lock table busy in access exclusive mode',
    );
    const waiting = waiter.query('select from busy');
    await sleep(400);
    const codes = (await product.system.pressure()).map(({ code }) => code);
    await holder.query('rollback');
    await waiting;
    await Promise.all([holder.end(), waiter.end()]);
    assert.deepEqual(codes.toSorted(), ['lock-waits', 'old-snapshot']);
    assert.deepEqual(await product.system.pressure(), []);
  });

  test('accounts are read as a stream, with the address of the owner from another table', async () => {
    await product.client.query(
      `create table clients (id uuid primary key default gen_random_uuid(), state text, ended_at timestamp);
       create table people (id int primary key, client uuid, email text, role text);
       insert into clients (state, ended_at) select case when i % 2 = 0 then 'active' else 'cancelled' end,
         case when i % 2 = 1 then timestamp '2026-03-01 12:00' end from generate_series(1, 2500) i;
       insert into people select row_number() over (), id, 'owner@' || left(id::text, 8) || '.example' from clients`,
    );
    const source = {
      table: 'public.clients',
      key: 'id',
      state: 'state',
      cancelledAt: 'ended_at',
      ownerEmail: { column: 'email', through: [{ table: 'public.people', from: 'id', to: 'client' }] },
    };
    const accounts: AccountRow[] = [];
    for await (const account of product.system.readAccounts(source)) accounts.push(account);
    assert.equal(accounts.length, 2500);
    const ended = accounts.filter(({ state }) => state === 'cancelled');
    assert.equal(ended.length, 1250);
    assert.deepEqual(ended[0]?.cancelledAt, new Date('2026-03-01T12:00:00Z'));
    assert.ok(accounts.every(({ account, ownerEmail }) => ownerEmail === `owner@${account.slice(0, 8)}.example`));
    for await (const _one of product.system.readAccounts(source)) break;
    assert.equal(
      await product.value(
        `select count(*)::int from pg_stat_activity where application_name = 'kept' and state like 'idle in%'`,
      ),
      0,
      'a reader that stops early leaves nothing open',
    );
  });

  test('paths of attachments come once each and in byte order', async () => {
    await product.client.query(
      `create table media (id int primary key, path text);
       insert into media values (1, 'b/é.jpg'), (2, 'b/z.jpg'), (3, 'B/a.jpg'), (4, null), (5, 'b.jpg'), (6, 'b.jpg'), (7, 'b/a')`,
    );
    const paths = await Array.fromAsync(
      product.system.readAttachmentPaths(targetOf('public.media'), { column: 'path', system: 'volume' }),
    );
    assert.deepEqual(paths, ['B/a.jpg', 'b.jpg', 'b/a', 'b/z.jpg', 'b/é.jpg']);
  });

  test('probes count what does not look as it should', async () => {
    const seal = (text: string) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', randomBytes(32), nonce);
      return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    };
    await product.client.query(
      'create table tokens (id int primary key, sealed text, raw bytea, account int, note text)',
    );
    const insert = (
      id: number,
      sealed: string | null,
      raw: Buffer | null,
      account: number | null,
      note: string | null,
    ) => product.client.query('insert into tokens values ($1, $2, $3, $4, $5)', [id, sealed, raw, account, note]);
    for (let id = 1; id <= 50; id += 1) {
      const bytes = seal('APP_USR-1234567890-token');
      await insert(id, `v1:${bytes.toString('base64')}`, bytes, 1, 'pedido entregue às 10:30, R$ 129,90, 20260101');
    }
    await insert(
      51,
      'APP_USR-7554410292-112019-d0a5c7b9-clear',
      Buffer.from('APP_USR-7554410292-112019-d0a5c7b9-clear'),
      2,
      'fale com ana@loja.example',
    );
    await insert(
      52,
      `v1:${Buffer.from('a plain token merely in base64 form').toString('base64')}`,
      null,
      null,
      'CPF 529.982.247-25',
    );
    await insert(53, null, null, null, 'liga +55 11 98888-7777');
    await insert(54, null, null, null, 'veio de 203.0.113.9');
    await insert(55, null, null, null, 'rede 203.0.113.0');
    await product.client.query('create table known (id int primary key); insert into known values (1)');
    const target = targetOf('public.tokens');
    const probe = product.system.probe;
    assert.deepEqual(await probe(target, { kind: 'encrypted-field', column: 'sealed', prefix: 'v1:' }), {
      examined: 52,
      failing: 2,
    });
    assert.deepEqual(await probe(target, { kind: 'encrypted-field', column: 'raw', prefix: null }), {
      examined: 51,
      failing: 1,
    });
    assert.deepEqual(
      await probe(target, { kind: 'reference-exists', column: 'account', table: 'public.known', to: 'id' }),
      { examined: 51, failing: 1 },
    );
    assert.deepEqual(await probe(target, { kind: 'no-identifiers', columns: ['note'] }), { examined: 55, failing: 4 });
  });

  test('who does not answer, or not to us, is named without the credential', async () => {
    const address = new URL(product.url);
    const wrong = (change: (url: URL) => void) => {
      const url = new URL(address.href);
      url.username = 'somebody';
      url.password = 'hunter2secret';
      change(url);
      return url.href;
    };
    const cases: readonly [string, RegExp][] = [
      ['postgresql://somebody:hunter2secret@127.0.0.1:1/product', /ECONNREFUSED/],
      [wrong((url) => url.searchParams.set('host', '/nowhere')), /ENOENT/],
      [wrong(() => {}), /28000|28P01/],
      [address.href.replace(/\/[^/?]+(?=\?|$)/, '/no_such_database'), /3D000/],
      ['mysql://somebody:hunter2secret@host/db', /no PostgreSQL connection URL/],
      ['postgresql://somebody:hunter2secret@[::1', /connection URL/],
    ];
    for (const [credential, message] of cases) {
      await assert.rejects(openSystem({ kind: 'postgres', name: 'product', credential }), (error) => {
        assert.ok(error instanceof SystemUnreachable, String(error));
        assert.match(error.message, message);
        assert.ok(error.remedy.length > 10);
        assert.doesNotMatch(
          `${error.message} ${error.remedy} ${String(error.cause)} ${error.stack}`,
          /hunter2|somebody/,
        );
        return true;
      });
    }
  });

  test('a session ended by the server is an unreachable system, and the next call connects anew', async () => {
    await product.client.query(
      `create table cut (id int primary key, at timestamptz); insert into cut values (1, '2020-01-01')`,
    );
    const end = `select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'kept' and datname = current_database()`;
    let lost = '';
    await assert.rejects(
      product.system.disposeBatch(
        batchOf(targetOf('public.cut'), older, {
          beforeCommit: async (id) => {
            lost = String(id);
            await product.client.query(end);
            await sleep(50);
          },
        }),
      ),
      (error) => error instanceof SystemUnreachable,
    );
    assert.equal(await product.system.outcomeOf(lost), 'aborted');
    assert.equal((await disposeAll(product.system, batchOf(targetOf('public.cut'), older))).disposed, 1);
  });
});
