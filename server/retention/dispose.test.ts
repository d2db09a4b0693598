import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fill, openTestOrganisation, type TestOrganisation } from './test-organisation.ts';

describe('disposal on real stores', () => {
  let foz: TestOrganisation;
  before(async () => {
    foz = await openTestOrganisation();
    await fill(foz);
    await foz.publish();
  });
  after(() => foz.close());

  test('a plan tells what would go, leaf first, and a run takes exactly that', async () => {
    const plan = await foz.plan();
    console.log(
      plan.steps
        .map((s) =>
          [
            s.position,
            s.promise,
            s.dataset,
            s.path,
            s.rows,
            s.held,
            s.brake,
            s.obstacles.map((o) => o.explanation),
            s.reason,
          ].join(' | '),
        )
        .join('\n'),
    );
    const run = await foz.approve();
    console.log(
      run.state,
      run.reason,
      run.steps
        .map((s) =>
          [
            s.position,
            s.promise,
            s.dataset,
            s.state,
            s.reason,
            s.expected,
            s.disposed,
            s.remaining,
            s.held,
            s.bytesReusable,
          ].join(' | '),
        )
        .join('\n'),
    );
    assert.equal(run.state, 'finished');
    assert.equal(await foz.count('select count(*) from webhook'), 300);
    assert.equal(existsSync(join(foz.logs, 'app-100.log')), false);
  });
});
