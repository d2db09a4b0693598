import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Failure } from '../platform/failure.ts';
import type { Run, RunStep } from './contract.ts';
import { approvePlan, rejectPlan } from './decide-plan.ts';
import { planDisposal } from './plan-disposal.ts';
import { listUnfinishedRuns } from './run-store.ts';
import { daysAgo, fill, openTestOrganisation, owner, promises, type TestOrganisation } from './test-organisation.ts';

describe('disposal on real stores', () => {
  let foz: TestOrganisation;
  before(async () => {
    foz = await openTestOrganisation();
    await fill(foz);
    await foz.publish();
  });
  after(() => foz.close());

  test('a plan touches nothing and tells counts, order, path, share and brake', async () => {
    const plan = await foz.plan();
    assert.equal(plan.state, 'awaiting-approval');
    const step = (promise: string, dataset: string) => {
      const found = plan.steps.find((each) => each.promise === promise && each.dataset === dataset);
      assert.ok(found, `${promise} on ${dataset} is not planned`);
      return found;
    };
    const webhooks = step('webhooks-30-days', 'webhook-log');
    assert.deepEqual([webhooks.rows, webhooks.share, webhooks.path], [300, 0.5, 'tid-range']);
    assert.match(webhooks.brake ?? '', /50 % of the dataset/);
    assert.equal(webhooks.cutoffAt, daysAgo(30).toISOString());
    assert.equal(step('audit-two-years', 'audit-log').path, 'partition');
    assert.equal(step('logs-90-days', 'application-logs').rows, 2);
    // Account `e` is past its grace: what would go of it is seen before anybody approves it.
    assert.equal(step('contract-end', 'messages').rows, 4);
    assert.equal(step('contract-end', 'accounts').rows, 1);
    const positions = (dataset: string) => step('contract-end', dataset).position;
    const order = ['attachments', 'messages', 'contacts', 'accounts'].map(positions);
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.equal(
      plan.rows,
      plan.steps.reduce((sum, each) => sum + each.rows, 0),
    );
    assert.equal(await foz.count('select count(*) from webhook'), 600);
  });

  test('nothing of an unapproved rule goes, not even at a person’s word', async () => {
    const run = await foz.run();
    assert.equal(run.state, 'finished');
    assert.ok(run.steps.length > 0 && run.steps.every((step) => step.state === 'skipped'));
    assert.equal(await foz.count('select count(*) from webhook'), 600);
  });

  test('a rejected plan stays rejected and approves nothing', async () => {
    const plan = await foz.plan();
    await foz.transaction((tx) => rejectPlan(tx, plan.id, 'Not today', owner));
    await assert.rejects(
      foz.transaction((tx) => approvePlan(foz.platform, tx, plan.id, plan.rows, owner)),
      { code: 'plan-not-awaiting' },
    );
  });

  test('an approval is of the rows that were seen', async () => {
    const plan = await foz.plan();
    await assert.rejects(
      foz.transaction((tx) => approvePlan(foz.platform, tx, plan.id, plan.rows + 1, owner)),
      { code: 'plan-rows-differ' },
    );
    assert.deepEqual(await foz.transaction(listUnfinishedRuns), []);
  });

  test('“what would go on date D” is a draft that cannot be approved', async () => {
    const at = daysAgo(-40);
    const draft = await planDisposal(foz.platform, foz.organisationId, { at, by: owner });
    assert.equal(draft.state, 'draft');
    // In forty days all of the log is past, and the account that is in grace now is not any more.
    const rows = (dataset: string, promise: string) =>
      draft.steps.find((each) => each.dataset === dataset && each.promise === promise)?.rows;
    assert.equal(rows('webhook-log', 'webhooks-30-days'), 600);
    assert.equal(rows('accounts', 'contract-end'), 2);
    await assert.rejects(
      foz.transaction((tx) => approvePlan(foz.platform, tx, draft.id, draft.rows, owner)),
      { code: 'plan-not-awaiting' },
    );
  });

  test('an approved plan runs once, takes exactly what it showed, and counts to zero afterwards', async () => {
    const run = await foz.approve();
    assert.equal(run.state, 'finished');
    const done = (dataset: string, promise: string): RunStep => stepOf(run, dataset, promise);
    for (const step of run.steps) assert.deepEqual([step.state, step.remaining], ['done', 0], step.dataset);
    const webhooks = done('webhook-log', 'webhooks-30-days');
    assert.deepEqual([webhooks.expected, webhooks.disposed, webhooks.disposedAtMost], [300, 300, 300]);
    assert.notEqual(webhooks.bytesReusable, null);
    assert.equal(await foz.count('select count(*) from webhook'), 300);
    assert.equal(await foz.count('select count(*) from webhook where received_at < $1', daysAgo(30)), 0);
    // Of each account one invoice is older than five years; the account `e` has gone, its invoices stay.
    assert.equal(await foz.count('select count(*) from invoice'), 15);
    assert.deepEqual(readdirSync(foz.logs).sort(), ['app-1.log', 'app-30.log']);
  });

  test('a partition that is wholly past goes as a whole, and the report counts its rows', async () => {
    const runs = await foz.test.platform.db.transaction(foz.organisationId, async (tx) =>
      tx.db.selectFrom('retention.run_step').selectAll().where('dataset', '=', 'audit-log').execute(),
    );
    const step = runs.find((each) => each.path === 'partition' && Number(each.disposed) > 0);
    assert.equal(Number(step?.disposed), 3);
    assert.equal(await foz.count(`select count(*) from pg_class where relname = 'audit_2024_09'`), 0);
    assert.equal(await foz.count(`select count(*) from pg_class where relname = 'audit_2024_11'`), 1);
    assert.equal(await foz.count('select count(*) from audit_log'), 6);
  });

  test('anonymised rows keep nothing that identifies, and are not done twice', async () => {
    assert.equal(await foz.count('select count(*) from lead where anonymised_at is not null'), 11);
    const telling = `name is not null or email not like 'kh1\\_%' or phone = '+55 11 9' || id`;
    assert.equal(await foz.count(`select count(*) from lead where anonymised_at is not null and (${telling})`), 0);
    const before = await foz.product.query('select id, email, phone from lead order by id');
    const run = await foz.run();
    assert.equal(stepOf(run, 'leads', 'leads-anonymised').disposed, 0);
    assert.deepEqual((await foz.product.query('select id, email, phone from lead order by id')).rows, before.rows);
    const key = join(foz.platform.config.dataDirectory, 'anonymisation', `${foz.organisationId}.key`);
    assert.ok(existsSync(key));
  });

  test('the next run finds nothing to do, and says so from a count', async () => {
    const run = await foz.run();
    assert.equal(run.disposed, 0);
    for (const step of run.steps) assert.equal(step.remaining, 0);
  });

  test('a changed rule waits for a person again', async () => {
    const changed = { keep: { data: 'webhook-log', for: 'P10D', from: 'received', then: 'delete' } };
    await foz.publish({ promises: { ...promises, 'webhooks-30-days': changed } });
    const run = await foz.run();
    assert.equal(stepOf(run, 'webhook-log', 'webhooks-30-days').state, 'skipped');
    assert.equal(await foz.count('select count(*) from webhook'), 300);
    await foz.approve();
    assert.equal(await foz.count('select count(*) from webhook'), 100);
    await foz.publish();
  });

  test('what goes with a row goes before it: by the row’s own age, its file first', async () => {
    const oneYear = { keep: { data: 'message', for: 'P1Y', from: 'sent', then: 'delete' } };
    await foz.publish({ promises: { ...promises, 'messages-one-year': oneYear } });
    // Messages 101 (with the file) and 102 of the active account are two years old, 103 is a day old.
    await foz.product.query(`update message set sent_at = $1 where id in (101, 102)`, [daysAgo(730)]);
    await foz.product.query(`update message set sent_at = $1 where id = 103`, [daysAgo(1)]);
    await foz.product.query(`insert into attachment values (190, 103, 'a/young.jpg')`);
    foz.writeFile(foz.media, 'a/young.jpg', daysAgo(1));
    const run = await foz.approve();
    assert.equal(run.state, 'finished');
    assert.deepEqual((await foz.product.query(`select id from message where account_id = 'a' order by id`)).rows, [
      { id: '103' },
      { id: '104' },
    ]);
    assert.deepEqual((await foz.product.query(`select id from attachment where message_id < 200`)).rows, [
      { id: '190' },
    ]);
    assert.deepEqual(readdirSync(join(foz.media, 'a')), ['young.jpg']);
    assert.equal((await foz.prove('files-with-message')).status, 'kept');
    await foz.publish();
  });

  test('a promise whose data has no dataset is refused with the nearest names', async () => {
    await assert.rejects(
      planDisposal(foz.platform, foz.organisationId, { by: owner, promises: ['webhook-30-days'] }),
      (error) => error instanceof Failure && error.code === 'plan-refused' && /webhooks-30-days/.test(error.message),
    );
  });

  test('every batch that did something has its ledger entry, and every run its report', async () => {
    const entries = await foz.transaction((tx) =>
      tx.db.selectFrom('ledger.pending').select(['kind', 'leaf']).execute(),
    );
    const batches = await foz.transaction((tx) =>
      tx.db
        .selectFrom('retention.batch')
        .select('id')
        .where('state', '=', 'committed')
        .where('disposed_exact', 'is not', null)
        .execute(),
    );
    assert.ok(batches.length > 5);
    assert.equal(entries.filter(({ kind }) => kind === 'disposal.batch').length, batches.length);
    assert.ok(entries.every(({ leaf }) => !leaf.includes('@')));
    const finished = await foz.transaction((tx) =>
      tx.db.selectFrom('retention.run').select('entry_id').where('state', '=', 'finished').execute(),
    );
    assert.ok(finished.every(({ entry_id }) => entry_id !== null));
  });
});

function stepOf(run: Run, dataset: string, promise: string): RunStep {
  const step = run.steps.find((each) => each.dataset === dataset && each.promise === promise);
  assert.ok(step, `${promise} on ${dataset} is no step of the run`);
  return step;
}
