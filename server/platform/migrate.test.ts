import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Failure } from './failure.ts';
import { type Migration, migrate, readMigrations, splitStatements } from './migrate.ts';
import { administer, randomName, testCluster, withDatabase } from './test-cluster.ts';

const clusterUrl = await testCluster();
const made: string[] = [];
async function newDatabase(owner?: string): Promise<string> {
  const name = randomName('kept_test');
  await administer(clusterUrl, [
    `create database ${name} template template0 encoding 'UTF8' ${owner === undefined ? '' : `owner ${owner}`}`,
  ]);
  made.push(name);
  return withDatabase(clusterUrl, name);
}
const login = randomName('kept_login');
before(() => administer(clusterUrl, [`create role ${login} login createrole password 'test'`]));
after(async () => {
  await administer(
    clusterUrl,
    made.map((name) => `drop database if exists ${name} with (force)`),
  );
  await administer(clusterUrl, [`drop owned by ${login}`, `drop role ${login}`]);
});

const extra = (number: number, ...statements: string[]): Migration => ({
  number,
  name: 'extra',
  checksum: statements.join(),
  statements,
});
const codeOf = (code: string) => (error: unknown) => error instanceof Failure && error.code === code;

test('statements end at the end of a line, comments and bodies apart', () => {
  const text =
    "-- a comment;\ncreate table a (b text default ';');\ndo $$\nbegin\n  perform 1;\nend $$;\n\nselect 1; -- why\n";
  assert.deepEqual(splitStatements(text), [
    "create table a (b text default ';');",
    'do $$\nbegin\n  perform 1;\nend $$;',
    'select 1; -- why',
  ]);
});

test('two that start at once migrate once, and a second start changes nothing', async () => {
  const url = await newDatabase();
  await Promise.all([migrate(url), migrate(url)]);
  await migrate(url);
  await administer(url, ['do $$ begin assert (select count(*) from platform.migration) > 0; end $$']);
});

test('a migration that fails leaves nothing of itself, and is named', async () => {
  const url = await newDatabase();
  const migrations = [...readMigrations(), extra(9001, 'create schema half_done', 'create table nonsense')];
  await assert.rejects(
    migrate(url, migrations),
    (error) => codeOf('migration-failed')(error) && /9001 \(extra\)/.test(String(error)),
  );
  await administer(url, ["do $$ begin assert to_regnamespace('half_done') is null; end $$"]);
  await migrate(url);
});

test('a migration that was changed afterwards, or that only a newer version knows, is refused', async () => {
  const url = await newDatabase();
  await migrate(url, [...readMigrations(), extra(9001, 'select 1')]);
  await assert.rejects(migrate(url, [...readMigrations(), extra(9001, 'select 2')]), codeOf('migration-changed'));
  await assert.rejects(migrate(url), codeOf('migration-unknown'));
});

test('a login that is no superuser but may create roles is enough, where it may act as ours', async () => {
  await administer(
    clusterUrl,
    ['kept_app', 'kept_sequencer', 'kept_pruner'].map((role) => `grant ${role} to ${login}`),
  );
  const address = new URL(await newDatabase(login));
  address.username = login;
  address.password = 'test';
  await migrate(address.href);
  await administer(address.href, [
    'set role kept_app',
    'select count(*) from access.organisation',
    'select count(*) from queue.queue',
  ]);
});

test('a login that may not act as ours is told what an administrator does about it', async () => {
  const stranger = randomName('kept_login');
  await administer(clusterUrl, [`create role ${stranger} login password 'test'`]);
  const address = new URL(await newDatabase(stranger));
  address.username = stranger;
  address.password = 'test';
  await assert.rejects(migrate(address.href), /grant kept_app to/);
  await administer(withDatabase(clusterUrl, address.pathname.slice(1)), [`drop owned by ${stranger} cascade`]);
  await administer(clusterUrl, [`drop database ${address.pathname.slice(1)} with (force)`, `drop role ${stranger}`]);
});

test('a database that cannot be reached is a failure, not a crash', async () => {
  await assert.rejects(migrate('postgresql://nobody@127.0.0.1:1/none'), codeOf('database-unavailable'));
});
