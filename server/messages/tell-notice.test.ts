import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tellNotice } from './tell-notice.ts';
import { openTestNotices } from './test-notices.ts';
import { tellElsewhere } from './test-telling-process.ts';

/** Many recipients, processes that are killed, and several at once. */
const server = await openTestNotices();
const { kept, admin, mail } = server;
after(() => server.close());

const environment = {
  DATABASE_URL: kept.adminUrl,
  KEPT_DATA_DIR: kept.platform.config.dataDirectory,
  KEPT_SMTP_URL: mail.url,
};

const one = async (statement: string, values: unknown[]): Promise<number> =>
  (await admin.query<{ n: number }>(statement, values)).rows[0]?.n ?? 0;

/** A draft with a list of so many, each with an address of their own. */
async function draftFor(recipients: number, channels: ('e-mail' | 'in-product')[]) {
  const notice = await server.draft({ channels });
  await admin.query(
    `insert into messages.notice_listed (organisation_id, notice_id, reference, email, given_at)
     select $1, $2, 'c-' || lpad(i::text, 6, '0'), 'p' || i || '@example.org', now() from generate_series(1, $3) i`,
    [kept.organisationId, notice, recipients],
  );
  await server.announce(notice);
  return notice;
}

test('100,000 recipients are fixed and told once each in a heap of 64 MiB, with two processes at it', async () => {
  const recipients = 100_000;
  const notice = await draftFor(recipients, ['in-product']);
  const started = performance.now();
  const children = [1, 2].map(() => tellElsewhere(kept.organisationId, notice, environment, 64));
  const ends = await Promise.all(children.map((child) => once(child, 'exit')));
  assert.deepEqual(
    ends.map(([code]) => code),
    [0, 0],
  );
  console.log(`# ${recipients} recipients in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  assert.equal(
    await one('select count(*)::int as n from messages.notice_recipient where notice_id = $1 and batch is not null', [
      notice,
    ]),
    recipients,
  );
  const { rows } = await admin.query<{ leaf: string }>(`select leaf from ledger.pending where kind = 'notice.told'`);
  const bodies = rows.map(({ leaf }) => JSON.parse(leaf).body).filter((body) => body.notice === notice);
  assert.equal(
    bodies.reduce((sum, body) => sum + body.recipients, 0),
    recipients,
  );
  assert.deepEqual(
    bodies.map(({ batch }) => batch),
    bodies.map((_, at) => at + 1),
  );
});

test('a process killed at any moment tells nobody twice and leaves nobody out', async () => {
  const recipients = 600;
  const notice = await draftFor(recipients, ['e-mail', 'in-product']);
  let kills = 0;
  // Seeded by its own number: the first die while they start, the later ones in the midst of a batch.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const child = tellElsewhere(kept.organisationId, notice, environment);
    const ended = once(child, 'exit');
    await begun(notice, attempt);
    await sleep(attempt * 37);
    if (child.kill('SIGKILL')) kills += 1;
    await ended;
    await sendQueued();
  }
  assert.ok(kills >= 4, `${kills} were killed at it`);
  let isTelling = true;
  const telling = tellNotice(kept.platform, kept.organisationId, notice).finally(() => {
    isTelling = false;
  });
  while (isTelling) {
    await sendQueued();
    await sleep(50);
  }
  await telling;
  await sendQueued();
  await tellNotice(kept.platform, kept.organisationId, notice);
  const { figures, toldAt, recipients: fixed } = await server.get(`/v1/messages/notices/${notice}`);
  assert.equal(fixed, recipients);
  assert.deepEqual([figures.recipients, figures.sent, figures.waiting], [recipients, recipients, 0]);
  assert.notEqual(toldAt, null);
  const messages = `select count(*)::int as n from messages.message where template = 'notice-legal'`;
  assert.equal(await one(messages, []), recipients, 'one mail each');
  const { rows } = await admin.query<{ leaf: string }>(
    `select leaf from ledger.pending where kind = 'notice.told' order by entry_id`,
  );
  const bodies = rows.map(({ leaf }) => JSON.parse(leaf).body).filter((body) => body.notice === notice);
  assert.equal(
    bodies.reduce((sum, body) => sum + body.mails, 0),
    recipients,
    'what is recorded is what was told',
  );
});

/** As if the mail server had taken what was queued so far: how it does is tried elsewhere. */
async function sendQueued(): Promise<void> {
  await admin.query(
    `update messages.message set state = 'sent', sent_at = queued_at, attempts = 1, next_attempt_at = null, reason = null
      where state = 'queued'`,
  );
}

/** Until the process has done something, or five seconds. */
async function begun(notice: string, attempt: number): Promise<void> {
  const told = `select count(*)::int as n from messages.notice_recipient where notice_id = $1`;
  const target = attempt === 0 ? 0 : 1;
  for (let wait = 0; wait < 100 && (await one(told, [notice])) < target; wait += 1) await sleep(50);
}

test('mails of a notice do not stand in the way of others: few of them wait for a first attempt', async () => {
  const notice = await draftFor(1_000, ['e-mail']);
  const telling = new AbortController();
  const done = tellNotice(kept.platform, kept.organisationId, notice, telling.signal).catch((error: unknown) => {
    if (!telling.signal.aborted) throw error;
  });
  for (let wait = 0; wait < 30; wait += 1) {
    await sleep(100);
    const untried = await one(
      `select count(*)::int as n from messages.message where state = 'queued' and attempts = 0`,
      [],
    );
    assert.ok(untried <= 200, `${untried} wait`);
  }
  telling.abort();
  await done;
  assert.ok((await one('select count(*)::int as n from messages.message where state = $1', ['queued'])) >= 100);
});
