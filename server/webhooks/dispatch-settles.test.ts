import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { askForDispatch } from './dispatch.ts';
import { dispatchSubscription } from './dispatch-subscription.ts';
import { openResultWriter } from './result-writer.ts';
import { lockSubscription } from './show-subscription.ts';
import { updateState } from './subscription-store.ts';
import { openTestSubscriptions, until } from './test-subscriptions.ts';

const kept = await openTestSubscriptions();
after(() => kept.close());

test('who goes on while a loop that saw a pause ends is not forgotten', async () => {
  const { platform, organisationId, admin } = kept;
  await kept.dispatcher.stop();
  const { id } = await kept.subscribe({ url: 'http://127.0.0.1:1/' });
  await kept.call('POST', `/v1/webhooks/subscriptions/${id}/pause`);
  await platform.db.transaction(organisationId, (tx) => askForDispatch(tx, id, new Date(Date.now() + 3_600_000)));
  await admin.query(
    `insert into webhooks.delivery (organisation_id, id, subscription_id, sequence, entry_id, kind, body, state, attempts,
       round_attempts, created_at, queued_at, due_at)
     values ($1, gen_random_uuid(), $2, 0, gen_random_uuid(), 'accounts.cancelled', '{}', 'waiting', 0, 0, now(), now(), now())`,
    [organisationId, id],
  );
  const never = new AbortController().signal;
  const results = openResultWriter(platform, never);
  const dispatching = { platform, results, ending: never, abandoning: never, timeoutMs: 500, width: 1 };
  let loop = Promise.resolve();
  await platform.db.transaction(organisationId, async (tx) => {
    await lockSubscription(tx, id);
    await updateState(tx, id, 'active');
    await askForDispatch(tx, id, tx.at);
    loop = dispatchSubscription(dispatching, organisationId, id);
    await until('the loop waits for this to end', async () => {
      const { rows } = await admin.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
           and query like '%webhooks%for update'`,
      );
      return rows.length > 0;
    });
  });
  await loop;
  const { rows } = await admin.query('select due_at <= now() as is_due from webhooks.due where subscription_id = $1', [
    id,
  ]);
  assert.deepEqual(rows, [{ is_due: true }]);
});
