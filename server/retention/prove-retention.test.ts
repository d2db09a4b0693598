import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cancelAccount } from '../accounts/cancel-account.ts';
import { endAccount } from '../accounts/end-account.ts';
import { placeHold } from './place-hold.ts';
import {
  dayMs,
  daysAgo,
  fill,
  now,
  openTestOrganisation,
  owner,
  promises,
  type TestOrganisation,
} from './test-organisation.ts';

describe('proofs are counted in the store', () => {
  let foz: TestOrganisation;
  before(async () => {
    foz = await openTestOrganisation();
    await fill(foz);
    await foz.publish();
    await foz.approve();
  });
  after(() => foz.close());

  const status = async (promise: string): Promise<string> => (await foz.prove(promise)).status;
  const webhook = (id: number, days: number) =>
    foz.product.query(`insert into webhook values ($1, 'a', 'payload', $2)`, [id, daysAgo(days)]);

  test('after a run every promise is kept, with the measured age beside the limit', async () => {
    for (const promise of Object.keys(promises)) {
      const proof = await foz.prove(promise);
      // No mail server is configured here, so the owner of the ended account has not been told yet.
      if (promise === 'end-confirmed') assert.equal(proof.status, 'due');
      else
        assert.equal(
          proof.status,
          'kept',
          `${promise}: ${JSON.stringify(proof.reason)} ${JSON.stringify(proof.measurement?.places)}`,
        );
    }
    const { measurement } = await foz.prove('webhooks-30-days');
    assert.equal(measurement?.limitSeconds, 30 * 86_400);
    assert.equal(measurement?.toleranceSeconds, 86_400);
    assert.equal(measurement?.oldestAt, new Date(now.getTime() - 29 * dayMs - 3_600_000).toISOString());
    assert.equal(measurement?.ageSeconds, 29 * 86_400 + 3600);
  });

  test('a row within the tolerance is due, beyond it broken, under a hold neither', async () => {
    await webhook(10_001, 30.5);
    const due = await foz.prove('webhooks-30-days');
    assert.deepEqual([due.status, due.reason?.code], ['due', 'due-soon']);
    await webhook(10_002, 31.5);
    const broken = await foz.prove('webhooks-30-days');
    assert.deepEqual(
      [broken.status, broken.measurement?.places[0]?.due, broken.measurement?.places[0]?.broken],
      ['broken', 1, 1],
    );
    await placeHold(foz.platform, foz.organisationId, {
      target: { kind: 'rows', dataset: 'webhook-log', keys: [['10001'], ['10002']] },
      reason: 'Evidence',
      reviewOn: '2027-01-01',
      by: owner,
    });
    const held = await foz.prove('webhooks-30-days');
    assert.deepEqual([held.status, held.measurement?.places[0]?.held], ['kept', 2]);
    assert.ok((held.measurement?.ageSeconds ?? 0) < 30 * 86_400, 'a held row does not count as the oldest');
  });

  test('a row that waits for its whole partition is due, and nobody says that the next run takes it', async () => {
    await foz.product.query(`insert into audit_log values (99001, $1, 'a')`, [daysAgo(735)]);
    const waiting = await foz.prove('audit-two-years');
    assert.deepEqual([waiting.status, waiting.reason?.code], ['due', 'due-in-bulk']);
    assert.equal((await foz.prove('everything')).reason?.code, 'due-in-bulk');
    await foz.product.query('delete from audit_log where id = 99001');
  });

  test('one broken promise breaks the promise about everything', async () => {
    await webhook(10_003, 40);
    const proof = await foz.prove('everything');
    assert.deepEqual([proof.status, proof.reason?.code], ['broken', 'overdue']);
    await foz.run();
    assert.equal(await status('everything'), 'kept');
  });

  test('a category without any promise is broken, whatever is stored', async () => {
    const { 'logs-90-days': _left, ...rest } = promises;
    await foz.publish({ promises: rest });
    const proof = await foz.prove('everything');
    assert.deepEqual([proof.status, proof.reason?.figures['data']], ['broken', 'application-log']);
    await foz.publish();
  });

  test('a file that no row names is broken once it is old enough, and the next run removes it', async () => {
    foz.writeFile(foz.media, 'lost/new.jpg', now);
    assert.equal(await status('files-with-message'), 'due');
    foz.writeFile(foz.media, 'lost/old.jpg', daysAgo(3));
    assert.equal(await status('files-with-message'), 'broken');
    await foz.run();
    assert.equal(await status('files-with-message'), 'due', 'a new one may be about to be named');
    rmSync(join(foz.media, 'lost'), { recursive: true });
    assert.equal(await status('files-with-message'), 'kept');
  });

  test('a lead that was forgotten is broken until it is anonymised, and then is no datum any more', async () => {
    await foz.product.query(`insert into lead values (500, 'Lea', 'lea@mail.example', '+5511', $1, null)`, [
      daysAgo(400),
    ]);
    assert.equal(await status('leads-anonymised'), 'broken');
    await foz.run();
    assert.equal(await status('leads-anonymised'), 'kept');
  });

  test('rows of an account that ended are due, then broken; those of an active one never', async () => {
    await foz.product.query(`insert into account values ('w', 'active', null, null)`);
    await foz.run();
    await foz.product.query(`insert into operator values (950, 'w', 'W')`);
    assert.equal(await status('operators-while-active'), 'kept');
    await foz.transaction(async (tx) => {
      await cancelAccount(tx, 'w', daysAgo(30.5));
      await endAccount(tx, 'w', now);
    });
    assert.equal(await status('operators-while-active'), 'due');
    foz.clock.advance(dayMs);
    assert.equal(await status('operators-while-active'), 'broken');
    foz.clock.set(now);
  });

  test('rows without a date are never called kept: no period can reach them', async () => {
    await foz.product.query('alter table token alter column expires_at drop not null');
    await foz.product.query(`insert into token values (960, 'a', 'grant-x', null)`);
    const proof = await foz.prove('tokens-until-expiry');
    assert.deepEqual([proof.status, proof.reason?.code], ['unproven', 'rows-without-clock']);
    await foz.product.query('delete from token where id = 960');
    assert.equal(await status('tokens-until-expiry'), 'kept');
  });

  test('a rule that nobody approved says so', async () => {
    await webhook(10_004, 20);
    const changed = { keep: { data: 'webhook-log', for: 'P10D', from: 'received', then: 'delete' } };
    await foz.publish({ promises: { ...promises, 'webhooks-30-days': changed } });
    const proof = await foz.prove('webhooks-30-days');
    assert.deepEqual([proof.status, proof.reason?.code], ['broken', 'disposal-unapproved']);
    await foz.publish();
  });
});
