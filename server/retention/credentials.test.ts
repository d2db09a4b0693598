import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { findOrganisation } from '../access/list-organisations.ts';
import { publishDataMap } from '../datamap/publish-data-map.ts';
import type { OrganisationId } from '../platform/contract.ts';
import type { Tx } from '../platform/database.ts';
import { publishPolicy } from '../policy/publish-policy.ts';
import { approvePlan } from './decide-plan.ts';
import { driveRun } from './drive-run.ts';
import { observeOrganisation } from './observe-accounts.ts';
import { planDisposal } from './plan-disposal.ts';
import { listUnfinishedRuns } from './run-store.ts';
import { getRun } from './show-run.ts';
import {
  datasets,
  daysAgo,
  fill,
  mapSource,
  openTestOrganisation,
  owner,
  policySource,
  promises,
  type TestOrganisation,
} from './test-organisation.ts';

describe('the credentials of another organisation', () => {
  let foz: TestOrganisation;
  let other: OrganisationId;
  let slug: string;
  before(async () => {
    foz = await openTestOrganisation();
    await fill(foz);
    other = await foz.test.newOrganisation();
    slug = (await findOrganisation(foz.platform, other))?.slug ?? '';
    const source = policySource(promises);
    await within((tx) => publishPolicy(tx, { source, parent: null, actor: owner }));
    const places = Object.entries(datasets).map(([name, dataset]) => [name, { ...dataset, brake: 1 }]);
    const map = mapSource(Object.fromEntries(places));
    await publishDataMap(foz.platform, other, { source: map, parent: null, actor: owner });
  });
  after(() => foz.close());

  const within = <T>(work: (tx: Tx) => Promise<T>) => foz.platform.db.transaction(other, work);
  const unscoped = () => ({ crm: foz.productUrl, media: foz.media, logs: foz.logs });
  const overdue = () => foz.count('select count(*) from webhook where received_at < $1', daysAgo(30));
  const plan = () => planDisposal(foz.platform, other, { by: owner });

  test('open no system to a plan or to a look at accounts; what is said names the place of its own', async () => {
    for (const { dataset, obstacles, rows } of (await plan()).steps) {
      assert.equal(rows, 0, dataset);
      assert.match(obstacles[0]?.explanation ?? '', /No credential is known under “(crm|media|logs)”/, dataset);
      assert.match(obstacles[0]?.remedy ?? '', new RegExp(`^Set “\\w+” under “${slug}” in the secrets file\\.$`));
    }
    const problem = await observeOrganisation(foz.platform, other);
    assert.match(problem ?? '', /No credential is known under “crm”/);
  });

  test('open none to a run either, though it was planned and approved with credentials of its own', async () => {
    writeFileSync(foz.secrets, JSON.stringify({ ...unscoped(), [slug]: unscoped() }));
    const planned = await plan();
    assert.ok(planned.rows > 0);
    writeFileSync(foz.secrets, JSON.stringify(unscoped()));
    const before = await overdue();
    assert.ok(before > 0);
    await within((tx) => approvePlan(foz.platform, tx, planned.id, planned.rows, owner));
    for (const { id } of await within(listUnfinishedRuns)) await driveRun(foz.platform, other, id);
    // Looking at the accounts may have begun runs for contract ends; the plan's own is the person's.
    const run = (await within(listUnfinishedRuns)).find(({ cause }) => cause === 'person');
    assert.ok(run !== undefined);
    const shown = await within((tx) => getRun(tx, run.id));
    assert.equal(shown.state, 'waiting');
    assert.match(JSON.stringify(shown), /No credential is known under/);
    assert.equal(await overdue(), before);

    // The same run, with what is its own again: only the credential was in its way.
    writeFileSync(foz.secrets, JSON.stringify({ ...unscoped(), [slug]: unscoped() }));
    await driveRun(foz.platform, other, run.id);
    assert.equal(await overdue(), 0);
  });
});
