import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { daysAgo, type OwnServer, startOwnServer } from './test-own.ts';

/** What Kept promises about notices, broken in its own database behind its back, seen *broken*, mended, seen *kept*. */
let own: OwnServer;
let elsewhere: string;
const announced = randomUUID();
const draft = randomUUID();

before(async () => {
  own = await startOwnServer();
  elsewhere = await own.test.newOrganisation();
  const columns = `organisation_id, id, state, revision, category, reason, legal_basis, audience, audience_only, channels,
    lead_days, main_language, created_at`;
  await own.change(
    `insert into messages.notice (${columns}, effective_on, time_zone, announced_at)
     values ($1, $2, 'announced', 1, 'announcement', 'other', '{}', 'list', '{}', '{e-mail}', 0, 'en', $3, '2026-01-01', 'UTC', $3)`,
    [elsewhere, announced, daysAgo(500)],
  );
  await own.change(
    `insert into messages.notice (${columns})
     values ($1, $2, 'draft', 1, 'announcement', 'other', '{}', 'list', '{}', '{e-mail}', 0, 'en', $3)`,
    [elsewhere, draft, daysAgo(500)],
  );
});
after(() => own.close());

async function expect(promise: string, status: string, code?: string): Promise<void> {
  const row = await own.prove(promise);
  assert.equal(row.status, status, `${promise}: ${JSON.stringify(row.reason)}`);
  if (code !== undefined) assert.equal(row.reason?.code, code);
}

const fix = (reference: string, age: number) =>
  own.change(
    `insert into messages.notice_recipient
       (organisation_id, notice_id, reference, language, has_address, email, salt, commitment, fixed_at)
     values ($1, $2, $3, 'en', true, 'ana@example.org', 'salt', 'commitment', $4)`,
    [elsewhere, announced, reference, daysAgo(age)],
  );

test('the address of a recipient goes after twelve months, and the proof of the notice stays', async () => {
  await own.whileStopped(async () => {
    await fix('c-1', 300);
    await expect('notice-addresses-twelve-months', 'kept');
    await fix('c-2', 400);
    await expect('notice-addresses-twelve-months', 'broken');
  });
  await own.dispose();
  await expect('notice-addresses-twelve-months', 'kept');
  assert.equal(await own.count('messages.notice_recipient where email is not null and salt is not null'), 1);
  assert.equal(
    await own.count(
      `messages.notice_recipient where reference = 'c-2' and email is null and salt is null
        and purged_at is not null and commitment = 'commitment'`,
    ),
    1,
  );
});

test('a list that was given with a draft goes after thirty days', async () => {
  const give = (reference: string, age: number) =>
    own.change(
      `insert into messages.notice_listed (organisation_id, notice_id, reference, email, given_at)
       values ($1, $2, $3, 'ana@example.org', $4)`,
      [elsewhere, draft, reference, daysAgo(age)],
    );
  await own.whileStopped(async () => {
    await give('c-1', 10);
    await expect('notice-lists-thirty-days', 'kept');
    await give('c-2', 40);
    await expect('notice-lists-thirty-days', 'broken');
  });
  await own.dispose();
  await expect('notice-lists-thirty-days', 'kept');
  assert.equal(await own.count('messages.notice_listed'), 1);
});

test('a recipient without a reference is a broken promise', async () => {
  await expect('notices-recorded', 'kept');
  await own.change(`update messages.notice_recipient set reference = '' where reference = 'c-1'`);
  await expect('notices-recorded', 'broken', 'fact-missing');
  await own.change(`update messages.notice_recipient set reference = 'c-1' where reference = ''`);
  await expect('notices-recorded', 'kept');
});
