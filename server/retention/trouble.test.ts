import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { randomName } from '../platform/test-cluster.ts';
import type { Run } from './contract.ts';
import { driveRun } from './drive-run.ts';
import { getRun } from './show-run.ts';
import {
  addAccount,
  datasets,
  daysAgo,
  fill,
  openTestOrganisation,
  promises,
  type TestOrganisation,
} from './test-organisation.ts';

describe('when a store is not as it should be', () => {
  let foz: TestOrganisation;
  const role = randomName('kept_role');
  before(async () => {
    foz = await openTestOrganisation();
    await fill(foz);
    await foz.product.query(`create role ${role} login password 'secret'`);
    await foz.product.query(`grant all on all tables in schema public to ${role}`);
    await foz.publish();
    await foz.approve();
  });
  after(async () => {
    await foz.product.query(`drop owned by ${role}`);
    await foz.product.query(`drop role ${role}`);
    await foz.close();
  });

  const overdue = (first: number) =>
    foz.product.query(`insert into webhook select $1::bigint + n, 'a', 'late', $2 from generate_series(1, 10) as n`, [
      first,
      daysAgo(40),
    ]);
  const left = () => foz.count('select count(*) from webhook where received_at < $1', daysAgo(30));
  const step = (run: Run, dataset: string) => run.steps.find((each) => each.dataset === dataset);
  const useCredential = (url: string): void =>
    writeFileSync(foz.secrets, JSON.stringify({ crm: url, media: foz.media, logs: foz.logs }));
  /** Drives a run on as its task would when its time to try again has come. */
  async function again(run: Run): Promise<Run> {
    await driveRun(foz.platform, foz.organisationId, run.id);
    return foz.transaction((tx) => getRun(tx, run.id));
  }

  test('a database that does not answer: the run waits with the reason, the board is unproven, the rest goes on', async () => {
    await overdue(10_000);
    foz.writeFile(foz.logs, 'app-old.log', daysAgo(120));
    useCredential('postgresql://postgres@127.0.0.1:1/gone');
    const run = await foz.run();
    assert.equal(run.state, 'waiting');
    assert.deepEqual([step(run, 'webhook-log')?.state, step(run, 'application-logs')?.state], ['blocked', 'done']);
    assert.equal(existsSync(join(foz.logs, 'app-old.log')), false);
    const proof = await foz.prove('webhooks-30-days');
    assert.deepEqual([proof.status, proof.reason?.code], ['unproven', 'system-unreachable']);
    useCredential(foz.productUrl);
    assert.equal((await again(run)).state, 'finished');
    assert.equal(await left(), 0);
    assert.equal((await foz.prove('webhooks-30-days')).status, 'kept');
  });

  test('a credential that nobody set is named with the variable to set', async () => {
    writeFileSync(foz.secrets, JSON.stringify({ media: foz.media, logs: foz.logs }));
    const plan = await foz.plan(['webhooks-30-days']);
    assert.match(plan.steps[0]?.obstacles[0]?.remedy ?? '', /KEPT_SECRET_CRM/);
    useCredential(foz.productUrl);
  });

  test('a permission that was revoked: clear words, nothing lost, and it goes on when it is granted again', async () => {
    await overdue(20_000);
    const url = new URL(foz.productUrl);
    url.username = role;
    url.password = 'secret';
    useCredential(url.href);
    await foz.product.query(`revoke delete on webhook from ${role}`);
    const run = await foz.run();
    assert.deepEqual([run.state, step(run, 'webhook-log')?.state], ['waiting', 'blocked']);
    assert.match(step(run, 'webhook-log')?.reason ?? '', /delete/i);
    assert.equal(await left(), 10);
    const proof = await foz.prove('webhooks-30-days');
    assert.deepEqual([proof.status, proof.reason?.code], ['broken', 'disposal-waits']);
    await foz.product.query(`grant delete on webhook to ${role}`);
    await again(run);
    assert.equal(await left(), 0);
    useCredential(foz.productUrl);
  });

  test('rows hidden by row-level security are an error, never a false zero', async () => {
    await overdue(25_000);
    const url = new URL(foz.productUrl);
    url.username = role;
    url.password = 'secret';
    useCredential(url.href);
    await foz.product.query('alter table webhook enable row level security');
    const proof = await foz.prove('webhooks-30-days');
    assert.deepEqual([proof.status, proof.reason?.code], ['unproven', 'system-refused']);
    await foz.product.query('alter table webhook disable row level security');
    useCredential(foz.productUrl);
    await foz.run();
    assert.equal(await left(), 0);
  });

  test('a connection that is lost in the middle of a batch is made again, and each row is counted once', async () => {
    await foz.product.query(
      `insert into webhook select 30000 + n, 'a', repeat('x', 200), $1 from generate_series(1, 40) as n`,
      [daysAgo(40)],
    );
    const rival = new pg.Client({ connectionString: foz.productUrl });
    await rival.connect();
    await rival.query('begin');
    await rival.query('select from webhook where id = 30001 for update');
    const running = foz.run();
    for (;;) {
      const { rowCount } = await foz.product.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like 'delete from%'`,
      );
      if ((rowCount ?? 0) > 0) break;
    }
    await rival.query('rollback');
    await rival.end();
    const run = await running;
    const after = run.state === 'finished' ? run : await again(run);
    assert.deepEqual([after.state, await left()], ['finished', 0]);
    assert.equal(step(after, 'webhook-log')?.disposed, 40);
    assert.equal(step(after, 'webhook-log')?.disposedAtMost, 40);
  });

  test('a column that is missing is an obstacle with the nearest names, and the plan cannot be approved', async () => {
    await foz.product.query('alter table webhook rename column received_at to receipt_at');
    const plan = await foz.plan(['webhooks-30-days']);
    const [obstacle] = plan.steps[0]?.obstacles ?? [];
    assert.equal(obstacle?.code, 'missing-column');
    assert.ok(obstacle?.nearest.includes('receipt_at'));
    const run = await foz.run();
    assert.equal(step(run, 'webhook-log')?.state, 'blocked');
    assert.equal((await foz.prove('webhooks-30-days')).status, 'unproven');
    await foz.product.query('alter table webhook rename column receipt_at to received_at');
    assert.equal((await again(run)).state, 'finished');
  });

  test('a foreign key without an index is refused before anything begins', async () => {
    await foz.product.query('create table webhook_try (id bigint, webhook_id bigint references webhook)');
    const plan = await foz.plan(['webhooks-30-days']);
    assert.equal(plan.steps[0]?.obstacles[0]?.code, 'unindexed-foreign-key');
    assert.match(plan.steps[0]?.obstacles[0]?.remedy ?? '', /index/i);
    await foz.product.query('drop table webhook_try');
  });

  test('a row stays if its file could not go, and goes when the file can', async () => {
    await addAccount(foz, 'stuck', 900, daysAgo(60));
    // A directory of the same name cannot be removed as a file.
    rmSync(join(foz.media, 'stuck/photo.jpg'));
    mkdirSync(join(foz.media, 'stuck/photo.jpg'));
    await foz.run();
    assert.equal(await foz.count('select count(*) from attachment where id = 900'), 1);
    assert.equal(await foz.count('select count(*) from message where id = 901'), 1, 'and so does its message');
    assert.equal(await foz.count(`select count(*) from message where account_id = 'stuck'`), 1);
    assert.equal((await foz.prove('contract-end')).status, 'broken');
    rmSync(join(foz.media, 'stuck/photo.jpg'), { recursive: true });
    await foz.run();
    assert.equal(await foz.count(`select count(*) from message where account_id = 'stuck'`), 0);
    assert.equal((await foz.prove('contract-end')).status, 'kept');
  });

  test('a volume that is away keeps every row whose file is on it', async () => {
    await addAccount(foz, 'away', 1000, daysAgo(60));
    writeFileSync(foz.secrets, JSON.stringify({ crm: foz.productUrl, media: `${foz.media}-gone`, logs: foz.logs }));
    await foz.run();
    assert.equal(await foz.count('select count(*) from attachment where id = 1000'), 1);
    useCredential(foz.productUrl);
    await foz.driveAll();
    assert.equal(await foz.count('select count(*) from attachment where id = 1000'), 0);
    assert.equal(existsSync(join(foz.media, 'away/photo.jpg')), false);
  });

  test('two promises over one dataset: a row goes when the statutory one is over, too', async () => {
    const invoices = { ...datasets['invoices'], covers: ['invoice', 'lead'] };
    const both = {
      ...promises,
      'leads-anonymised': { keep: { data: 'lead', for: 'P1Y', from: 'issued', then: 'delete' } },
    };
    const { leads: _leads, ...others } = datasets;
    await foz.publish({ promises: both, datasets: { ...others, invoices } });
    const plan = await foz.plan(['leads-anonymised']);
    const mine = plan.steps.find(({ dataset }) => dataset === 'invoices');
    const older = await foz.count('select count(*) from invoice where issued_at < $1', daysAgo(365));
    assert.ok(older > 0);
    assert.deepEqual([mine?.rows, mine?.excepted], [0, older]);
    await foz.publish();
  });
});
