import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listContractEnds, listHolds, listPlans, listRuns } from './contract.ts';

test('a cursor that no page gave is refused before the database sees it', () => {
  const id = '01900000-0000-7000-8000-000000000000';
  for (const { path, query } of [listPlans, listRuns, listContractEnds]) {
    assert.ok(query.safeParse({ after: id }).success, path);
    for (const after of ['x', `${id}x`, '1']) assert.ok(!query.safeParse({ after }).success, `${path} ${after}`);
  }
  assert.ok(listHolds.query.safeParse({ after: `held.${id}` }).success);
  for (const after of [id, 'held.', `else.${id}`, `held.${id}.x`])
    assert.ok(!listHolds.query.safeParse({ after }).success, after);
});
