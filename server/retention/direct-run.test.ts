import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import pg from 'pg';
import type { Id } from '../platform/contract.ts';
import type { Run } from './contract.ts';
import { pauseRun, releaseBrake, resumeRun, startRun } from './direct-run.ts';
import { driveRun } from './drive-run.ts';
import { lookAfter } from './look-after.ts';
import { getRun } from './show-run.ts';
import { restartDisposal, stopDisposal } from './stop-disposal.ts';
import {
  dayMs,
  daysAgo,
  fill,
  isBusy,
  now,
  openTestOrganisation,
  owner,
  type TestOrganisation,
} from './test-organisation.ts';

describe('a run that is held back', () => {
  let foz: TestOrganisation;
  before(async () => {
    foz = await openTestOrganisation();
    await fill(foz);
    await foz.publish();
    await refill();
    await foz.approve();
  });
  after(() => foz.close());
  beforeEach(() => refill());

  async function refill(): Promise<void> {
    await foz.product.query('delete from webhook');
    await foz.product.query(
      `insert into webhook select n, 'a', 'x', $1::timestamptz from generate_series(1, 2000) as n`,
      [daysAgo(31).toISOString()],
    );
    await foz.product.query(
      `insert into webhook select 100000 + n, 'a', 'young', $1::timestamptz from generate_series(1, 18000) as n`,
      [now.toISOString()],
    );
  }

  const overdue = () => foz.count('select count(*) from webhook where id <= 2000');
  const show = (run: Id<'Run'>): Promise<Run> => foz.transaction((tx) => getRun(tx, run));

  /** Starts a run and waits until it is busy with a batch that somebody else's lock keeps from its rows. */
  async function busyRun(): Promise<{ run: Id<'Run'>; driving: Promise<void>; letGo(): Promise<void> }> {
    const rival = new pg.Client({ connectionString: foz.productUrl });
    await rival.connect();
    await rival.query('begin');
    await rival.query('select from webhook where id = 10 for update');
    const run = await foz.transaction((tx) => startRun(foz.platform, tx, owner));
    const driving = driveRun(foz.platform, foz.organisationId, run);
    await isBusy(foz);
    const letGo = async (): Promise<void> => {
      await rival.query('rollback');
      await rival.end();
    };
    return { run, driving, letGo };
  }

  test('kept stop halts at once and says what is under way; restart lets it go on where it stood', async () => {
    const { run, driving, letGo } = await busyRun();
    const state = await foz.transaction((tx) => stopDisposal(tx, 'Something is wrong', owner));
    assert.deepEqual(
      state.running.map(({ run: id, dataset }) => [id, dataset]),
      [[run, 'webhook-log']],
    );
    await driving;
    await letGo();
    assert.deepEqual([(await show(run)).state, (await show(run)).reason], ['stopped', 'Something is wrong']);
    assert.equal(await overdue(), 2000);
    await driveRun(foz.platform, foz.organisationId, run);
    assert.equal(await overdue(), 2000, 'a run that is driven while all is stopped does nothing');
    await assert.rejects(
      foz.transaction((tx) => startRun(foz.platform, tx, owner)),
      { code: 'disposal-stopped' },
    );
    const proof = await foz.prove('webhooks-30-days');
    assert.equal(proof.reason?.code, 'disposal-stopped');
    await foz.transaction((tx) => restartDisposal(foz.platform, tx, owner));
    await foz.driveAll();
    assert.equal((await show(run)).state, 'finished');
    assert.equal(await overdue(), 0);
  });

  test('a person pauses a run after the batch in flight and resumes it', async () => {
    const { run, driving, letGo } = await busyRun();
    await foz.transaction((tx) => pauseRun(tx, run, owner));
    await driving;
    await letGo();
    assert.equal((await show(run)).state, 'paused');
    await foz.driveAll();
    assert.equal(await overdue(), 2000);
    await foz.transaction((tx) => resumeRun(foz.platform, tx, run, owner));
    await foz.driveAll();
    assert.deepEqual([(await show(run)).state, await overdue()], ['finished', 0]);
    await assert.rejects(
      foz.transaction((tx) => pauseRun(tx, run, owner)),
      { code: 'run-not-pausable' },
    );
  });

  test('two runs about everything are not begun at once, and two drivers of one run are one', async () => {
    const { run, driving, letGo } = await busyRun();
    await assert.rejects(
      foz.transaction((tx) => startRun(foz.platform, tx, owner)),
      { code: 'run-in-progress' },
    );
    const another = await foz.test.openAnother();
    await driveRun(another, foz.organisationId, run);
    assert.equal((await show(run)).state, 'running', 'the second driver took no notice');
    await letGo();
    await driving;
    assert.equal(await overdue(), 0);
  });

  test('a run that would take an unusual share waits for a person, who lets the rows go that they saw', async () => {
    await foz.product.query(`update webhook set received_at = $1 where id <= 106000`, [daysAgo(31)]);
    const braked = await foz.run();
    const step = braked.steps.find(({ dataset }) => dataset === 'webhook-log');
    assert.deepEqual([braked.state, step?.state, step?.expected], ['waiting', 'braked', 8000]);
    assert.match(braked.reason ?? '', /40 % of the dataset/);
    assert.equal((await foz.prove('webhooks-30-days')).reason?.code, 'disposal-waits');
    const position = step?.position ?? 0;
    const release = (rows: number) =>
      foz.transaction((tx) =>
        releaseBrake(foz.platform, tx, braked.id, position, { rows, reason: 'A known import', by: owner }),
      );
    await assert.rejects(release(7999), { code: 'step-not-braked' });
    assert.equal(await foz.count('select count(*) from webhook'), 20000);
    await release(8000);
    await foz.driveAll();
    assert.equal((await show(braked.id)).state, 'finished');
    assert.equal(await foz.count('select count(*) from webhook'), 12000);
  });

  test('a clock that jumps ahead hits the brake instead of deleting everything', async () => {
    await foz.transaction((tx) => startRun(foz.platform, tx, owner));
    await foz.driveAll();
    foz.clock.advance(400 * dayMs);
    await lookAfter(foz.platform, foz.organisationId);
    await foz.driveAll();
    assert.equal(await foz.count('select count(*) from webhook'), 18000);
    assert.equal(await foz.count('select count(*) from token'), 2);
    assert.equal(await foz.count(`select count(*) from account where id = 'g'`), 1, 'nor does a grace end');
    const runs = await foz.transaction((tx) =>
      tx.db.selectFrom('retention.run').selectAll().where('finished_at', 'is', null).execute(),
    );
    assert.deepEqual(
      runs.map((run) => [run.cause, run.state, run.is_cautious]),
      [['schedule', 'waiting', true]],
    );
    assert.match(runs[0]?.reason ?? '', /its clock has jumped ahead/);
    foz.clock.set(now);
  });

  test('a clock that went back begins nothing, and what was measured ahead proves nothing', async () => {
    await foz.transaction((tx) => startRun(foz.platform, tx, owner));
    await foz.driveAll();
    const runs = () =>
      foz.transaction((tx) => tx.db.selectFrom('retention.run').select('id').execute()).then((rows) => rows.length);
    const before = await runs();
    assert.equal((await foz.prove('logs-90-days')).status, 'kept');
    foz.clock.advance(-30 * dayMs);
    await lookAfter(foz.platform, foz.organisationId);
    assert.equal(await runs(), before);
    foz.clock.set(now);
  });
});
