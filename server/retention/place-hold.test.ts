import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import pg from 'pg';
import { newId } from '../platform/ids.ts';
import type { HoldTarget } from './contract.ts';
import { startRun } from './direct-run.ts';
import { rest } from './drive.ts';
import { driveRun, lockName } from './drive-run.ts';
import { placeHold, releaseHold } from './place-hold.ts';
import { listUnfinishedRuns } from './run-store.ts';
import { getRun } from './show-run.ts';
import {
  addAccount,
  daysAgo,
  fill,
  isBusy,
  now,
  openTestOrganisation,
  owner,
  type TestOrganisation,
} from './test-organisation.ts';

const reviewOn = '2027-01-31';
const never = new AbortController().signal;

describe('holds', () => {
  let foz: TestOrganisation;
  const hold = (target: HoldTarget) =>
    placeHold(foz.platform, foz.organisationId, { target, reason: 'A dispute', reviewOn, by: owner });
  const release = async (id: Parameters<typeof releaseHold>[2]) => {
    await releaseHold(foz.platform, foz.organisationId, id, 'Settled', owner);
    await foz.driveAll();
  };

  before(async () => {
    foz = await openTestOrganisation();
    await fill(foz);
    await foz.publish();
    // So that what follows is within ten times the habit.
    await refill();
    await foz.approve();
  });
  after(() => foz.close());
  beforeEach(() => refill());

  async function refill(): Promise<void> {
    await foz.product.query('delete from webhook');
    await foz.product.query(
      `insert into webhook select n, case when n % 2 = 0 then 'a' else 'g' end, repeat('x', 100), $1::timestamptz
         from generate_series(1, 20000) as n`,
      [daysAgo(31).toISOString()],
    );
    await foz.product.query(
      `insert into webhook select 100000 + n, 'a', 'young', $1::timestamptz from generate_series(1, 200000) as n`,
      [now.toISOString()],
    );
  }

  test('a hold on an account, a row set or a dataset keeps exactly its rows, and a release lets them go', async () => {
    const holds = [
      await hold({ kind: 'account', account: 'g' }),
      await hold({ kind: 'rows', dataset: 'webhook-log', keys: [['2'], ['19998']] }),
    ];
    const run = await foz.run();
    const step = run.steps.find((each) => each.dataset === 'webhook-log');
    assert.deepEqual([step?.disposed, step?.held, step?.remaining], [9998, 10002, 0]);
    assert.equal(await foz.count(`select count(*) from webhook where account_id = 'g'`), 10000);
    assert.equal(await foz.count(`select count(*) from webhook where id in (2, 19998)`), 2);
    for (const { id } of holds) await release(id);
    assert.equal(await foz.count('select count(*) from webhook where id <= 20000'), 0);
    const causes = await foz.transaction((tx) =>
      tx.db.selectFrom('retention.run').select('cause').where('cause', '=', 'hold-released').execute(),
    );
    assert.equal(causes.length, 2);
  });

  test('a hold on a whole dataset stops all of it', async () => {
    const { id } = await hold({ kind: 'dataset', dataset: 'webhook-log' });
    const run = await foz.run();
    assert.equal(run.steps.find((each) => each.dataset === 'webhook-log')?.held, 20000);
    assert.equal(await foz.count('select count(*) from webhook where id <= 20000'), 20000);
    await release(id);
  });

  test('a hold placed during a run stops the next batch', async (context) => {
    // Somebody else's lock on a row in the middle keeps the run busy with its batch, so that the order is certain.
    const rival = new pg.Client({ connectionString: foz.productUrl });
    await rival.connect();
    context.after(() => rival.end());
    await rival.query('begin');
    await rival.query('select from webhook where id = 10 for update');
    const run = await foz.transaction((tx) => startRun(foz.platform, tx, owner));
    const driving = driveRun(foz.platform, foz.organisationId, run);
    await isBusy(foz);
    const placed = await hold({ kind: 'rows', dataset: 'webhook-log', keys: [['11'], ['15000']] });
    assert.equal(await foz.count('select count(*) from webhook where id in (11, 15000)'), 2);
    await rival.query('rollback');
    await driving;
    assert.equal((await foz.transaction((tx) => getRun(tx, run))).state, 'finished');
    assert.equal(await foz.count('select count(*) from webhook where id <= 20000'), 2);
    await release(placed.id);
  });

  test('placing a hold answers only when the batch in flight has ended', async () => {
    const run = await foz.transaction((tx) => startRun(foz.platform, tx, owner));
    await foz.driveAll();
    // A batch of a run that another process drives, as the journal and the run's lock tell it.
    const lock = await foz.platform.db.tryLock(lockName(run));
    const id = newId<'Batch'>(now);
    await foz.transaction((tx) =>
      tx.db
        .insertInto('retention.batch')
        .values({
          organisation_id: foz.organisationId,
          id,
          run_id: run,
          position: 1,
          number: 99,
          dataset: 'webhook-log',
          system: 'crm',
          epoch: 1,
          state: 'open',
          opened_at: tx.at,
        })
        .execute(),
    );
    let answered = false;
    const placing = hold({ kind: 'account', account: 'a' }).then((placed) => {
      answered = true;
      return placed;
    });
    await rest(300, never);
    assert.equal(answered, false);
    await foz.transaction((tx) =>
      tx.db
        .updateTable('retention.batch')
        .set({ state: 'aborted', closed_at: tx.at })
        .where('organisation_id', '=', foz.organisationId)
        .where('id', '=', id)
        .execute(),
    );
    const placed = await placing;
    await lock?.release();
    await release(placed.id);
  });

  test('a batch whose process died is settled by its store, and does not keep a hold waiting for ever', async () => {
    const run = await foz.transaction((tx) => startRun(foz.platform, tx, owner));
    await foz.driveAll();
    await foz.transaction((tx) =>
      tx.db
        .insertInto('retention.batch')
        .values({
          organisation_id: foz.organisationId,
          id: newId<'Batch'>(now),
          run_id: run,
          position: 1,
          number: 99,
          dataset: 'webhook-log',
          system: 'crm',
          epoch: 1,
          state: 'open',
          opened_at: tx.at,
        })
        .execute(),
    );
    await release((await hold({ kind: 'account', account: 'a' })).id);
    const open = await foz.transaction((tx) =>
      tx.db.selectFrom('retention.batch').select('id').where('state', '=', 'open').execute(),
    );
    assert.deepEqual(open, []);
  });

  test('200 holds placed while disposal runs: no held row goes', async () => {
    const run = await foz.transaction((tx) => startRun(foz.platform, tx, owner));
    const driving = driveRun(foz.platform, foz.organisationId, run);
    const kept: string[] = [];
    const placed: Parameters<typeof releaseHold>[2][] = [];
    for (let number = 0; number < 200; number += 1) {
      const key = String(1 + ((number * 97) % 20000));
      const { id } = await hold({ kind: 'rows', dataset: 'webhook-log', keys: [[key]] });
      placed.push(id);
      // What is there when the answer comes stays; what went before the hold was too early for it.
      if ((await foz.count('select count(*) from webhook where id = $1', key)) === 1) kept.push(key);
    }
    await driving;
    assert.equal((await foz.transaction((tx) => getRun(tx, run))).state, 'finished');
    assert.equal(
      await foz.count('select count(*) from webhook where id <= 20000 and not id = any($1)', kept),
      0,
      'what nobody held is gone',
    );
    assert.equal(await foz.count('select count(*) from webhook where id = any($1)', kept), kept.length);
    for (const id of placed) await releaseHold(foz.platform, foz.organisationId, id, 'Settled', owner);
    await foz.driveAll();
  });

  test('a hold on a person keeps what points at them and what they point at', async () => {
    await addAccount(foz, 'p', 500, daysAgo(60));
    // Contact 501 wrote messages 502 and 504; the file belongs to message 501 of contact 502.
    const placed = await hold({ kind: 'subject', subject: 'contact', id: '502' });
    await foz.run();
    assert.deepEqual((await foz.product.query('select id from contact where account_id = $1', ['p'])).rows, [
      { id: '502' },
    ]);
    assert.equal(await foz.count(`select count(*) from message where account_id = 'p' and contact_id <> 502`), 0);
    assert.equal(await foz.count(`select count(*) from message where contact_id = 502`), 2);
    assert.equal(await foz.count(`select count(*) from attachment where id = 500`), 1);
    assert.ok(existsSync(join(foz.media, 'p/photo.jpg')));
    assert.equal(await foz.count(`select count(*) from account where id = 'p'`), 1);
    const [end] = await foz.transaction((tx) =>
      tx.db.selectFrom('retention.contract_end').selectAll().where('account', '=', 'p').execute(),
    );
    assert.equal(end?.state, 'held');
    await release(placed.id);
    assert.equal(await foz.count(`select count(*) from contact where account_id = 'p'`), 0);
    assert.equal(existsSync(join(foz.media, 'p/photo.jpg')), false);
  });

  test('a held row of a row set keeps its files, its parents and its whole partition', async () => {
    await foz.product.query(
      `create table audit_2023_05 partition of audit_log for values from ('2023-05-01') to ('2023-06-01');
       insert into audit_log values (1, '2023-05-02', 'a'), (2, '2023-05-03', 'a')`,
    );
    const placed = await hold({ kind: 'rows', dataset: 'audit-log', keys: [['2023-05-02 00:00:00+00', '1']] });
    await foz.run();
    assert.equal(await foz.count(`select count(*) from audit_log where recorded_at < '2024-01-01'`), 2);
    await release(placed.id);
    assert.equal(await foz.count(`select count(*) from audit_log where recorded_at < '2024-01-01'`), 0);
  });

  test('a hold on what the data map does not have is refused with the nearest names', async () => {
    await assert.rejects(hold({ kind: 'dataset', dataset: 'webhook-logs' }), /Nearest: webhook-log\./);
    await assert.rejects(hold({ kind: 'subject', subject: 'contacts', id: '1' }), /Nearest: contact\./);
    await assert.rejects(hold({ kind: 'rows', dataset: 'audit-log', keys: [['1']] }), /recorded_at, id/);
    assert.deepEqual(await foz.transaction(listUnfinishedRuns), []);
  });
});
