import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { optOut } from '../messages/opt-out.ts';
import { queueMail } from '../messages/queue-mail.ts';
import { recipientKeyOf } from '../messages/recipient-key.ts';
import type { Id, OrganisationId } from '../platform/contract.ts';
import { newId } from '../platform/ids.ts';
import { daysAgo, type OwnServer, startOwnServer } from './test-own.ts';

/** What Kept promises of the mail it sends, broken in the store of another organisation and mended there. */
let own: OwnServer;
let organisationId: OrganisationId;

before(async () => {
  own = await startOwnServer();
  organisationId = await own.test.newOrganisation();
});
after(() => own.close());

async function expect(promise: string, status: string, code?: string): Promise<void> {
  const row = await own.prove(promise);
  assert.equal(row.status, status, `${promise}: ${JSON.stringify(row.reason)}`);
  if (code !== undefined) assert.equal(row.reason?.code, code);
}

function announce(to: string): Promise<Id<'Message'>> {
  const figures = { organisation: 'Maré', subject: 'News', paragraphs: ['Something new.'] };
  const order = { template: 'announcement', to, language: 'en' as const, figures, idempotencyKey: randomUUID() };
  return own.platform.db.transaction(organisationId, (tx) => queueMail(tx, order));
}

/** As if a mail server had taken it over, in an attempt that began so many minutes after the opt-out. */
function sent(id: Id<'Message'>, minutes: { readonly begun: number; readonly taken: number }): Promise<number> {
  return own.change(
    `update messages.message m set state = 'sent', reason = null, next_attempt_at = null, attempts = 1,
       attempted_at = o.opted_out_at + $2 * interval '1 minute', sent_at = o.opted_out_at + $3 * interval '1 minute'
      from messages.opt_out o where o.recipient_key = m.recipient_key and m.id = $1`,
    [id, minutes.begun, minutes.taken],
  );
}

test('CF-06: an announcement that left after its recipient had opted out is a broken promise', async () => {
  const id = await announce('ana@example.org');
  await own.platform.db.transaction(organisationId, (tx) => optOut(tx, { address: 'ana@example.org', via: 'page' }));
  await expect('announcements-declined', 'kept');
  await sent(id, { begun: -2, taken: -1 });
  await expect('announcements-declined', 'kept');
  await sent(id, { begun: -1, taken: 1 });
  await expect('announcements-declined', 'kept');
  for (const minutes of [
    { begun: 1, taken: 2 },
    { begun: 60 * 24, taken: 60 * 24 },
    // Begun in time and handed over by a process that had slept.
    { begun: -1, taken: 30 },
  ]) {
    assert.equal(await sent(id, minutes), 1);
    await expect('announcements-declined', 'broken', 'opt-out-ignored');
  }
  await own.change('update messages.message set recipient_key = $2 where id = $1', [id, keyOf('bia@example.org')]);
  await expect('announcements-declined', 'kept');
});

test('CF-06: a bounce changes nothing about that, and who changed their mind may be written to', async () => {
  const id = await announce('caio@example.org');
  await own.platform.db.transaction(organisationId, (tx) => optOut(tx, { address: 'caio@example.org', via: 'api' }));
  await sent(id, { begun: 10, taken: 11 });
  await own.change(`update messages.message set state = 'bounced', bounced_at = sent_at where id = $1`, [id]);
  await expect('announcements-declined', 'broken', 'opt-out-ignored');
  await own.change(
    `with taken as (delete from messages.opt_out where recipient_key = $1 returning *)
     insert into messages.withdrawn_opt_out select t.*, t.opted_out_at + interval '5 minutes' from taken t`,
    [keyOf('caio@example.org')],
  );
  await expect('announcements-declined', 'kept');
});

test('PR-05: mail of no known kind, or under another purpose than its own, is a broken promise', async () => {
  const id = await announce('davi@example.org');
  await expect('mail-by-purpose', 'kept');
  await own.change(`update messages.message set category = 'legal' where id = $1`, [id]);
  await expect('mail-by-purpose', 'broken', 'mail-unexplained');
  await own.change(`update messages.message set category = 'announcement' where id = $1`, [id]);
  await expect('mail-by-purpose', 'kept');
  await own.change(`update messages.message set template = 'survey' where id = $1`, [id]);
  await expect('mail-by-purpose', 'broken', 'mail-unexplained');
  await own.change(`update messages.message set template = 'announcement' where id = $1`, [id]);
  await expect('mail-by-purpose', 'kept');
});

test('CF-05: a billing alert without what is recorded of it is a broken promise', async () => {
  const figures = { organisation: 'Maré', reason: 'payment-failed', amount: { value: '129.90', currency: 'BRL' } };
  const id = await own.platform.db.transaction(organisationId, (tx) =>
    queueMail(tx, {
      template: 'billing-alert',
      to: 'eva@example.org',
      language: 'pt-BR',
      figures,
      idempotencyKey: randomUUID(),
    }),
  );
  await expect('messages-recorded', 'kept');
  await own.change(`update messages.message set template = '' where id = $1`, [id]);
  await expect('messages-recorded', 'broken', 'fact-missing');
  await own.change(`update messages.message set template = 'billing-alert' where id = $1`, [id]);
  await expect('messages-recorded', 'kept');
});

test('CF-06: an opt-out goes ninety days after it was withdrawn, and never while it holds', async () => {
  const insert = (withdrawn: Date) =>
    own.change(
      `insert into messages.withdrawn_opt_out (organisation_id, id, recipient_key, via, opted_out_at, withdrawn_at)
       values ($1, $2, $3, 'page', $4, $5)`,
      [organisationId, newId<'OptOut'>(daysAgo(800)), keyOf(`${randomUUID()}@example.org`), daysAgo(800), withdrawn],
    );
  const inForce = await own.count('messages.opt_out');
  const before = await own.count('messages.withdrawn_opt_out');
  await own.whileStopped(async () => {
    await insert(daysAgo(10));
    await expect('withdrawn-opt-outs-ninety-days', 'kept');
    await insert(daysAgo(120));
    await expect('withdrawn-opt-outs-ninety-days', 'broken');
  });
  await own.dispose();
  await expect('withdrawn-opt-outs-ninety-days', 'kept');
  assert.equal(await own.count('messages.withdrawn_opt_out'), before + 1);
  assert.ok(inForce > 0);
  assert.equal(await own.count('messages.opt_out'), inForce);
});

function keyOf(address: string): Buffer {
  return recipientKeyOf({ database: own.platform.db, organisationId }, address);
}
