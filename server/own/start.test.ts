import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { migrate } from '../platform/migrate.ts';
import { administer, startTestCluster, withDatabase } from '../platform/test-cluster.ts';
import { headOfPolicy } from '../policy/find-publication.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { lookAfter } from '../retention/look-after.ts';
import { listRuns } from '../retention/show-run.ts';
import { grantRights } from './grant-rights.ts';
import { readOwnPolicy } from './own-documents.ts';
import { publishOwn } from './publish-own.ts';
import { daysAgo, digest, type OwnServer, startOwnServer } from './test-own.ts';

const ends: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const end of ends) await end();
});

async function start(options: Parameters<typeof startOwnServer>[0] = {}): Promise<OwnServer> {
  const own = await startOwnServer(options);
  ends.unshift(() => own.close());
  return own;
}

async function cluster(): Promise<string> {
  const made = await startTestCluster();
  ends.push(() => made.stop());
  return made.adminUrl;
}

test('a database that does not let Kept see everything leaves promises unproven, with what to run', async () => {
  const own = await start({
    cluster: await cluster(),
    prepare: (url) => administer(url, ['alter role kept_disposer nobypassrls']),
  });
  const row = await own.prove('audit-details-twelve-months');
  assert.equal(row.status, 'unproven', JSON.stringify(row.reason));
  assert.equal(row.reason?.code, 'system-refused');
  assert.match(row.reason?.text.en ?? '', /row-level security|bypassrls/i);
  // Tables that are everybody's have no such wall.
  assert.equal((await own.prove('sessions-end')).status, 'kept');
  assert.equal(await own.count(`retention.plan where state = 'awaiting-approval'`), 1);
  await own.change('alter role kept_disposer bypassrls');
  await publishOwn(own.platform, own.organisationId);
  await own.platform.tasks.settled();
  assert.equal((await own.prove('audit-details-twelve-months')).status, 'kept');
});

test('a login that may not make such a role is told what an administrator has to run', async () => {
  const admin = await cluster();
  await administer(admin, [
    'create role keeper login createrole',
    `create database keeper owner keeper template template0 encoding 'UTF8'`,
  ]);
  const address = new URL(withDatabase(admin, 'keeper'));
  address.username = 'keeper';
  await migrate(address.href);
  const missing = await grantRights(address.href);
  assert.match(missing ?? '', /^alter role "kept_disposer" bypassrls; grant "kept_disposer" to "keeper";$/);
  await administer(admin, (missing ?? '').split(/(?<=;)\s*/));
  assert.equal(await grantRights(address.href), null);
  assert.equal(await grantRights(address.href), null, 'twice is as once');
});

test('after days without the server what ended by itself goes, and what has a period waits for a person', async () => {
  const own = await start();
  const person = randomUUID();
  await own.change(
    `insert into access.person (id, name, email, email_key, language, created_at) values ($1, 'Ana', 'a@example.org', 'a@example.org', 'en', $2)`,
    [person, daysAgo(30)],
  );
  await own.change(
    `insert into access.session (token_hash, id, person_id, methods, created_at, seen_at, idle_at, expires_at, device)
     values ($1, $2, $3, '{password}', $4, $4, $4, $4, 'Firefox on Linux')`,
    [digest(), randomUUID(), person, daysAgo(5)],
  );
  const entry = await own.act('access.viewed', { what: 'members' });
  await own.change('update access.audit_detail set at = $2 where entry_id = $1', [entry, daysAgo(400)]);
  await own.change('update retention.gate set looked_after_at = $2 where organisation_id = $1', [
    own.organisationId,
    daysAgo(5),
  ]);
  await lookAfter(own.platform, own.organisationId);
  await own.platform.tasks.settled({ timeoutMs: 60_000 });
  assert.equal(await own.count('access.session'), 0);
  assert.equal(await own.count('access.audit_detail where entry_id = $1', [entry]), 1);
  const [run] = await own.platform.db.transaction(own.organisationId, (tx) => listRuns(tx, undefined, 1));
  assert.equal(run?.state, 'waiting');
  assert.deepEqual(
    run?.steps.filter((step) => step.state === 'braked').map((step) => step.promise),
    ['audit-details-twelve-months'],
  );
});

test('what whoever runs the server has changed stays, at every start', async () => {
  const own = await start();
  const source = readOwnPolicy().replace('for: P12M', 'for: P6M');
  const { platform, organisationId, owner: actor } = own;
  await platform.db.transaction(organisationId, async (tx) =>
    publishPolicy(tx, { source, parent: await headOfPolicy(tx), actor }),
  );
  await publishOwn(platform, organisationId);
  const board = await own.board();
  assert.equal(board.version?.number, 2);
  const row = board.promises.find(({ promise }) => promise === 'audit-details-twelve-months');
  assert.equal(row?.period?.en, '6 months');
});

test('another organisation that promises a measure of the server itself has no proof of it', async () => {
  const own = await start();
  const elsewhere = await own.test.newOrganisation();
  await own.platform.db.transaction(elsewhere, (tx) =>
    publishPolicy(tx, { source: readOwnPolicy(), parent: null, actor: own.owner }),
  );
  for (const promise of ['least-privilege', 'account-deletion', 'acts-recorded']) {
    const row = await own.prove(promise, elsewhere);
    assert.deepEqual([row.status, row.reason?.code], ['unproven', 'servers-own'], promise);
  }
});
