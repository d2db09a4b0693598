import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { z } from 'zod';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { Failure } from './failure.ts';
import { findPostmaster } from './postmaster.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-embedded-'));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
let count = 0;
const newDirectory = () => {
  count += 1;
  return join(folder, `d${count}`);
};

async function ask<T extends pg.QueryResultRow>(url: string, statement: string): Promise<T[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function hold(directory: string): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(join(import.meta.dirname, 'test-postgres-process.ts'), [directory]);
  const message = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return { child, url: z.object({ url: z.string() }).parse(message).url };
}

test('it listens on a private Unix socket only, sorts like production and keeps its data between starts', async () => {
  const dataDirectory = newDirectory();
  const first = await startEmbeddedPostgres({ dataDirectory });
  const settings = await ask<{ setting: string }>(
    first.url('postgres'),
    "select setting from pg_settings where name in ('listen_addresses', 'fsync') order by name",
  );
  assert.deepEqual(
    settings.map((row) => row.setting),
    ['on', ''],
  );
  const locale = await ask(first.url('postgres'), 'select datlocprovider, datlocale from pg_database where oid = 1');
  assert.deepEqual(locale, [{ datlocprovider: 'b', datlocale: 'C.UTF-8' }]);
  assert.equal(statSync(first.socketDirectory).mode & 0o777, 0o700);
  await ask(first.url('postgres'), 'create table kept as select 42 as answer');
  await first.stop();
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDirectory });
  assert.deepEqual(await ask(second.url('postgres'), 'select answer from kept'), [{ answer: 42 }]);
  await second.stop();
  assert.equal(findPostmaster(join(dataDirectory, 'cluster')), null);
});

test('a process that is killed leaves no database behind, and nothing acknowledged is lost', async () => {
  const directory = newDirectory();
  const { child, url } = await hold(directory);
  await ask(url, 'create table kept (n int); insert into kept values (7)');
  child.kill('SIGKILL');
  const started = performance.now();
  while (findPostmaster(join(directory, 'cluster')) !== null) {
    assert.ok(performance.now() - started < 10_000, 'the database survived its process');
    await sleep(20);
  }
  const next = await startEmbeddedPostgres({ dataDirectory: directory });
  assert.deepEqual(await ask(next.url('postgres'), 'select n from kept'), [{ n: 7 }]);
  await next.stop();
});

test('a second process on the same data is refused by name, and harms nothing', async () => {
  const directory = newDirectory();
  const { child, url } = await hold(directory);
  await assert.rejects(
    startEmbeddedPostgres({ dataDirectory: directory }),
    (error) =>
      error instanceof Failure &&
      error.code === 'embedded-postgres-in-use' &&
      error.message.includes(String(child.pid)),
  );
  assert.equal((await ask(url, 'select 1')).length, 1);
  child.kill('SIGKILL');
});

test('a killed database comes back by itself', async () => {
  const dataDirectory = newDirectory();
  const told: string[] = [];
  const postgres = await startEmbeddedPostgres({ dataDirectory, onTrouble: (sentence) => told.push(sentence) });
  await ask(postgres.url('postgres'), 'create table kept as select 1 as n');
  const pid = findPostmaster(join(dataDirectory, 'cluster'))?.pid;
  assert.ok(typeof pid === 'number');
  process.kill(pid, 'SIGKILL');
  const started = performance.now();
  while (told.length < 2 && performance.now() - started < 20_000) await sleep(20);
  assert.match(told.join(' '), /ended by SIGKILL.*is back/);
  assert.deepEqual(await ask(postgres.url('postgres'), 'select n from kept'), [{ n: 1 }]);
  await postgres.stop();
});

test('what an interrupted start or a reboot left behind is in nobody’s way', async () => {
  const dataDirectory = newDirectory();
  mkdirSync(join(dataDirectory, 'making-999999999-abc', 'base'), { recursive: true });
  const first = await startEmbeddedPostgres({ dataDirectory });
  assert.ok(!existsSync(join(dataDirectory, 'making-999999999-abc')));
  await first.stop();
  // The number of a process that lives, but is no PostgreSQL.
  writeFileSync(
    join(dataDirectory, 'cluster', 'postmaster.pid'),
    `${process.pid}\n${dataDirectory}/cluster\n1\n5432\n`,
  );
  const second = await startEmbeddedPostgres({ dataDirectory });
  assert.equal((await ask(second.url('postgres'), 'select 1')).length, 1);
  await second.stop();
});

test('a path too long for a socket gets one elsewhere, private, and gone afterwards', async () => {
  const dataDirectory = join(newDirectory(), 'long'.repeat(30));
  const postgres = await startEmbeddedPostgres({ dataDirectory });
  assert.ok(!postgres.socketDirectory.startsWith(dataDirectory));
  assert.equal(statSync(postgres.socketDirectory).mode & 0o777, 0o700);
  assert.equal((await ask(postgres.url('postgres'), 'select 1')).length, 1);
  await postgres.stop();
  assert.ok(!existsSync(postgres.socketDirectory));
});

test('a cluster of another version is refused with the remedy', async () => {
  const dataDirectory = newDirectory();
  mkdirSync(join(dataDirectory, 'cluster'), { recursive: true });
  writeFileSync(join(dataDirectory, 'cluster', 'PG_VERSION'), '17\n');
  await assert.rejects(startEmbeddedPostgres({ dataDirectory }), /made by PostgreSQL 17.*KEPT_DATA_DIR/s);
});

test('what cannot start says why', async () => {
  const dataDirectory = newDirectory();
  const first = await startEmbeddedPostgres({ dataDirectory });
  await first.stop();
  writeFileSync(join(dataDirectory, 'cluster', 'postgresql.conf'), 'no_such_setting = 1\n');
  await assert.rejects(startEmbeddedPostgres({ dataDirectory }), /no_such_setting/);
});

test('as root, data below a closed directory lives elsewhere, and begins again with its pointer', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('needs root');
  const closed = newDirectory();
  mkdirSync(closed, { mode: 0o700 });
  const dataDirectory = join(closed, 'data');
  const first = await startEmbeddedPostgres({ dataDirectory });
  const home = readFileSync(join(dataDirectory, 'location'), 'utf8').trim();
  assert.match(home, /^\/var\/lib\/kept\//);
  await ask(first.url('postgres'), 'create table kept as select 1 as n');
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDirectory });
  assert.deepEqual(await ask(second.url('postgres'), 'select n from kept'), [{ n: 1 }]);
  await second.stop();
  rmSync(dataDirectory, { recursive: true });
  const fresh = await startEmbeddedPostgres({ dataDirectory });
  assert.deepEqual(await ask(fresh.url('postgres'), "select to_regclass('kept') as there"), [{ there: null }]);
  assert.ok(!existsSync(home), 'what the removed directory pointed to is removed');
  await fresh.stop();
  rmSync(readFileSync(join(dataDirectory, 'location'), 'utf8').trim(), { recursive: true });
});
