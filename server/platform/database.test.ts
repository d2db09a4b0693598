import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sql } from 'kysely';
import { fixedClock } from './clock.ts';
import type { Lookup } from './database.ts';
import { Failure } from './failure.ts';
import { administer } from './test-cluster.ts';
import { openTestPlatform } from './test-database.ts';

const at = '2026-11-20T12:00:00.000Z';
const { platform, newOrganisation, adminUrl, openAnother, close } = await openTestPlatform({ clock: fixedClock(at) });
const database = platform.db;
after(close);

test('a transaction acts as the application, for one organisation, at the clock of its start', async () => {
  const organisationId = await newOrganisation();
  const seen = await database.transaction(organisationId, async (tx) => {
    const { rows } = await sql<{ role: string; organisation: string }>`
      select current_user as role, current_setting('app.organisation_id') as organisation`.execute(tx.db);
    return { ...rows[0], at: tx.at.toISOString() };
  });
  assert.deepEqual(seen, { role: 'kept_app', organisation: organisationId, at });
});

test('what every request asks is prepared, sees the present, and nothing of an organisation', async () => {
  const organisationId = await newOrganisation();
  const byId: Lookup<{ name: string }> = {
    name: 'test.name',
    build: (db) => db.selectFrom('access.organisation').select('name').where('id', '=', 'any'),
  };
  const look = async () => (await database.look(byId, [organisationId]))[0]?.name;
  assert.match((await look()) ?? '', /^Organisation/);
  await database.globalTransaction(({ db }) =>
    db.updateTable('access.organisation').set({ name: 'changed' }).where('id', '=', organisationId).execute(),
  );
  assert.equal(await look(), 'changed');
  await database.transaction(organisationId, (tx) =>
    tx.db
      .insertInto('access.invitation')
      .values({
        organisation_id: organisationId,
        id: organisationId,
        email: 'a@example.com',
        role: 'agent',
        invited_by: organisationId,
        created_at: tx.at,
        expires_at: tx.at,
      })
      .execute(),
  );
  const everything: Lookup<{ id: string }> = {
    name: 'test.invitations',
    build: (db) => db.selectFrom('access.invitation').select('id'),
  };
  assert.deepEqual(await database.look(everything, []), []);
});

test('neither the organisation nor a special role outlives its transaction', async () => {
  const organisationId = await newOrganisation();
  const special = await database.transaction(organisationId, (tx) => whoAndWhere(tx.db), { role: 'kept_pruner' });
  assert.deepEqual(special, { role: 'kept_pruner', organisation: organisationId });
  const seen = await Promise.all(
    Array.from({ length: 20 }, () => database.globalTransaction(({ db }) => whoAndWhere(db))),
  );
  for (const one of seen) assert.deepEqual(one, { role: 'kept_app', organisation: '' });
});

test('what fails is rolled back, and the error comes out as it was', async () => {
  const organisationId = await newOrganisation();
  const broken = new Error('broken');
  await assert.rejects(
    database.transaction(organisationId, async ({ db }) => {
      await db.updateTable('access.organisation').set({ name: 'changed' }).where('id', '=', organisationId).execute();
      throw broken;
    }),
    broken,
  );
  const name = await database.globalTransaction(({ db }) =>
    db.selectFrom('access.organisation').select('name').where('id', '=', organisationId).executeTakeFirstOrThrow(),
  );
  assert.notEqual(name.name, 'changed');
});

test('a lost connection is a failure that says so, and the next transaction works', async () => {
  const organisationId = await newOrganisation();
  const lost = database.transaction(organisationId, async ({ db }) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    await administer(adminUrl, [`select pg_terminate_backend(${rows[0]?.pid})`]);
    await sql`select 1`.execute(db);
  });
  await assert.rejects(lost, (error) => error instanceof Failure && error.code === 'database-unavailable');
  await database.transaction(organisationId, ({ db }) => sql`select 1`.execute(db));
});

test('a civil date stays the date it is', async () => {
  const { rows } = await database.globalTransaction(({ db }) =>
    sql<{ on: string }>`select date '2026-03-29' as "on"`.execute(db),
  );
  assert.equal(rows[0]?.on, '2026-03-29');
});

test('an exclusive lock waits for shared ones, in the order of asking', async () => {
  const order: string[] = [];
  const first = await database.lock('order', 'shared');
  const second = await database.lock('order', 'shared');
  const exclusive = database.lock('order', 'exclusive').then(async (lock) => {
    order.push('exclusive');
    await lock.release();
  });
  const late = database.lock('order', 'shared').then(async (lock) => {
    order.push('late');
    await lock.release();
  });
  assert.equal(await database.tryLock('order'), null);
  await first.release();
  await second.release();
  await Promise.all([exclusive, late]);
  assert.deepEqual(order, ['exclusive', 'late']);
});

test('a lock holds against another process, and falls when its connection dies', async () => {
  const other = (await openAnother()).db;
  const mine = await database.lock('shared between processes', 'exclusive');
  assert.equal(await other.tryLock('shared between processes'), null);
  const lost = new Promise((resolve) => mine.signal.addEventListener('abort', resolve));
  await administer(adminUrl, [
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted",
  ]);
  await lost;
  const theirs = await other.tryLock('shared between processes');
  assert.ok(theirs !== null);
  await theirs.release();
  await mine.release();
});

test('two hundred waiters of one lock pass one at a time', async () => {
  let inside = 0;
  let most = 0;
  const enter = async () => {
    const lock = await database.lock('crowded', 'exclusive');
    inside += 1;
    most = Math.max(most, inside);
    await database.ping();
    inside -= 1;
    await lock.release();
  };
  await Promise.all(Array.from({ length: 200 }, enter));
  assert.equal(most, 1);
});

async function whoAndWhere(db: Parameters<Parameters<typeof database.globalTransaction>[0]>[0]['db']) {
  const { rows } = await sql<{ role: string; organisation: string | null }>`
    select current_user as role, coalesce(current_setting('app.organisation_id', true), '') as organisation`.execute(
    db,
  );
  return rows[0];
}
